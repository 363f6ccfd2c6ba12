import { paragraph, type Section } from '../document/document.ts'
import { findingPart } from '../finding-part.ts'
import type { ReportedPlan } from '../reported-plan.ts'

/** Warnings and remarks; blockers and what has to be accepted are told first of all. */
export function otherFindings({ findings }: ReportedPlan): Section {
  const others = findings.filter(({ severity }) => severity === 'warning' || severity === 'info')
  return {
    id: 'worth-knowing',
    title: 'What else is worth knowing',
    blocks: others.length === 0 ? [paragraph('Nothing else was found.')] : others.map(findingPart),
  }
}
