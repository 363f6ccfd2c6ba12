import type { Severity } from '../../../src/contract/finding.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import type { planFor } from '../../support/a-plan.ts'

/** What makes a plan say a finding, and what the finding then is. */
export interface RuleCase {
  severity: Severity
  snapshot: Snapshot
  target: Parameters<typeof planFor>[1]
  given?: Parameters<typeof planFor>[2]
  facts?: Record<string, unknown>
  message?: RegExp
}

/** A case for each code of a topic; `npm run findings` takes its examples from them. */
export type RuleCases = Record<string, RuleCase>
