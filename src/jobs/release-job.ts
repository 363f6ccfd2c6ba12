import type { Origin } from '../core/audit/audit.ts'
import { canBeReleased } from '../core/job/hold.ts'
import type { Job } from '../core/job/job.ts'
import type { Precondition } from '../core/precondition.ts'
import { Refusal } from '../core/refusal.ts'
import type { Witness } from '../database/idempotency.ts'
import { askJob, nextQuietLook, type Wish } from './ask-job.ts'
import type { JobsDeps } from './deps.ts'
import type { LoadedJob, PlanCache } from './load-job.ts'

/** Lets a job go on that is held before its cut-over; one that has not come there yet does not stop any more. */
export async function releaseJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  { by, reason }: { by: string; reason: string | null },
  origin?: Origin,
  witness?: Witness<Job>,
  precondition?: Precondition,
): Promise<Job> {
  const asked: Wish = {
    line: { message: 'job released', facts: { by } },
    reason,
    refuse,
    isKnown: ({ state }) => state.hold !== null && state.hold.releasedAt !== null,
    events: () => [{ type: 'released', at: deps.now().toISOString(), by, reason }],
    nextLook: nextQuietLook,
  }
  return askJob(deps, plans, jobId, asked, origin, witness, precondition)
}

function refuse({ row, state }: LoadedJob): void {
  if (canBeReleased(state)) return
  const reason =
    state.hold === null ? 'it was not ordered with a hold' : 'nothing is left to hold: its cut-over has begun'
  throw new Refusal('JOB_NOT_HELD', { jobId: row.id, reason })
}
