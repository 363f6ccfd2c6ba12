import type { Approval, ApprovalStatus } from '../../contract/approval.ts'
import type { PlanStatus } from '../../contract/plan-status.ts'
import { equalsIgnoringCase } from '../lib/fold-case.ts'

/** A person in an approval. IDs are compared, or names if an older plan has no ID. Letter case does not count. */
export interface Person {
  id: string | null
  name: string
}

export function isSamePerson(a: Person, b: Person): boolean {
  return a.id !== null && b.id !== null ? equalsIgnoringCase(a.id, b.id) : equalsIgnoringCase(a.name, b.name)
}

/** The approvals that count for a job: not withdrawn, and given by neither the creator nor the executor of the plan. */
export function validApprovals(approvals: readonly Approval[], maker: Person, executor: Person): Approval[] {
  return approvals.filter(
    ({ withdrawnAt, by }) => withdrawnAt === null && !isSamePerson(by, maker) && !isSamePerson(by, executor),
  )
}

/**
 * The overall approval of a plan; null if none is required and none was given. Also null for an executed plan without
 * an approval, because it needed none then, and for a plan without changes, which is never executed.
 */
export function approvalStatus(plan: {
  status: PlanStatus
  isRequired: boolean
  isGiven: boolean
  /** Whether the approval window is open. */
  isWindowOpen: boolean
}): ApprovalStatus | null {
  const { status, isRequired, isGiven, isWindowOpen } = plan
  if (isGiven) return 'approved'
  if (!isRequired || status === 'executed' || status === 'noChange') return null
  return status === 'applicable' && isWindowOpen ? 'pending' : 'required'
}
