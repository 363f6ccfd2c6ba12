import { unmetExpectations } from '../../core/job/check-expectations.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { knownAddresses } from '../../core/job/known-addresses.ts'
import { pollInterval } from '../../core/job/poll-interval.ts'
import type { Step } from '../../core/plan-steps.ts'
import { differingFields } from '../../core/planned-fields.ts'
import type { ClusterFacts } from '../../core/snapshot.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { observedOf } from './observed.ts'
import { fail, faulted, lookAgain, succeed } from './outcome.ts'

/** The cluster can lag a little behind its operation; after this long a state that is not at rest is a result. */
export const LAG_LIMIT_MS = 5 * 60_000

/** After a write: success is claimed only when the cluster itself shows it. */
export async function readBack(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  try {
    await verify(deps, job, step, [])
  } catch (error) {
    await faulted(deps, job, step, error)
  }
}

/** Reads the cluster and holds it against what the step expects. */
export async function verify(deps: JobsDeps, job: LoadedJob, step: Step, started: JobEvent[]): Promise<void> {
  const { facts, body } = await deps.arm.getCluster(job.plan.cluster)
  const now = deps.now()
  const since = sinceOf(job, step) ?? now.toISOString()
  const elapsedMs = now.getTime() - new Date(since).getTime()
  if (/ing$/.test(facts.provisioningState) && elapsedMs < LAG_LIMIT_MS) {
    return lookAgain(deps, job, step, new Date(now.getTime() + pollInterval(elapsedMs, null)), started)
  }
  const unmet = unmetExpectations(step.expects, body, knownAddresses(job.state))
  if (unmet.length === 0)
    return succeed(deps, job, step, observedOf(facts), [...started, ...ignoredFields(deps, job, step, facts)])
  await fail(deps, job, step, 'TARGET_NOT_REACHED', { detail: `${unmet.join('; ')}.` }, started)
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

export function sinceOf(job: LoadedJob, step: Step): string | null {
  const progress = job.state.steps[step.key]
  if (progress === undefined) return null
  return progress.write.phase === 'ended' ? progress.write.at : progress.startedAt
}
