import type { Confidence, Finding, Severity } from '../../contract/finding.ts'
import type { Json } from '../../contract/json.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { expandSources } from '../references/sources.ts'

/** Looks at the context, says what it finds. Never throws, never stops at the first. */
export type Check = (context: PlanningContext) => Finding[]

/** What a check knows of one case; the sentences are made of it, and the plan shows it beside them. */
export type Facts = Record<string, Json>

interface RuleText<F extends Facts> {
  /** What the reader has to do: `blocker` mend it first, `acknowledge` name it to go on, `warning` and `info` know it. */
  severity: Severity
  /** Another severity for the facts of a case; null leaves it as it is. */
  severityOverride?: (facts: F) => Severity | null
  message: (facts: F) => string
  remedy: (facts: F) => string
  confidence: Confidence
  /** The page, release note or issue that the rule is taken from; keys as in `sources/pages.ts`. */
  source: string
}

/** Everything about a finding but the facts of the case, and how they become one. */
export interface Rule<F extends Facts> extends RuleText<F> {
  code: string
  finding: (facts: F) => Finding
}

/**
 * Makes a rule. It is exported under its code, which is how `RULES` comes to know it, and stands above the check
 * that calls its `finding`.
 */
export function rule<F extends Facts = Record<string, never>>(code: string, text: RuleText<F>): Rule<F> {
  const finding = (facts: F): Finding => ({
    code,
    severity: text.severityOverride?.(facts) ?? text.severity,
    message: text.message(facts),
    remedy: text.remedy(facts),
    facts,
    confidence: text.confidence,
    source: expandSources(text.source),
  })
  return { ...text, code, finding }
}
