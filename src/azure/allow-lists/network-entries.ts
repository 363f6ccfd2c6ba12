import type { RuleEffect } from '../../contract/allow-lists.ts'
import type { AllowListEntry } from '../../core/snapshot/allow-list-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'
import { parseEntries, parseEntry, toRuleEffect } from './entries.ts'

/** Sources in the classic rule collections of an Azure Firewall. IP groups that they name are read as themselves. */
export function azureFirewallEntries(row: BodyReader): AllowListEntry[] {
  return ['networkRuleCollections', 'natRuleCollections', 'applicationRuleCollections'].flatMap((kind) =>
    row.list(kind).flatMap((collection, index) =>
      collectionEntries(collection.at('properties'), {
        place: `/properties/${kind}/${index}/properties`,
        name: collection.string('name') ?? '',
      }),
    ),
  )
}

/** Sources of the rules of one collection, classic or of a policy: `{ action: { type }, rules: [{ name, sourceAddresses }] }`. */
function collectionEntries(
  collection: BodyReader,
  { place, name }: { place: string; name: string },
): AllowListEntry[] {
  const effect = toCollectionEffect(collection.at('action').string('type'))
  return collection.list('rules').flatMap((rule, index) =>
    parseEntries(rule.strings('sourceAddresses'), {
      place: `${place}/rules/${index}/sourceAddresses`,
      rule: `${name}/${rule.string('name') ?? index}`,
      effect,
    }),
  )
}

/** A NAT collection says `DNAT` or `SNAT`, and lets in what it translates. */
function toCollectionEffect(type: string | null): RuleEffect {
  return type?.toLowerCase() === 'deny' ? 'deny' : 'allow'
}

/** Sources of the rules in a firewall policy's rule collection groups, of which there is one body for each group. */
export function firewallPolicyEntries(groups: BodyReader[]): AllowListEntry[] {
  return groups.flatMap((group) => {
    const collections = group.at('properties').list('ruleCollections')
    const place = `/ruleCollectionGroups/${group.string('name') ?? ''}/properties/ruleCollections`
    return collections.flatMap((collection, index) =>
      collectionEntries(collection, { place: `${place}/${index}`, name: collection.string('name') ?? '' }),
    )
  })
}

/** `ipAddresses` of an IP group. What names it decides what they mean, so the effect is `other`. */
export function ipGroupEntries(row: BodyReader): AllowListEntry[] {
  return parseEntries(row.strings('ipAddresses'), { place: '/properties/ipAddresses', effect: 'other' })
}

/** Sources of a network security group's inbound rules: our egress is never a source of an outbound one. */
export function networkSecurityGroupEntries(row: BodyReader): AllowListEntry[] {
  return row.list('securityRules').flatMap((rule, index) => {
    const properties = rule.at('properties')
    if (properties.string('direction')?.toLowerCase() === 'outbound') return []
    const place = `/properties/securityRules/${index}/properties`
    const where = { rule: rule.string('name'), effect: toRuleEffect(properties.string('access')) }
    return [
      ...parseEntry(properties.string('sourceAddressPrefix'), {
        ...where,
        place: `${place}/sourceAddressPrefix`,
      }),
      ...parseEntries(properties.strings('sourceAddressPrefixes'), {
        ...where,
        place: `${place}/sourceAddressPrefixes`,
      }),
    ]
  })
}
