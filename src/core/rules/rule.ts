import type { Confidence, Finding, Severity } from '../../contract/finding.ts'
import type { Json } from '../../contract/json.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import type { Evidence } from '../references/references.ts'

/** Returns all findings of its topic. A check never throws. */
export type Check = (context: PlanningContext) => Finding[]

/** The facts of a case. The message and the remedy contain them, and the plan also shows them as data. */
export type Facts = Record<string, Json>

/** A text, or a function that creates the text from the facts of a case. */
type Text<F> = string | ((facts: F) => string)

interface RuleText<F extends Facts> {
  /** The reader must fix a `blocker`, acknowledge an `acknowledge`, and read a `warning` or an `info`. */
  severity: Severity
  /** A different severity for some facts; null keeps `severity`. */
  severityOverride?: (facts: F) => Severity | null
  message: Text<F>
  remedy: Text<F>
  /** The pages, release notes, and issues behind the rule, and how far they confirm it. */
  source: Evidence
}

/** A rule, with three functions that report its finding. */
export interface Rule<F extends Facts> {
  code: string
  severity: Severity
  /** Whether some finding of it blocks the plan or requires an acknowledgement. */
  isDecisive: boolean
  confidence: Confidence
  /** The references as one text. */
  source: string
  finding: (facts: F) => Finding
  /** The finding if the condition holds. */
  when: (condition: boolean, facts: F) => Finding[]
  /** The finding if any list in the facts has an item. */
  ifAny: (facts: F) => Finding[]
}

/**
 * Creates a rule. Export it under its code, from which `RULES` takes it, and place it above the check that reports
 * its finding.
 */
export function rule<F extends Facts = Record<string, never>>(code: string, text: RuleText<F>): Rule<F> {
  const { severity } = text
  const { confidence, text: source } = text.source
  const isDecisive =
    severity === 'blocker' || severity === 'acknowledge' || text.severityOverride !== undefined
  const finding = (facts: F): Finding => ({
    code,
    type: findingType(code),
    severity: text.severityOverride?.(facts) ?? severity,
    message: resolve(text.message, facts),
    remedy: resolve(text.remedy, facts),
    facts,
    confidence,
    source,
  })
  const when = (condition: boolean, facts: F) => (condition ? [finding(facts)] : [])
  const ifAny = (facts: F) =>
    when(
      Object.values(facts).some((fact) => Array.isArray(fact) && fact.length > 0),
      facts,
    )
  return { code, severity, isDecisive, confidence, source, finding, when, ifAny }
}

/** The URI that describes a code, relative to the service. */
export function findingType(code: string): string {
  return `/findings/${code}`
}

function resolve<F extends Facts>(text: Text<F>, facts: F): string {
  return typeof text === 'string' ? text : text(facts)
}
