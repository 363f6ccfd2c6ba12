import type { Approval } from '../../contract/approval.ts'
import { type Inline, joinTexts, type Text } from '../document/document.ts'
import type { ReportedPlan } from './reported-plan.ts'

/** Whether a second person has approved the plan, who, and when; null if no approval is required and there was none. */
export function approvalText({ approval, approvableUntil, approvals = [] }: ReportedPlan): Text | null {
  const lead = { strong: 'Approval:' }
  const withdrawn = withdrawnOf(approvals)
  switch (approval) {
    case 'approved':
      return [lead, ' given by ', ...approversOf(approvals), '.']
    case 'pending': {
      const until =
        approvableUntil == null ? [] : [' The approval can be given until ', { time: approvableUntil }, '.']
      const text = ' pending. A second person must approve the plan before a job can execute it.'
      return [lead, text, ...until, ...withdrawn]
    }
    case 'required':
      return [lead, ' required and missing. This plan cannot be approved now.', ...withdrawn]
    default:
      return withdrawn.length === 0 ? null : [lead, ' withdrawn.', ...withdrawn]
  }
}

/** A sentence about each withdrawn approval, with a leading space. */
function withdrawnOf(approvals: Approval[]): Inline[] {
  return approvals.flatMap(({ by, withdrawnAt, withdrawnBy }): Inline[] =>
    withdrawnAt === null
      ? []
      : [
          ...[' The approval of ', { code: by.name }, ' was withdrawn by '],
          ...[{ code: (withdrawnBy ?? by).name }, ' at ', { time: withdrawnAt }, '.'],
        ],
  )
}

/** The valid approvals. Reports without approvals, such as examples, only say that there is one. */
function approversOf(approvals: Approval[]): Inline[] {
  const valid = approvals.filter(({ withdrawnAt }) => withdrawnAt === null)
  if (valid.length === 0) return ['a second person']
  const people = valid.map(({ by, at, reason }): Inline[] => [
    { code: by.name },
    ' at ',
    { time: at },
    ...(reason === null ? [] : [' (', { code: reason }, ')']),
  ])
  return joinTexts(people, ', ')
}
