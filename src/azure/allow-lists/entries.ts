import type { RuleEffect } from '../../contract/allow-lists.ts'
import { rangeOf } from '../../core/allow-lists/address-range.ts'
import type { AddressBlock, AllowListEntry } from '../../core/snapshot/allow-list-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'
import {
  classicRuleCollections,
  policyRuleCollections,
  type RuleCollection,
} from '../mapping/firewall-and-nsg.ts'

/** The location of an entry and the effect of its rule. Default of `inForce`: true. */
export interface EntryContext {
  place: string
  rule?: string | null
  effect: RuleEffect
  inForce?: boolean
}

/** The entry in a text: an address, a CIDR or `a.b.c.d-e.f.g.h`. Empty for a service tag, a name, `*` or an empty text. */
export function parseEntry(text: string | null, where: EntryContext): AllowListEntry[] {
  const trimmed = text?.trim() ?? ''
  return toEntry(trimmed, parseBlock(trimmed), where)
}

/** The entry of a rule with separate fields for the first and the last address. */
export function parseRangeEntry(
  first: string | null,
  last: string | null,
  where: EntryContext,
): AllowListEntry[] {
  const block = { first: first?.trim() ?? '', last: last?.trim() ?? '' }
  const text = block.first === block.last ? block.first : `${block.first}-${block.last}`
  return toEntry(text, block, where)
}

/** The entries of a list of texts. The location of each entry is its index. */
export function parseEntries(texts: string[], where: EntryContext): AllowListEntry[] {
  return texts.flatMap((text, index) => parseEntry(text, { ...where, place: `${where.place}/${index}` }))
}

/** The effect of a rule, from its field `Allow`, `Deny` or `Block`. A rule without the field allows, as everywhere in ARM. */
export function toRuleEffect(rule: BodyReader, field: string): RuleEffect {
  if (!rule.has(field) || rule.is(field, 'Allow')) return 'allow'
  return rule.is(field, 'Deny') || rule.is(field, 'Block') ? 'deny' : 'other'
}

function toEntry(text: string, block: AddressBlock, where: EntryContext): AllowListEntry[] {
  if (rangeOf(block) === null) return []
  const { place, rule = null, effect, inForce = true } = where
  return [{ place, rule, text, block, effect, inForce }]
}

function parseBlock(text: string): AddressBlock {
  if (!text.includes('-')) return { cidr: text }
  const [first, last, more] = text.split('-')
  if (first === undefined || last === undefined || more !== undefined) return { cidr: text }
  return { first: first.trim(), last: last.trim() }
}

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

/** The locations of the same data in the two kinds of WAF policies. */
interface WafFields {
  /** The JSON pointer of the custom rules. */
  place: string
  rules: (row: BodyReader) => BodyReader[]
  /** The name of the state, in `policySettings` and in each rule. */
  state: string
  /** Whether a condition is on the address of the client. */
  isOnClient: (condition: BodyReader) => boolean
  values: string
  negation: string
}

const APPLICATION_GATEWAY: WafFields = {
  place: '/properties/customRules',
  rules: (row) => row.list('customRules'),
  state: 'state',
  isOnClient: (condition) =>
    condition.list('matchVariables').some((variable) => isClientAddress(variable, 'variableName')),
  values: 'matchValues',
  // The spelling of ARM.
  negation: 'negationConditon',
}

const FRONT_DOOR: WafFields = {
  place: '/properties/customRules/rules',
  rules: (row) => row.at('customRules').list('rules'),
  state: 'enabledState',
  isOnClient: (condition) => isClientAddress(condition, 'matchVariable'),
  values: 'matchValue',
  negation: 'negateCondition',
}

/** `RemoteAddr` is the client. `SocketAddr` is the other end of the connection, which may be a proxy. */
function isClientAddress(body: BodyReader, field: string): boolean {
  return body.is(field, 'RemoteAddr') || body.is(field, 'SocketAddr')
}

/** IP conditions of the custom rules of an Application Gateway WAF policy. */
export function applicationGatewayWafEntries(row: BodyReader): AllowListEntry[] {
  return wafEntries(row, APPLICATION_GATEWAY)
}

/** IP conditions of the custom rules of a Front Door WAF policy. */
export function frontDoorWafEntries(row: BodyReader): AllowListEntry[] {
  return wafEntries(row, FRONT_DOOR)
}

function wafEntries(row: BodyReader, fields: WafFields): AllowListEntry[] {
  const isOff = row.at('policySettings').is(fields.state, 'Disabled')
  return fields.rules(row).flatMap((rule, index) =>
    rule.list('matchConditions').flatMap((condition, nth) => {
      if (!fields.isOnClient(condition) || !condition.is('operator', 'IPMatch')) return []
      return parseEntries(condition.strings(fields.values), {
        place: `${fields.place}/${index}/matchConditions/${nth}/${fields.values}`,
        rule: rule.string('name'),
        effect: wafEffect(rule, condition.boolean(fields.negation)),
        inForce: !isOff && !rule.is(fields.state, 'Disabled'),
      })
    }),
  )
}

/** A negated condition reverses the effect: "block every address outside of the list" is an allow list. */
function wafEffect(rule: BodyReader, isNegated: boolean): RuleEffect {
  const effect = rule.has('action') ? toRuleEffect(rule, 'action') : 'other'
  if (!isNegated || effect === 'other') return effect
  return effect === 'deny' ? 'allow' : 'deny'
}
