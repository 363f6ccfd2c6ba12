import type { Finding } from '../../contract/finding.ts'
import { linkSources } from '../../core/references/references.ts'
import { type Block, type Inline, paragraph, type Section } from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

const CONFIDENCE = {
  documented: 'documented',
  observed: 'observed by users, not documented',
  inferred: 'inferred, neither documented nor observed',
}

/** A finding under its own heading: what it is, what to do about it, how sure it is. */
function findingPart({ code, severity, message, remedy, confidence, source }: Finding): Block {
  return {
    kind: 'part',
    title: [{ mark: severity }, ' ', { code }],
    blocks: [
      paragraph(message),
      paragraph({ strong: 'What to do:' }, ` ${remedy}`),
      paragraph(`How sure: ${CONFIDENCE[confidence]}. Source: `, ...linked(source)),
    ],
  }
}

/** The sources, each leading to its page where that is known. */
function linked(source: string): Inline[] {
  return linkSources(source).flatMap(({ text, url }, index): Inline[] => [
    ...(index === 0 ? [] : ['; ']),
    url === null ? text : { link: text, url },
  ])
}

/** Warnings and remarks; blockers and what has to be accepted are told first of all. */
export function otherFindingsSection({ findings }: ReportedPlan): Section {
  const others = findings.filter(({ severity }) => severity === 'warning' || severity === 'info')
  return {
    id: 'worth-knowing',
    title: 'What else is worth knowing',
    blocks: others.length === 0 ? [paragraph('Nothing else was found.')] : others.map(findingPart),
  }
}

/** What stands between the reader and the change: blockers, then what has to be accepted, then the request itself. */
export function prerequisitesSection(plan: ReportedPlan): Section {
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
