import type { MaySend, StartedOperation } from '../../azure/arm.ts'
import { ArmFault, SENT_TOO_LATE } from '../../azure/errors/arm-fault.ts'
import type { FieldChange, Step } from '../../contract/steps.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { pollInterval } from '../../core/job/polling.ts'
import { StaleRevisionError } from '../../database/stores/job-store.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts, recordEvents, reloadJob } from '../event-log.ts'
import { failJob, handleArmError } from './outcome.ts'

/** Why a write is not to be sent. */
type NotSentReason =
  | { kind: 'stale'; detail: string }
  | { kind: 'nothingToChange' }
  /** What the write would make stands there already; the read-back decides whether it is as wanted. */
  | { kind: 'alreadyThere'; because: string }
  | { kind: 'busy'; what: string; state: string }

/** Thrown out of `beforeSend`: nothing leaves the process. */
export class WriteNotSentError extends Error {
  readonly why: NotSentReason

  constructor(why: NotSentReason) {
    super(why.kind)
    this.name = 'WriteNotSentError'
    this.why = why
  }
}

/**
 * Records the answer to a write on top of whatever the log holds by now. A cancellation that comes while the
 * PUT is under way raises the fence; dropping the answer for that would lose the operation. Whoever has
 * settled the write meanwhile knows better, and the answer is dropped (`StaleRevisionError`).
 */
async function recordWriteResponse(
  deps: JobsDeps,
  intended: LoadedJob,
  record: (job: LoadedJob) => Promise<void>,
): Promise<void> {
  for (let job = intended; ; ) {
    try {
      return await record(job)
    } catch (error) {
      if (!(error instanceof StaleRevisionError)) throw error
      job = await reloadJob(deps.database.kysely, job)
      if (!isStillOpen(job, intended)) throw error
    }
  }
}

function isStillOpen(job: LoadedJob, intended: LoadedJob): boolean {
  const key = intended.state.current
  if (key === null || job.state.current !== key) return false
  const [now, then] = [job.state.steps[key], intended.state.steps[key]]
  return now?.write.phase === 'intended' && now.attempts === then?.attempts && now.notBefore === null
}

/**
 * A write leaves within this time after it was decided on, or not at all. Shorter than anybody else waits before they
 * look for it (`HEARTBEAT_SECONDS` of the queue and `SECOND_LOOK_MS` together), with room for its way to Azure: whoever
 * makes a write again knows that the first one is not still to come.
 */
const MAX_SEND_DELAY_MS = 5_000

/**
 * Starts the time in which a write may leave. A process that is stopped, starved or suspended in between wakes up with
 * the write still to send, and others have gone on without it. Both clocks are asked: the one of the process stands still
 * while a machine is suspended, and the one on the wall can be set back.
 */
export function startSendDeadline(deps: Pick<JobsDeps, 'now' | 'uptime'>): () => boolean {
  const [date, uptime] = [deps.now().getTime(), deps.uptime()]
  return () => Math.max(deps.now().getTime() - date, deps.uptime() - uptime) < MAX_SEND_DELAY_MS
}

/**
 * A worker that has said it will write records the answer itself within this time: Azure is given a minute
 * for it. After that only reading settles what became of the write.
 */
const RECONCILE_AFTER_MS = 90_000

/** When a write that was meant to be sent at `intendedAt`, RFC 3339, is settled by reading. */
export function resolveReconcileTime(intendedAt: string): Date {
  return new Date(new Date(intendedAt).getTime() + RECONCILE_AFTER_MS)
}

/** A write that was lost again and again is no accident. */
const MAX_LOST_WRITES = 5

/**
 * One write: `start` calls Azure, passes `intend` as the last thing before the request is made, and has `maySend` asked
 * as the last thing before it leaves.
 */
interface Write {
  /** Changes of the cluster's body, which later freshness checks must not take for drift; none for other resources. */
  changes: FieldChange[]
  started: JobEvent[]
  start(intend: (etag: string | null) => Promise<void>, maySend: MaySend): Promise<StartedOperation>
}

