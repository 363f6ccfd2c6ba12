import type { AllowListEntry } from '../../core/snapshot/allow-list-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'
import {
  classicRuleCollections,
  policyRuleCollections,
  type RuleCollection,
} from '../mapping/rule-collections.ts'
import { parseEntries, parseEntry, toRuleEffect } from './entries.ts'

/** Sources in the classic rule collections of an Azure Firewall. The IP groups in these rules are read separately. */
export function azureFirewallEntries(row: BodyReader): AllowListEntry[] {
  return (['network', 'nat', 'application'] as const).flatMap((kind) =>
    classicRuleCollections(row, kind).flatMap(collectionEntries),
  )
}

/** Sources of the rules in a firewall policy's rule collection groups, of which there is one body for each group. */
export function firewallPolicyEntries(groups: BodyReader[]): AllowListEntry[] {
  return groups.flatMap(policyRuleCollections).flatMap(collectionEntries)
}

function collectionEntries({ name, action, rules }: RuleCollection): AllowListEntry[] {
  return rules.flatMap(({ place, body }, index) =>
    parseEntries(body.strings('sourceAddresses'), {
      place: `${place}/sourceAddresses`,
      rule: `${name}/${body.string('name') ?? index}`,
      effect: action === 'Deny' ? 'deny' : 'allow',
    }),
  )
}

/** `ipAddresses` of an IP group. The rule that names the group determines the effect, so the effect here is `other`. */
export function ipGroupEntries(row: BodyReader): AllowListEntry[] {
  return parseEntries(row.strings('ipAddresses'), { place: '/properties/ipAddresses', effect: 'other' })
}

/** Sources of the inbound rules of a network security group. Egress addresses are never a source of outbound rules. */
export function networkSecurityGroupEntries(row: BodyReader): AllowListEntry[] {
  return row.list('securityRules').flatMap((rule, index) => {
    const properties = rule.at('properties')
    if (properties.is('direction', 'Outbound')) return []
    const place = `/properties/securityRules/${index}/properties`
    const where = { rule: rule.string('name'), effect: toRuleEffect(properties, 'access') }
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
