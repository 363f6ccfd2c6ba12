import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { rangeEntry } from './entries.ts'

/**
 * The firewall rules of an SQL, PostgreSQL or MySQL server, each a resource of its own with a first and a last
 * address. `0.0.0.0` to `0.0.0.0` admits Azure's services and covers no address of ours.
 */
export function firewallRuleEntries(rules: BodyReader[]): AllowListEntry[] {
  return rules.flatMap((rule) => {
    const name = rule.text('name')
    const properties = rule.at('properties')
    return rangeEntry(properties.text('startIpAddress'), properties.text('endIpAddress'), {
      place: `/firewallRules/${name ?? ''}`,
      rule: name,
      effect: 'allow',
    })
  })
}
