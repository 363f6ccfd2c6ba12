import { type Block, paragraph, type Section } from '../document/document.ts'
import { findingPart } from '../finding-part.ts'
import type { ReportedPlan } from '../reported-plan.ts'

/** What stands between the reader and the change: blockers, then what has to be accepted, then the request itself. */
export function whatToDoFirst(plan: ReportedPlan): Section {
  const open = plan.findings.filter(({ severity }) => severity === 'blocker' || severity === 'acknowledge')
  return {
    id: 'what-to-do-first',
    title: 'What to do first',
    blocks: [paragraph(leadOf(plan)), ...open.map(findingPart), ...requestOf(plan)],
  }
}

function leadOf({ status, findings, acknowledgementsRequired }: ReportedPlan): string {
  switch (status) {
    case 'blocked':
      return findings.some((each) => each.severity === 'acknowledge')
        ? 'Mend every blocker, then make a new plan; what has to be accepted is told here already.'
        : 'Mend every blocker, then make a new plan.'
    case 'noChange':
      return 'Nothing.'
    case 'applicable':
      return acknowledgementsRequired.length === 0
        ? 'Nothing stands in the way. To execute the plan:'
        : 'Read these consequences. Whoever executes the plan accepts each of them by its code.'
    case 'executed':
      return 'Nothing: read the job that executes or has executed the plan.'
    default:
      return 'Make a new plan; a plan shows the cluster as it was when it was made.'
  }
}

function requestOf({ id, status, acknowledgementsRequired }: ReportedPlan): Block[] {
  if (status !== 'applicable') return []
  const acknowledge = acknowledgementsRequired.length === 0 ? {} : { acknowledge: acknowledgementsRequired }
  const text = JSON.stringify({ planId: id, ...acknowledge }, null, 2)
  return [{ kind: 'listing', title: 'POST /v1/jobs', language: 'json', text }]
}
