import { equalsArm } from '../../core/arm/words.ts'
import type { AllowListEntry } from '../../core/snapshot/allow-list-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'
import { type EntryContext, parseEntries, parseEntry, parseRangeEntry, toRuleEffect } from './entries.ts'

const IP_FILTER = /<ip-filter\s+([^>]*)>([\s\S]*?)<\/ip-filter>/gi
const IP_FILTER_MEMBER = /<address>([^<]*)<\/address>|<address-range\s+([^>]*)\/?>/gi

/**
 * The `ip-filter` policies in the global policy of an API Management service, which is XML in `properties.value`.
 * Addresses that are expressions or named values are unknown.
 */
export function apiManagementEntries([policy]: BodyReader[]): AllowListEntry[] {
  const xml = stripXmlComments(policy?.at('properties').string('value') ?? '')
  return [...xml.matchAll(IP_FILTER)].flatMap(([, attributes = '', inner = ''], index) =>
    toFilterEntries(inner, {
      place: `/policies/policy/inbound/ip-filter/${index}`,
      rule: 'ip-filter',
      effect: equalsArm(xmlAttribute(attributes, 'action'), 'forbid') ? 'deny' : 'allow',
    }),
  )
}

function toFilterEntries(inner: string, where: EntryContext): AllowListEntry[] {
  return [...inner.matchAll(IP_FILTER_MEMBER)].flatMap(([, address, range], nth) => {
    const at = { ...where, place: `${where.place}/${nth}` }
    return range === undefined
      ? parseEntry(address ?? null, at)
      : parseRangeEntry(xmlAttribute(range, 'from'), xmlAttribute(range, 'to'), at)
  })
}

function xmlAttribute(attributes: string, name: string): string | null {
  return new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`, 'i').exec(attributes)?.[1] ?? null
}

function stripXmlComments(xml: string): string {
  return xml.replace(/<!--[\s\S]*?-->/g, '')
}

/** The entries of `ipRules`. Each rule has an address in the given field, and an action. */
function ipRuleEntries(
  parent: BodyReader,
  { place, field, inForce }: { place: string; field: string; inForce: boolean },
): AllowListEntry[] {
  return parent.list('ipRules').flatMap((rule, index) =>
    parseEntry(rule.string(field), {
      place: `${place}/ipRules/${index}`,
      effect: toRuleEffect(rule, 'action'),
      inForce,
    }),
  )
}

/** `networkRuleSet.ipRules` of a registry: `{ action, value }`. */
export function containerRegistryEntries(row: BodyReader): AllowListEntry[] {
  return defaultDenyEntries(row, 'networkRuleSet')
}

/** `networkAcls.ipRules` of a storage account, a key vault or a Cognitive Services account: `{ value, action? }`. */
export function networkAclsEntries(row: BodyReader): AllowListEntry[] {
  return defaultDenyEntries(row, 'networkAcls')
}

/** The rules take effect only if the default action is Deny. */
function defaultDenyEntries(row: BodyReader, name: string): AllowListEntry[] {
  const parent = row.at(name)
  const inForce = parent.is('defaultAction', 'Deny')
  return ipRuleEntries(parent, { place: `/properties/${name}`, field: 'value', inForce })
}

/**
 * `ipRules` of a Cosmos DB account: `{ ipAddressOrRange }`; accounts from before 2020 have one text with commas.
 * `0.0.0.0` means Azure data centers and contains no address of a cluster.
 */
export function cosmosAccountEntries(row: BodyReader): AllowListEntry[] {
  const rules = row.list('ipRules')
  if (rules.length > 0)
    return rules.flatMap((rule, index) =>
      parseEntry(rule.string('ipAddressOrRange'), { place: `/properties/ipRules/${index}`, effect: 'allow' }),
    )
  const filter = row.string('ipRangeFilter')?.split(',') ?? []
  return parseEntries(filter, { place: '/properties/ipRangeFilter', effect: 'allow' })
}

/**
 * The firewall rules of an SQL, PostgreSQL or MySQL server. Each rule is a child resource with a first and a last
 * address. `0.0.0.0` to `0.0.0.0` allows Azure services and contains no address of a cluster.
 */
export function firewallRuleEntries(rules: BodyReader[]): AllowListEntry[] {
  return rules.flatMap((rule) => {
    const name = rule.string('name')
    const properties = rule.at('properties')
    return parseRangeEntry(properties.string('startIpAddress'), properties.string('endIpAddress'), {
      place: `/firewallRules/${name ?? ''}`,
      rule: name,
      effect: 'allow',
    })
  })
}

/** `authorizedIPRanges` of a cluster's API server; clusters with a private API server have none. */
export function managedClusterEntries(row: BodyReader): AllowListEntry[] {
  const place = '/properties/apiServerAccessProfile/authorizedIPRanges'
  return parseEntries(row.strings('authorizedIPRanges'), { place, effect: 'allow' })
}

/** `networkRuleSets/default` of an Event Hubs or Service Bus namespace: `ipRules` of `{ ipMask, action }`. */
export function networkRuleSetEntries([ruleSet]: BodyReader[]): AllowListEntry[] {
  if (ruleSet === undefined) return []
  const properties = ruleSet.at('properties')
  const inForce = properties.is('defaultAction', 'Deny') && !properties.is('publicNetworkAccess', 'Disabled')
  return ipRuleEntries(properties, { place: '/networkRuleSets/default/properties', field: 'ipMask', inForce })
}

/**
 * Access restrictions of a web app and of its deployment site (scm), which may use the restrictions of the app. A
 * rule's `ipAddress` may be several CIDRs with commas, or an address beside a `subnetMask`.
 */
export function webAppEntries([config]: BodyReader[]): AllowListEntry[] {
  const properties = config?.at('properties')
  if (properties === undefined) return []
  const scmIsOwn = !properties.boolean('scmIpSecurityRestrictionsUseMain')
  return [
    ...toRestrictionEntries(properties, 'ipSecurityRestrictions', true),
    ...toRestrictionEntries(properties, 'scmIpSecurityRestrictions', scmIsOwn),
  ]
}

function toRestrictionEntries(properties: BodyReader, list: string, inForce: boolean): AllowListEntry[] {
  return properties.list(list).flatMap((rule, index) => {
    const where = {
      place: `/config/web/properties/${list}/${index}`,
      rule: rule.string('name'),
      effect: toRuleEffect(rule, 'action'),
      inForce,
    }
    const mask = toPrefixLength(rule.string('subnetMask'))
    const texts = rule.string('ipAddress')?.split(',') ?? []
    return texts.flatMap((text) => parseEntry(mask === null ? text : `${text.trim()}/${mask}`, where))
  })
}

/** `255.255.255.0` as 24. */
function toPrefixLength(mask: string | null): number | null {
  if (mask === null || mask === '') return null
  return mask
    .split('.')
    .reduce((length, part) => length + Number(part).toString(2).replaceAll('0', '').length, 0)
}
