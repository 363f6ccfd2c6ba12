import type { Step } from '../../contract/steps.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { isInProgress } from '../../core/arm/words.ts'
import type { JobEvent, Observations } from '../../core/job/events.ts'
import { knownAddresses, unmetExpectations } from '../../core/job/expectations.ts'
import { pollInterval } from '../../core/job/polling.ts'
import { valueAtPointer } from '../../core/lib/json.ts'
import { declaredEgress, declaredTypeLabel } from '../../core/snapshot/network-profile.ts'
import type { ClusterFacts } from '../../core/snapshot/snapshot.ts'
import { differingFields } from '../../core/target/cluster-patch.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../event-log.ts'
import { failJob, handleArmError, scheduleNextRead, succeedStep } from './outcome.ts'
import { containsSent, readStepResource, toPreparedAddresses } from './resource-state.ts'

/** What a reading of the cluster says for the job's result. */
export function toObserved(cluster: ClusterFacts): Observations {
  return {
    outboundType: declaredTypeLabel(cluster),
    natGatewaySku: declaredEgress(cluster).sku,
    authorizedIPRanges: cluster.authorizedIPRanges,
  }
}

/** The cluster can lag a little behind its operation; after this long a state that is not at rest is a result. */
const MAX_LAG_MS = 5 * 60_000

/** After a write: success is claimed only when the cluster itself shows it. */
export async function readBackCluster(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  try {
    await verifyCluster(deps, job, step, [])
  } catch (error) {
    await handleArmError(deps, job, step, error)
  }
}

/** Reads the cluster and holds it against what the step expects. */
export async function verifyCluster(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  started: JobEvent[],
): Promise<void> {
  const { facts, body } = await deps.arm.getCluster(job.plan.cluster)
  const now = deps.now()
  const since = resolveReadBackStart(job, step) ?? now.toISOString()
  const elapsedMs = now.getTime() - new Date(since).getTime()
  if (isInProgress(facts.provisioningState) && elapsedMs < MAX_LAG_MS) {
    return scheduleNextRead(deps, job, step, new Date(now.getTime() + pollInterval(elapsedMs, null)), started)
  }
  const unmet = unmetExpectations(step.expects, body, knownAddresses(job.state))
  if (unmet.length === 0)
    return succeedStep(deps, job, step, toObserved(facts), [
      ...started,
      ...ignoredFields(deps, job, step, facts),
    ])
  await failJob(deps, job, step, 'TARGET_NOT_REACHED', { detail: `${unmet.join('; ')}.` }, started)
}

/** ARM takes some settings and drops them in silence (needs N7): the verification says so, the change stands. */
function ignoredFields(deps: JobsDeps, job: LoadedJob, step: Step, facts: ClusterFacts): JobEvent[] {
  if (step.does.kind !== 'readBack') return []
  const ignored = differingFields(job.plan.to, facts).filter((field) => field.op === 'set')
  return ignored.map((field) => ({
    type: 'warned',
    at: deps.now().toISOString(),
    step: step.key,
    message: `Azure shows another value at ${field.path} than the plan wrote.`,
  }))
}

function resolveReadBackStart(job: LoadedJob, step: Step): string | null {
  const progress = job.state.steps[step.key]
  if (progress === undefined) return null
  return progress.write.phase === 'ended' ? progress.write.at : progress.startedAt
}

/** After the write of a resource: success is claimed only when the resource itself shows it. */
export async function readBackResource(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  try {
    await verifyResource(deps, job, step)
  } catch (error) {
    await handleArmError(deps, job, step, error)
  }
}

async function verifyResource(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const { does } = step
  const reading = await readStepResource(deps, step)
  if (does.kind === 'deleteResource') {
    if (reading === null) return succeedStep(deps, job, step, null)
    return failJob(deps, job, step, 'TARGET_NOT_REACHED', {
      detail: `${lastSegment(does.id)} is still there.`,
    })
  }
  if (does.kind !== 'putResource' && does.kind !== 'upgradeNodeImage')
    throw new Error('not a step that writes a resource')
  if (reading === null)
    return failJob(deps, job, step, 'TARGET_NOT_REACHED', { detail: `${lastSegment(does.id)} is not there.` })
  const now = deps.now()
  const elapsedMs = now.getTime() - new Date(resolveReadBackStart(job, step) ?? now.toISOString()).getTime()
  const state = valueAtPointer(reading.body, '/properties/provisioningState')
  if (typeof state === 'string' && isInProgress(state) && elapsedMs < MAX_LAG_MS)
    return scheduleNextRead(deps, job, step, new Date(now.getTime() + pollInterval(elapsedMs, null)))
  const unmet = unmetExpectations(step.expects, reading.body, knownAddresses(job.state))
  if (does.kind === 'putResource' && does.body !== null && !containsSent(reading.body, does.body))
    unmet.push(`${lastSegment(does.id)} is not as it was asked for`)
  if (unmet.length > 0)
    return failJob(deps, job, step, 'TARGET_NOT_REACHED', { detail: `${unmet.join('; ')}.` })
  const prepared = toPreparedAddresses(does.id, reading.body)
  await succeedStep(deps, job, step, prepared.length === 0 ? null : { prepared })
}
