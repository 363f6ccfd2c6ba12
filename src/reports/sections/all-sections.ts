import type { Section } from '../document/document.ts'
import type { ReportedPlan } from '../reported-plan.ts'
import { about } from './about.ts'
import { allowLists } from './allow-lists.ts'
import { authorizedRanges } from './authorized-ranges.ts'
import { disruption } from './disruption.ts'
import { egressPath } from './egress-path.ts'
import { handoff } from './handoff.ts'
import { inShort } from './in-short.ts'
import { ipChanges } from './ip-changes.ts'
import { otherFindings } from './other-findings.ts'
import { preflight } from './preflight.ts'
import { requiredEndpoints } from './required-endpoints.ts'
import { resourceChanges } from './resource-changes.ts'
import { routing } from './routing.ts'
import { snat } from './snat.ts'
import { steps } from './steps.ts'
import { wayBack } from './way-back.ts'
import { whatToDoFirst } from './what-to-do-first.ts'

/** The sections in the order of a tired reader: what it comes to, what to do, what moves, then the rest. */
const SECTIONS: readonly ((plan: ReportedPlan) => Section | null)[] = [
  inShort,
  whatToDoFirst,
  egressPath,
  ipChanges,
  allowLists,
  authorizedRanges,
  requiredEndpoints,
  routing,
  preflight,
  otherFindings,
  steps,
  disruption,
  snat,
  resourceChanges,
  wayBack,
  handoff,
  about,
]

/** Everything that a plan has to say; a section without a word is left out. */
export function sectionsOf(plan: ReportedPlan): Section[] {
  return SECTIONS.flatMap((make) => make(plan) ?? [])
}
