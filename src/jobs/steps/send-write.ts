import type { MayLeave, StartedOperation } from '../../azure/arm.ts'
import { ArmFault, SENT_TOO_LATE } from '../../azure/arm-fault.ts'
import type { FieldChange } from '../../core/cluster-write.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { pollInterval } from '../../core/job/poll-interval.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts } from '../load-job.ts'
import { record } from '../record.ts'
import { NotSent, type Reason } from './not-sent.ts'
import { fail, faulted } from './outcome.ts'
import { recordAnswer } from './record-answer.ts'
import { sendTime } from './send-time.ts'
import { settleTime } from './settle-time.ts'

/** A write that was lost again and again is no accident. */
const MOST_LOST_WRITES = 5

/**
 * One write: `start` calls Azure, passes `intend` as the last thing before the request is made, and has `mayLeave` asked
 * as the last thing before it leaves.
 */
export interface Write {
  /** Changes of the cluster's body, which later freshness checks must not take for drift; none for other resources. */
  changes: FieldChange[]
  started: JobEvent[]
  start(intend: (etag: string | null) => Promise<void>, mayLeave: MayLeave): Promise<StartedOperation>
}

/**
 * Sends the step's one write. The intent is committed between the fresh GET and the write, so that after a crash
 * anywhere the log says that something may have been written; the tick that then settles it is ordered with the
 * intent. Two workers cannot both get past that commit: the second is fenced and sends nothing. One that has got past it
 * and falls asleep finds its time to send over when it wakes up (`sendTime`), and that others have gone on.
 */
export async function sendWrite(deps: JobsDeps, job: LoadedJob, step: Step, write: Write): Promise<void> {
  const { changes, started } = write
  if ((job.state.steps[step.key]?.lostWrites ?? 0) >= MOST_LOST_WRITES) {
    const detail = `${MOST_LOST_WRITES} writes were lost.`
    return fail(deps, job, step, 'ARM_UNAVAILABLE', { detail }, started)
  }
  const log: { intended: LoadedJob | null; mayLeave: MayLeave } = { intended: null, mayLeave: () => false }
  const intend = async (etag: string | null) => {
    log.mayLeave = sendTime(deps)
    const at = deps.now().toISOString()
    const intent: JobEvent = { type: 'writeIntended', at, step: step.key, etag, changes }
    log.intended = await record(deps, job, [...started, intent], settleTime(at))
  }
  let operation: StartedOperation
  try {
    operation = await write.start(intend, () => log.mayLeave())
  } catch (error) {
    return notAccepted(deps, job, log.intended, step, error, started)
  }
  if (log.intended === null) throw new Error('a write was sent without its intent')
  await recordAnswer(deps, log.intended, (now) => accepted(deps, now, step, operation))
}

async function accepted(
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
  await record(deps, job, [event], pollAt)
  deps.logger.info({ ...logFacts(job, step), armRequestId: requestId }, 'Azure took the write')
}

async function notAccepted(
  deps: JobsDeps,
  job: LoadedJob,
  intended: LoadedJob | null,
  step: Step,
  error: unknown,
  started: JobEvent[],
): Promise<void> {
  if (error instanceof NotSent) return notSent(deps, job, step, error.why, started)
  if (intended === null) return faulted(deps, job, step, error, started)
  // Silence proves nothing: the write stays intended, and reading settles it.
  const isSilence =
    error instanceof ArmFault &&
    (error.kind === 'transient' || error.kind === 'unknown') &&
    error.code !== SENT_TOO_LATE
  if (error instanceof ArmFault && error.code === SENT_TOO_LATE)
    deps.logger.warn(logFacts(job, step), 'a write was decided on too long ago, and not sent')
  await recordAnswer(deps, intended, (now) =>
    faulted(deps, now, step, error, [], isSilence ? 'faulted' : 'writeRefused'),
  )
}

async function notSent(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  why: Reason,
  started: JobEvent[],
): Promise<void> {
  const at = deps.now().toISOString()
  switch (why.kind) {
    case 'stale':
      return fail(deps, job, step, 'PLAN_STALE', { detail: why.detail }, started)
    case 'busy': {
      const message = `${why.what} is ${why.state}; another operation is under way.`
      const busy = new ArmFault({ kind: 'conflict', code: 'OperationNotAllowed', message })
      return faulted(deps, job, step, busy, started)
    }
    case 'nothingToChange': {
      const because = 'the cluster shows it already.'
      await record(deps, job, [...started, { type: 'stepSkipped', at, step: step.key, because }])
      return
    }
    case 'alreadyThere': {
      const { because } = why
      await record(deps, job, [...started, { type: 'writeAdopted', at, step: step.key, because }])
      return
    }
    default:
      why satisfies never
  }
}
