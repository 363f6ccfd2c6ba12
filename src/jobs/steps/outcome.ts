import { ArmFault, BUDGET_SPENT } from '../../azure/errors/arm-fault.ts'
import type { JobError, JobErrorCode } from '../../contract/job.ts'
import type { Step } from '../../contract/steps.ts'
import type { JobEvent, Observations, RecordedFault } from '../../core/job/events.ts'
import { jobError } from '../../core/job/job-error.ts'
import { decideRetry } from '../../core/job/retry-policy.ts'
import { buildRollbackSteps } from '../../core/job/rollback-steps.ts'
import { StaleRevisionError } from '../../database/stores/job-store.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts, recordEvents, reloadJob, withEvents } from '../event-log.ts'

export function stepStartedEvent(deps: JobsDeps, step: Step): JobEvent {
  return { type: 'stepStarted', at: deps.now().toISOString(), step: step.key }
}

/** The step is done; the job goes on at once. `before` are events that led here. */
export async function succeedStep(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  observed: Observations | null,
  before: JobEvent[] = [],
): Promise<void> {
  const at = deps.now().toISOString()
  await recordEvents(deps, job, [...before, { type: 'stepSucceeded', at, step: step.key, observed }])
  deps.logger.info(logFacts(job, step), 'step done')
}

/** The job ends here, and everything stays as it is: nothing is narrowed or taken back. */
export async function failJob(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  code: JobErrorCode,
  given: Parameters<typeof jobError>[2] = {},
  before: JobEvent[] = [],
): Promise<void> {
  const error = withOriginalError(job, jobError(code, step.key, given))
  const at = deps.now().toISOString()
  const back = resolveRollbackSteps(job, before)
  if (back.length > 0) {
    await recordEvents(deps, job, [...before, { type: 'rollbackStarted', at, error, steps: back }])
    deps.logger.warn({ ...logFacts(job, step), code, ...toArmLogFields(error) }, 'job failed; taking it back')
    return
  }
  await recordEvents(deps, job, [...before, { type: 'ended', at, status: 'Failed', error }])
  deps.logger.warn({ ...logFacts(job, step), code, ...toArmLogFields(error) }, 'job failed')
}

/** Azure's words as lines of the log have them: its id of the request under a name that says whose it is. */
function toArmLogFields({ arm }: JobError): object {
  if (arm === null) return { arm }
  const { requestId: armRequestId, ...words } = arm
  return { arm: words, armRequestId }
}

/** When the way back fails, what had failed first is still the reason for all of it. */
function withOriginalError({ state }: LoadedJob, error: JobError): JobError {
  const first = state.rollback?.error
  if (first === undefined) return error
  return { ...error, message: `${first.message} The way back failed too: ${error.message}` }
}

/** The steps that take the change back, where the caller asked for that and something has moved. */
function resolveRollbackSteps(job: LoadedJob, before: JobEvent[]): Step[] {
  const { onFailure, rollback } = job.state
  return onFailure === 'rollBack' && rollback === null
    ? buildRollbackSteps(job.plan, withEvents(job, before).state)
    : []
}

/** Azure has aborted the operation because the caller wanted that: the job is cancelled, and says what that leaves. */
export async function endAbortedJob(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const error = jobError('OPERATION_ABORTED', step.key)
  await recordEvents(deps, job, [{ type: 'ended', at: deps.now().toISOString(), status: 'Canceled', error }])
  deps.logger.warn(logFacts(job, step), 'job cancelled, its operation aborted')
}

/**
 * Nothing has happened yet that is worth a step: looks again at `at`. When faults came before, Azure's answer
 * ends their row, or a fault hours later would count as the last of them.
 */
export async function scheduleNextRead(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  at: Date,
  before: JobEvent[] = [],
): Promise<void> {
  const hasFaults = (job.state.steps[step.key]?.faults.count ?? 0) > 0
  const recovered: JobEvent[] = hasFaults
    ? [{ type: 'recovered', at: deps.now().toISOString(), step: step.key }]
    : []
  await recordEvents(deps, job, [...before, ...recovered], at)
}

/**
 * A call to Azure failed: by the retry table the step is tried again later or the job ends. What is no
 * `ArmFault` is a fault of ours, and rejects as it is.
 */
