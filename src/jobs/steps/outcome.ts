import { ArmFault } from '../../azure/arm-fault.ts'
import type { FaultNote, JobEvent, Observed } from '../../core/job/events.ts'
import type { JobErrorCode } from '../../core/job/job.ts'
import { jobError } from '../../core/job/job-error.ts'
import { verdictOn } from '../../core/job/retry-policy.ts'
import type { Step } from '../../core/plan.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { record } from '../record.ts'

/** The step is done; the job goes on at once. `before` are events that led here. */
export async function succeed(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  observed: Observed | null,
  before: JobEvent[] = [],
): Promise<void> {
  const at = deps.now().toISOString()
  await record(deps, job, [...before, { type: 'stepSucceeded', at, step: step.key, observed }])
  deps.logger.info({ jobId: job.row.id, cluster: job.plan.cluster.id, step: step.key }, 'step done')
}

/** The job ends here, and everything stays as it is: nothing is narrowed or taken back. */
export async function fail(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  code: JobErrorCode,
  given: Parameters<typeof jobError>[2] = {},
  before: JobEvent[] = [],
): Promise<void> {
  const error = jobError(code, step.key, given)
  const at = deps.now().toISOString()
  await record(deps, job, [...before, { type: 'ended', at, status: 'Failed', error }])
  deps.logger.warn(
    { jobId: job.row.id, cluster: job.plan.cluster.id, step: step.key, code, arm: error.arm },
    'job failed',
  )
}

/**
 * A call to Azure failed: by the retry table the step is tried again later or the job ends. `eventOf` makes
 * the event of a retry; without it the call is simply repeated.
 */
export async function faulted(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  error: unknown,
  before: JobEvent[] = [],
  eventType: 'faulted' | 'writeRefused' = 'faulted',
): Promise<void> {
  if (!(error instanceof ArmFault)) throw error
  const fault = noteOf(error)
  const now = deps.now()
  const progress = job.state.steps[step.key]
  const since = progress?.faults.since ?? null
  const verdict = verdictOn({
    kind: error.kind,
    count: progress?.faults.count ?? 0,
    elapsedMs: since === null ? 0 : now.getTime() - new Date(since).getTime(),
    retryAfterMs: error.retryAfterMs,
    random: deps.random(),
  })
  if (verdict.kind === 'fail') return fail(deps, job, step, verdict.code, { arm: fault }, before)
  const retryAt = new Date(now.getTime() + verdict.afterMs)
  const facts = { jobId: job.row.id, step: step.key, kind: error.kind, code: error.code, retryAt }
  deps.logger.warn(facts, 'Azure did not do as asked; trying again')
  const event: JobEvent = {
    type: eventType,
    at: now.toISOString(),
    step: step.key,
    fault,
    retryAt: retryAt.toISOString(),
  }
  await record(deps, job, [...before, event], retryAt)
}

export function noteOf({ kind, code, message, requestId }: ArmFault): FaultNote {
  return { kind, code, message, requestId }
}
