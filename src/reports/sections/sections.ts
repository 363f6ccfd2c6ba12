import { paragraph, type Section } from '../document/document.ts'
import { endedIncomplete, type ReportedPlan } from '../plan/reported-plan.ts'
import { allowListsSection } from './allow-lists.ts'
import { aboutSection, handoffSection } from './appendix.ts'
import { authorizedRangesSection } from './authorized-ranges.ts'
import { costSection } from './cost.ts'
import { disruptionSection, snatSection } from './disruption.ts'
import { egressPathSection } from './egress-path.ts'
import { ipChangesSection } from './ip-changes.ts'
import { nameResolutionSection } from './name-resolution.ts'
import { preflightSection } from './preflight.ts'
import { otherFindingsSection, prerequisitesSection } from './prerequisites.ts'
import { rollbackSection } from './rollback.ts'
import { requiredEndpointsSection, routingSection } from './routing.ts'
import { resourceChangesSection, stepsSection } from './steps.ts'
import { summarySection } from './summary.ts'

/** The sections by importance: the summary, the required actions, the traffic changes, then the details. */
const SECTIONS: readonly ((plan: ReportedPlan) => Section | null)[] = [
  summarySection,
  prerequisitesSection,
  egressPathSection,
  ipChangesSection,
  allowListsSection,
  authorizedRangesSection,
  requiredEndpointsSection,
  routingSection,
  nameResolutionSection,
  preflightSection,
  otherFindingsSection,
  stepsSection,
  disruptionSection,
  snatSection,
  costSection,
  resourceChangesSection,
  rollbackSection,
  handoffSection,
  aboutSection,
]

/** A blocked plan changes nothing, so its report has only what helps to fix it, and nothing to paste. */
const SECTIONS_WHEN_BLOCKED: typeof SECTIONS = [
  prerequisitesSection,
  egressPathSection,
  requiredEndpointsSection,
  routingSection,
  preflightSection,
  otherFindingsSection,
  aboutSection,
]

/** The content of a report. Sections without content are omitted. */
export function sectionsOf(plan: ReportedPlan): Section[] {
  const sections = plan.status === 'blocked' ? SECTIONS_WHEN_BLOCKED : SECTIONS
  return sections
    .flatMap((section) => section(plan) ?? [])
    .map((section) => (endedIncomplete(plan) ? asExpected(section) : section))
}

/** Sections about what the plan expected. All others show what the job has done. */
const EXPECTATIONS = [
  'steps',
  'disruption',
  'snat-ports',
  'cost',
  'resource-changes',
  'routing',
  'name-resolution',
]

/** The section of a plan whose job did not complete the change. */
function asExpected(section: Section): Section {
  if (!EXPECTATIONS.includes(section.id)) return section
  return { ...section, blocks: [paragraph(EXPECTED), ...section.blocks] }
}

const EXPECTED =
  'The job did not complete the change, so the effects in this section may not have occurred. The report of the job shows what the job changed.'
