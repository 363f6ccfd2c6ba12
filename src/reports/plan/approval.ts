import type { Text } from '../document/document.ts'
import type { ReportedPlan } from './reported-plan.ts'

/** Whether a second person has approved the plan; null if no approval is required and there is none. */
export function approvalText({ approval, approvableUntil }: ReportedPlan): Text | null {
  const lead = { strong: 'Approval:' }
  switch (approval) {
    case 'approved':
      return [lead, ' given by a second person.']
    case 'pending': {
      const until = approvableUntil == null ? [] : [' It can be given until ', { time: approvableUntil }, '.']
      return [lead, ' pending. A second person must approve the plan before a job can execute it.', ...until]
    }
    case 'required':
      return [lead, ' required and missing. This plan cannot be approved now.']
    default:
      return null
  }
}