export async function handleArmError(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  error: unknown,
  before: JobEvent[] = [],
  eventType: 'faulted' | 'writeRefused' = 'faulted',
): Promise<void> {
  if (!(error instanceof ArmFault)) throw error
  const { kind, code, message, requestId, retryAfterMs } = error
  // Nothing was sent, so nothing has gone wrong: it is only not our turn yet.
  if (code === BUDGET_SPENT && eventType === 'faulted')
    return void (await recordEvents(deps, job, before, new Date(deps.now().getTime() + (retryAfterMs ?? 0))))
  await recordFault(deps, job, step, { kind, code, message, requestId }, { retryAfterMs, before, eventType })
}

/** Asks the retry table about a fault and records its verdict. */
async function recordFault(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  fault: RecordedFault,
  given: { retryAfterMs: number | null; before: JobEvent[]; eventType: 'faulted' | 'writeRefused' },
): Promise<void> {
  const now = deps.now()
  const faults = job.state.steps[step.key]?.faults
  const isSameKind = faults?.kind === fault.kind
  const verdict = decideRetry({
    kind: fault.kind,
    code: fault.code,
    count: isSameKind ? faults.ofKind : 0,
    elapsedMs: isSameKind ? elapsed(faults.kindSince, now) : 0,
    totalMs: elapsed(faults?.since ?? null, now),
    retryAfterMs: given.retryAfterMs,
    random: deps.random(),
  })
  if (verdict.kind === 'fail') {
    const arm = fault.kind === 'internal' ? null : toArmError(fault)
    const before = [...given.before, ...writeRefusedEvents(step, fault, given.eventType, now)]
    return failJob(deps, job, step, verdict.code, { arm }, before)
  }
  const retryAt = new Date(now.getTime() + verdict.afterMs)
  const { kind, code, requestId: armRequestId } = fault
  deps.logger.warn(
    { ...logFacts(job, step), kind, code, armRequestId, retryAt },
    'it did not work; trying again',
  )
  const at = now.toISOString()
  const event = { type: given.eventType, at, step: step.key, fault, retryAt: retryAt.toISOString() }
  await recordEvents(deps, job, [...given.before, event], retryAt)
}

/** That Azure did not take the last write either is told before the end: it decides what there is to take back. */
function writeRefusedEvents(
  { key }: Step,
  fault: RecordedFault,
  eventType: 'faulted' | 'writeRefused',
  now: Date,
): JobEvent[] {
  if (eventType === 'faulted') return []
  return [{ type: 'writeRefused', at: now.toISOString(), step: key, fault, retryAt: null }]
}

function toArmError({ code, message, requestId }: RecordedFault) {
  return { code, message, requestId }
}

function elapsed(since: string | null, now: Date): number {
  return since === null ? 0 : now.getTime() - new Date(since).getTime()
}

/** What callers may know of it; the log of the service has the rest. */
const INTERNAL_FAULT = {
  kind: 'internal',
  code: 'INTERNAL',
  message: 'A fault of this service.',
  requestId: null,
} as const

/**
 * A tick failed for a reason that is not Azure's. It is tried again and, when that does not help, ends the
 * job: one that fails for ever would hold its cluster's lock for ever. Rejects with the fault itself when not
 * even this can be recorded, as when the database is away.
 */
export async function recordInternalError(deps: JobsDeps, before: LoadedJob, error: unknown): Promise<void> {
  try {
    const job = await reloadJob(deps.database.kysely, before)
    // In the way back of a failed job too: there as well nobody else would ever end it.
    const steps = [...job.plan.steps, ...(job.state.rollback?.steps ?? [])]
    const key = job.state.current ?? steps.find((each) => isPending(job, each.key))?.key
    const step = steps.find((each) => each.key === key)
    if (job.state.finishedAt !== null || step === undefined) throw error
    const started: JobEvent[] = job.state.current === null ? [stepStartedEvent(deps, step)] : []
    await recordFault(deps, job, step, INTERNAL_FAULT, {
      retryAfterMs: null,
      before: started,
      eventType: 'faulted',
    })
  } catch (failure) {
    if (failure instanceof StaleRevisionError) return
    throw error
  }
}

function isPending(job: LoadedJob, key: string): boolean {
  return job.state.steps[key]?.status === 'Pending'
}
