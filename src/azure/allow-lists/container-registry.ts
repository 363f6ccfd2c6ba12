import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { effectOf, entryOf } from './entries.ts'

/** `networkRuleSet.ipRules` of a registry: `{ action, value }`. */
export function containerRegistryEntries(row: BodyReader): AllowListEntry[] {
  const rules = row.at('networkRuleSet')
  const inForce = rules.text('defaultAction')?.toLowerCase() === 'deny'
  return rules.list('ipRules').flatMap((rule, index) =>
    entryOf(rule.text('value'), {
      place: `/properties/networkRuleSet/ipRules/${index}`,
      effect: effectOf(rule.text('action')),
      inForce,
    }),
  )
}
