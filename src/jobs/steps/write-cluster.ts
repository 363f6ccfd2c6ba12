import type { ClusterReading } from '../../azure/arm.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { knownAddresses, resolvedChanges } from '../../core/job/known-addresses.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { fail, startEvent } from './outcome.ts'
import { refuseSending } from './refuse-sending.ts'
import { sendWrite } from './send-write.ts'

/** Sends the step's one PUT of the cluster: a fresh GET, the plan's changes, nothing else. */
export async function writeCluster(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  isNew: boolean,
): Promise<void> {
  if (step.does.kind !== 'updateCluster') throw new Error('not a step that writes the cluster')
  const { apiVersion } = step.does
  const started: JobEvent[] = isNew ? [startEvent(deps, step)] : []
  const changes = resolvedChanges(step.does.changes, knownAddresses(job.state))
  if (changes === null) {
    const detail = 'An address that has to be authorized was not found.'
    return fail(deps, job, step, 'TARGET_NOT_REACHED', { detail }, started)
  }
  await sendWrite(deps, job, step, {
    changes,
    started,
    start: (intend, mayLeave) =>
      deps.arm.startClusterUpdate({
        ref: job.plan.cluster,
        apiVersion,
        changes,
        discoveredEgress: [],
        mayLeave,
        async beforeSend(reading: ClusterReading) {
          refuseSending(job, step, reading, changes)
          await intend(reading.facts.etag)
        },
      }),
  })
}
