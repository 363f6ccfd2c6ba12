import type { AllowListEntry, RuleEffect } from '../../core/allow-lists/facts.ts'
import type { BodyReader } from '../body-reader.ts'
import { entriesOf } from './entries.ts'

/** Sources in the classic rule collections of an Azure Firewall. IP groups that they name are read as themselves. */
export function azureFirewallEntries(row: BodyReader): AllowListEntry[] {
  return ['networkRuleCollections', 'natRuleCollections', 'applicationRuleCollections'].flatMap((kind) =>
    row.list(kind).flatMap((collection, index) =>
      collectionEntries(collection.at('properties'), {
        place: `/properties/${kind}/${index}/properties`,
        name: collection.text('name') ?? '',
      }),
    ),
  )
}

/** Sources of the rules of one collection, classic or of a policy: `{ action: { type }, rules: [{ name, sourceAddresses }] }`. */
export function collectionEntries(
  collection: BodyReader,
  { place, name }: { place: string; name: string },
): AllowListEntry[] {
  const effect = effectOfCollection(collection.at('action').text('type'))
  return collection.list('rules').flatMap((rule, index) =>
    entriesOf(rule.texts('sourceAddresses'), {
      place: `${place}/rules/${index}/sourceAddresses`,
      rule: `${name}/${rule.text('name') ?? index}`,
      effect,
    }),
  )
}

/** A NAT collection says `DNAT` or `SNAT`, and lets in what it translates. */
function effectOfCollection(type: string | null): RuleEffect {
  return type?.toLowerCase() === 'deny' ? 'deny' : 'allow'
}
