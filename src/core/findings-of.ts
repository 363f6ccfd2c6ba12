import { isOpen } from './derive-context.ts'
import { type Finding, SEVERITIES } from './plan.ts'
import type { PlanningContext } from './planning-context.ts'
import { CHANGE_CHECKS, STATE_CHECKS } from './rules/index.ts'

/** All findings, worst first; within a severity in the order of the checks. */
export function findingsOf(context: PlanningContext): Finding[] {
  const isChange = isOpen(context) && !context.isNoChange
  const checks = isChange ? [...STATE_CHECKS, ...CHANGE_CHECKS] : STATE_CHECKS
  const found = checks.flatMap((check) => check(context))
  return SEVERITIES.flatMap((severity) => found.filter((each) => each.severity === severity))
}

/** The codes of one severity, each once. */
export function codesOf(findings: Finding[], severity: Finding['severity']): string[] {
  return [...new Set(findings.filter((each) => each.severity === severity).map((each) => each.code))]
}
