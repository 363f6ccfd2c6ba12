import type { Fault } from '../../contract/problem.ts'
import { MAX_WILDCARDS } from '../../contract/webhook.ts'
import { countWildcards } from '../../core/lib/wildcard.ts'
import type { RawRequest } from '../operation.ts'
import { checkRules, type Rule, rulesOf } from './rules.ts'

const tooMany = rulesOf('TOO_MANY')

const PATTERN_RULES: readonly Rule[] = ['resourceGroup', 'clusterName'].map((name) =>
  tooMany(
    `/clusters/[]/${name}`,
    `${name} must contain at most ${MAX_WILDCARDS} asterisks (\`*\`).`,
    (pattern) => typeof pattern === 'string' && countWildcards(pattern) > MAX_WILDCARDS,
  ),
)

/** Checks of a webhook that a schema cannot express. */
export function webhookErrors({ body }: RawRequest): Fault[] {
  return checkRules('body', PATTERN_RULES, body)
}
