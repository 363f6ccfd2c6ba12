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

/** The approvals that count for a job: not withdrawn, and given by neither the maker of the plan nor its executor. */
export function validApprovals(approvals: readonly Approval[], maker: Person, executor: Person): Approval[] {
  return approvals.filter(
    ({ withdrawnAt, by }) => withdrawnAt === null && !isSamePerson(by, maker) && !isSamePerson(by, executor),
  )
}

/**
 * The approval of a plan as a whole; null where none is required and none was given. An executed plan was executed without
 * an approval only because it needed none then, and a plan without changes is never executed.
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
