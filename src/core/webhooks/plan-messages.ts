import type { Approval } from '../../contract/approval.ts'
import type { WebhookMessage } from '../../contract/delivery.ts'
import type { PlanSummary } from '../../contract/plan.ts'
import type { PlanMessageType } from '../../contract/webhook.ts'

/** A message about the approval of a plan, with the plan as a list would return it at that moment. */
export interface PlanMessage extends WebhookMessage {
  type: PlanMessageType
  data: { plan: PlanSummary; approval?: Approval }
}

/** `approval` is the approval that was given or withdrawn. */
export function planMessage(
  type: PlanMessageType,
  at: Date,
  plan: PlanSummary,
  approval?: Approval,
): PlanMessage {
  return {
    type,
    timestamp: at.toISOString(),
    data: { plan, ...(approval === undefined ? {} : { approval }) },
  }
}