/**
 * Sends the step's one write. The intent is committed between the fresh GET and the write, so that after a crash
 * anywhere the log says that something may have been written; the tick that then settles it is ordered with the
 * intent. Two workers cannot both get past that commit: the second is fenced and sends nothing. One that has got past it
 * and falls asleep finds its time to send over when it wakes up (`startSendDeadline`), and that others have gone on.
 */
export async function sendWrite(deps: JobsDeps, job: LoadedJob, step: Step, write: Write): Promise<void> {
  const { changes, started } = write
  if ((job.state.steps[step.key]?.lostWrites ?? 0) >= MAX_LOST_WRITES) {
    const detail = `${MAX_LOST_WRITES} writes were lost.`
    return failJob(deps, job, step, 'ARM_UNAVAILABLE', { detail }, started)
  }
  const log: { intended: LoadedJob | null; maySend: MaySend } = { intended: null, maySend: () => false }
  const intend = async (etag: string | null) => {
    log.maySend = startSendDeadline(deps)
    const at = deps.now().toISOString()
    const intent: JobEvent = { type: 'writeIntended', at, step: step.key, etag, changes }
    log.intended = await recordEvents(deps, job, [...started, intent], resolveReconcileTime(at))
  }
  let operation: StartedOperation
  try {
    operation = await write.start(intend, () => log.maySend())
  } catch (error) {
    return recordUnacceptedWrite(deps, job, log.intended, step, error, started)
  }
  if (log.intended === null) throw new Error('a write was sent without its intent')
  await recordWriteResponse(deps, log.intended, (now) => recordAcceptedWrite(deps, now, step, operation))
}

async function recordAcceptedWrite(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  { poller, requestId, retryAfterMs }: StartedOperation,
): Promise<void> {
  const now = deps.now()
  const wanted = new Date(now.getTime() + pollInterval(0, retryAfterMs))
  const pollAt = deps.polls.reserve(job.plan.cluster, wanted)
  const event: JobEvent = {
    type: 'writeAccepted',
    at: now.toISOString(),
    step: step.key,
    poller,
    requestId,
    pollAt: pollAt.toISOString(),
  }
  await recordEvents(deps, job, [event], pollAt)
  deps.logger.info({ ...logFacts(job, step), armRequestId: requestId }, 'Azure took the write')
}

async function recordUnacceptedWrite(
  deps: JobsDeps,
  job: LoadedJob,
  intended: LoadedJob | null,
  step: Step,
  error: unknown,
  started: JobEvent[],
): Promise<void> {
  if (error instanceof WriteNotSentError) return recordUnsentWrite(deps, job, step, error.why, started)
  if (intended === null) return handleArmError(deps, job, step, error, started)
  // Silence proves nothing: the write stays intended, and reading settles it.
  const isSilence =
    error instanceof ArmFault &&
    (error.kind === 'transient' || error.kind === 'unknown') &&
    error.code !== SENT_TOO_LATE
  if (error instanceof ArmFault && error.code === SENT_TOO_LATE)
    deps.logger.warn(logFacts(job, step), 'a write was decided on too long ago, and not sent')
  await recordWriteResponse(deps, intended, (now) =>
    handleArmError(deps, now, step, error, [], isSilence ? 'faulted' : 'writeRefused'),
  )
}

async function recordUnsentWrite(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  why: NotSentReason,
  started: JobEvent[],
): Promise<void> {
  const at = deps.now().toISOString()
  switch (why.kind) {
    case 'stale':
      return failJob(deps, job, step, 'PLAN_STALE', { detail: why.detail }, started)
    case 'busy': {
      const message = `${why.what} is ${why.state}; another operation is under way.`
      const busy = new ArmFault({ kind: 'conflict', code: 'OperationNotAllowed', message })
      return handleArmError(deps, job, step, busy, started)
    }
    case 'nothingToChange': {
      const because = 'the cluster shows it already.'
      await recordEvents(deps, job, [...started, { type: 'stepSkipped', at, step: step.key, because }])
      return
    }
    case 'alreadyThere': {
      const { because } = why
      await recordEvents(deps, job, [...started, { type: 'writeAdopted', at, step: step.key, because }])
      return
    }
    default:
      why satisfies never
  }
}
