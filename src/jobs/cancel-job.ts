import type { Origin } from '../core/audit/audit.ts'
import type { JobEvent } from '../core/job/events.ts'
import { isHeld } from '../core/job/hold.ts'
import type { Job } from '../core/job/job.ts'
import type { Precondition } from '../core/precondition.ts'
import type { Witness } from '../database/idempotency.ts'
import { askJob, nextQuietLook, type Wish } from './ask-job.ts'
import type { JobsDeps } from './deps.ts'
import type { LoadedJob, PlanCache } from './load-job.ts'

/** Who wants it, and whether Azure is to abort the operation that is under way. */
interface Cancellation {
  by: string
  abort: boolean
}

/**
 * Asks a job to stop before its next step. A job that has not begun, or is held, ends at once; one with a write in
 * flight finishes that step first, because what Azure does is not undone by looking away.
 */
export async function cancelJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  wish: Cancellation,
  origin?: Origin,
  witness?: Witness<Job>,
  precondition?: Precondition,
): Promise<Job> {
  const asked: Wish = {
    line: { message: 'cancellation asked for', facts: wish },
    reason: null,
    isKnown: (job) => isWished(job, wish),
    events: (job) => cancellation(deps, job, wish),
    nextLook: (job) => nextLook(job, wish),
  }
  return askJob(deps, plans, jobId, asked, origin, witness, precondition)
}

function isWished({ state }: LoadedJob, { abort }: Cancellation): boolean {
  return state.cancelRequestedAt !== null && (!abort || state.isAbortWanted)
}

function cancellation(deps: JobsDeps, { state }: LoadedJob, wish: Cancellation): JobEvent[] {
  const at = deps.now().toISOString()
  const asked: JobEvent = { type: 'cancelRequested', at, ...wish }
  const isAtRest = state.startedAt === null || isHeld(state)
  return isAtRest ? [asked, { type: 'ended', at, status: 'Canceled', error: null }] : [asked]
}

/** To abort is urgent, and possible as soon as Azure has taken the write. */
function nextLook(job: LoadedJob, { abort }: Cancellation): Date | null {
  const { current, steps } = job.state
  const isSending = current !== null && steps[current]?.write.phase === 'intended'
  return abort && !isSending ? null : nextQuietLook(job)
}
