import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { collectionEntries } from './azure-firewall.ts'

/** Sources of the rules in a firewall policy's rule collection groups, of which there is one body for each group. */
export function firewallPolicyEntries(groups: BodyReader[]): AllowListEntry[] {
  return groups.flatMap((group) => {
    const collections = group.at('properties').list('ruleCollections')
    const place = `/ruleCollectionGroups/${group.text('name') ?? ''}/properties/ruleCollections`
    return collections.flatMap((collection, index) =>
      collectionEntries(collection, { place: `${place}/${index}`, name: collection.text('name') ?? '' }),
    )
  })
}
