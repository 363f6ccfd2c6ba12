import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { entriesOf, entryOf } from './entries.ts'

/**
 * `ipRules` of a Cosmos DB account: `{ ipAddressOrRange }`; accounts of before 2020 have one text with commas.
 * `0.0.0.0` stands for Azure's own data centers and covers no address of ours.
 */
export function cosmosAccountEntries(row: BodyReader): AllowListEntry[] {
  const rules = row.list('ipRules')
  if (rules.length > 0)
    return rules.flatMap((rule, index) =>
      entryOf(rule.text('ipAddressOrRange'), { place: `/properties/ipRules/${index}`, effect: 'allow' }),
    )
  const filter = row.text('ipRangeFilter')?.split(',') ?? []
  return entriesOf(filter, { place: '/properties/ipRangeFilter', effect: 'allow' })
}
