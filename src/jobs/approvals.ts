import type { Approval } from '../core/access/approval.ts'
import type { Origin } from '../core/audit/audit.ts'
import type { Witness } from '../database/idempotency.ts'

/** What routes may ask of approvals. Every method rejects with a `Refusal` for what the caller can mend. */
export interface Approvals {
  /**
   * Approves a plan that could be executed now. Refused to whoever made the plan; `isNew` is false when the
   * same person's approval stands already.
   */
  approve(
    planId: string,
    reason: string | null,
    origin: Origin,
    witness?: Witness<GivenApproval>,
  ): Promise<GivenApproval>
  /** Takes an approval back, whoever gave it. Refused once the plan is executed; twice is no error. */
  withdraw(planId: string, approvalId: string, origin: Origin): Promise<void>
  list(planId: string): Promise<PlanApprovals>
}

export interface GivenApproval {
  approval: Approval
  isNew: boolean
}

/** How a plan stands with its approvals, at this moment. */
export interface PlanApprovals {
  planId: string
  /** Whether a job on the plan needs one. */
  required: boolean
  /** Whether one stands that is not its maker's; that of whoever executes does not count either. */
  given: boolean
  /** Approvals end with their plan. */
  expiresAt: string
  /** Withdrawn ones too, oldest first. */
  items: Approval[]
}
