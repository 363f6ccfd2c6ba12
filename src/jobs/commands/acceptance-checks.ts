import type { Approval } from '../../contract/approval.ts'
import type { Schedule } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { StepKey } from '../../contract/steps.ts'
import { validApprovals } from '../../core/access/approvals.ts'
import { nextStart } from '../../core/job/schedule.ts'
import { DomainError } from '../../core/lib/errors.ts'
import type { Queries } from '../../database/engine/database.ts'
import { listPlanApprovals, type PlanRow } from '../../database/stores/plan-store.ts'
import type { JobsDeps } from '../deps.ts'
import type { JobOrder } from '../jobs.ts'

/**
 * The step that the job stops before; undefined where no stop is wanted. Whoever counts on one has to hear before
 * that there is nothing to stop before.
 */
export function resolveHold(plan: Plan, { holdBeforeCutOver }: JobOrder): StepKey | undefined {
  if (holdBeforeCutOver !== true) return undefined
  const { step: key, because } = plan.cutOver
  const step = plan.steps.find((each) => each.key === key)
  if (step === undefined)
    throw new DomainError('HOLD_NOT_POSSIBLE', { planId: plan.id, reason: because }, ['/holdBeforeCutOver'])
  return step.key
}

/** A plan for longer ahead would be stale by then, and would hold the cluster's lock all that time. */
const MAX_DAYS_AHEAD = 31
const DAY_MS = 24 * 60 * 60_000

/** Refuses times that have passed, lie too far ahead, or leave no moment to begin. */
export function assertSchedulePossible(schedule: Schedule | null, now: Date): void {
  if (schedule === null) return
  const { notBefore, giveUpAt } = schedule
  const latest = new Date(now.getTime() + MAX_DAYS_AHEAD * DAY_MS)
  if (notBefore !== null && new Date(notBefore) > latest)
    throw scheduleImpossible('notBefore', `notBefore lies more than ${MAX_DAYS_AHEAD} days ahead`)
  if (giveUpAt === null) return
  if (new Date(giveUpAt) <= now) throw scheduleImpossible('giveUpAt', 'giveUpAt has passed')
  const start = nextStart(schedule, now)
  if (start >= new Date(giveUpAt))
    throw scheduleImpossible(
      'giveUpAt',
      `the job could begin at ${start.toISOString()} only, which is after giveUpAt`,
    )
}

function scheduleImpossible(parameter: string, reason: string): DomainError {
  return new DomainError('SCHEDULE_IMPOSSIBLE', { parameter, reason }, [`/${parameter}`])
}

/**
 * The approvals that stand for this job; rejects with `APPROVAL_MISSING` where the cluster needs one and
 * there is none by a second person.
 */
export async function assertApproved(
  db: Queries,
  deps: JobsDeps,
  row: PlanRow,
  executor: { id: string | null; name: string },
): Promise<Approval[]> {
  const given = await listPlanApprovals(db, row.id)
  const maker = { id: row.created_by_id, name: row.created_by }
  const standing = validApprovals(given, maker, executor)
  if (standing.length === 0 && deps.needsApproval?.(row.cluster_key) === true)
    throw new DomainError('APPROVAL_MISSING', { planId: row.id, given: given.length })
  return standing
}
