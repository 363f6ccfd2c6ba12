import { AKS_FQDN_TAG } from '../../core/endpoints/firewall-match.ts'
import type {
  ApplicationRuleFacts,
  IpGroupFacts,
  NetworkRuleFacts,
  RuleCollectionFacts,
} from '../../core/snapshot/firewall-facts.ts'
import type {
  FirewallFacts,
  NetworkSecurityGroupFacts,
  SecurityRuleFacts,
} from '../../core/snapshot/network-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'

/** The kinds of rules for outbound traffic, in the order of evaluation. */
const OUTBOUND_KINDS = ['network', 'application'] as const

/** The rule collections of a firewall without a policy: network rules first, each kind by priority. */
function toClassicRuleCollections(properties: BodyReader): RuleCollectionFacts[] {
  return OUTBOUND_KINDS.flatMap((kind) =>
    classicRuleCollections(properties, kind)
      .map((collection) => toRuleCollectionFacts(collection, kind))
      .sort(byPriority),
  )
}

/**
 * The rule collections of a rule collection group of a policy, by priority, without the collections for inbound traffic
 * (DNAT).
 */
export function toGroupRuleCollections(group: BodyReader): RuleCollectionFacts[] {
  return policyRuleCollections(group)
    .flatMap((collection) =>
      OUTBOUND_KINDS.filter((kind) => collection.rules.some((rule) => rule.kind === kind)).map((kind) =>
        toRuleCollectionFacts(collection, kind),
      ),
    )
    .sort(byPriority)
}

function toRuleCollectionFacts(
  { rules, ...collection }: RuleCollection,
  kind: (typeof OUTBOUND_KINDS)[number],
): RuleCollectionFacts {
  const bodies = rules.filter((rule) => rule.kind === kind).map(({ body }) => body)
  return kind === 'network'
    ? { ...collection, kind, rules: bodies.map(toNetworkRule) }
    : { ...collection, kind, rules: bodies.map(toApplicationRule) }
}

/** A classic network rule has `protocols`; a rule of a policy has `ipProtocols`. */
function toNetworkRule(rule: BodyReader): NetworkRuleFacts {
  return {
    ...sourcesOf(rule),
    protocols: [
      ...rule.strings('ipProtocols'),
      ...(rule.has('ipProtocols') ? [] : rule.strings('protocols')),
    ],
    destinations: rule.strings('destinationAddresses'),
    fqdns: rule.strings('destinationFqdns'),
    ports: rule.strings('destinationPorts'),
    destinationGroupIds: rule.strings('destinationIpGroups'),
    hasUnreadDestinations: rule.strings('destinationGeoLocations').length > 0,
  }
}

function toApplicationRule(rule: BodyReader): ApplicationRuleFacts {
  const others = ['destinationAddresses', 'targetUrls', 'webCategories']
  return {
    ...sourcesOf(rule),
    protocols: rule
      .list('protocols')
      .map((protocol) => ({ type: protocol.string('protocolType') ?? '', port: protocol.number('port') })),
    fqdns: rule.strings('targetFqdns'),
    fqdnTags: rule.words('fqdnTags', [AKS_FQDN_TAG]),
    hasOtherConditions: others.some((name) => rule.strings(name).length > 0),
  }
}

function sourcesOf(rule: BodyReader) {
  const unread = ['sourceKubeSelectorGroups', 'sourceGeoLocations']
  return {
    name: rule.string('name') ?? '',
    sources: rule.strings('sourceAddresses'),
    sourceGroupIds: rule.strings('sourceIpGroups'),
    hasUnreadSources: unread.some((name) => rule.strings(name).length > 0),
  }
}

function byPriority(a: { priority: number }, b: { priority: number }): number {
  return a.priority - b.priority
}

/**
 * The facts of an Azure Firewall: the addresses that routes use as next hop, and the source addresses of its traffic.
 * The addresses of the management configuration are omitted, because no traffic of workloads uses them. A firewall in a virtual hub shows
 * its private address under `hubIPAddresses`.
 */
export function toFirewallFacts(body: BodyReader): FirewallFacts {
  const properties = body.at('properties')
  const configurations = properties.list('ipConfigurations').map((item) => item.at('properties'))
  const holders = [...configurations, properties.at('hubIPAddresses')]
  return {
    id: body.requiredString('id'),
    tier: properties.at('sku').string('tier') || null,
    privateAddresses: holders.flatMap((item) => item.string('privateIPAddress') || []),
    publicIpIds: configurations.flatMap((item) => item.at('publicIPAddress').string('id') ?? []),
    hubPublicAddresses: properties
      .at('hubIPAddresses')
      .at('publicIPs')
      .list('addresses')
      .flatMap((item) => item.string('address') || []),
    hasManagementInterface: properties.has('managementIpConfiguration'),
    virtualHubId: properties.at('virtualHub').string('id') || null,
    subnetIds: configurations.flatMap((item) => item.at('subnet').string('id') ?? []),
    policyId: properties.at('firewallPolicy').string('id') || null,
    dnsProxy: properties.at('additionalProperties').is('Network.DNS.EnableProxy', 'true'),
    dnsServers: (properties.at('additionalProperties').string('Network.DNS.Servers') ?? '')
      .split(',')
      .flatMap((server) => server.trim() || []),
    collections: toClassicRuleCollections(properties),
  }
}

export function toIpGroupFacts(body: BodyReader): IpGroupFacts {
  return { id: body.requiredString('id'), addresses: body.at('properties').strings('ipAddresses') }
}

/** The facts of a network security group: its rules and the default rules, in the order of evaluation. */
export function toNetworkSecurityGroupFacts(body: BodyReader): NetworkSecurityGroupFacts {
  const properties = body.at('properties')
  const rules = [...properties.list('securityRules'), ...properties.list('defaultSecurityRules')]
  return {
    id: body.requiredString('id'),
    subnetIds: properties.ids('subnets'),
    rules: rules.map(toSecurityRule).sort((a, b) => a.priority - b.priority),
  }
}

function toSecurityRule(body: BodyReader): SecurityRuleFacts {
  const rule = body.at('properties')
  const groups = ['sourceApplicationSecurityGroups', 'destinationApplicationSecurityGroups']
  return {
    name: body.string('name') ?? '',
    direction: rule.oneOf('direction', ['Inbound', 'Outbound'], 'Outbound'),
    access: rule.oneOf('access', ['Allow', 'Deny'], 'Allow'),
    priority: rule.number('priority') ?? Number.MAX_SAFE_INTEGER,
    protocol: rule.string('protocol') ?? '*',
    sources: rule.oneOrMany('sourceAddressPrefix', 'sourceAddressPrefixes'),
    destinations: rule.oneOrMany('destinationAddressPrefix', 'destinationAddressPrefixes'),
    destinationPorts: rule.oneOrMany('destinationPortRange', 'destinationPortRanges'),
    usesApplicationGroups: groups.some((name) => rule.list(name).length > 0),
  }
}

export type RuleKind = 'network' | 'nat' | 'application'

/** A rule collection of an Azure Firewall or a firewall policy, with its rules in the form of ARM. */
export interface RuleCollection {
  name: string
  /** The collection with the lowest number is evaluated first. */
  priority: number
  /** A NAT collection has the action `DNAT` or `SNAT`, and allows the traffic that it translates. */
  action: 'Allow' | 'Deny'
  rules: { kind: RuleKind | null; place: string; body: BodyReader }[]
}

/** The classic rule collections of one kind, from the properties of a firewall that has no policy. */
export function classicRuleCollections(firewall: BodyReader, kind: RuleKind): RuleCollection[] {
  return firewall.list(`${kind}RuleCollections`).map((collection, index) => {
    const place = `/properties/${kind}RuleCollections/${index}/properties`
    return toRuleCollection(collection, collection.at('properties'), place, () => kind)
  })
}

/** The rule collections of one rule collection group of a firewall policy. */
export function policyRuleCollections(group: BodyReader): RuleCollection[] {
  const place = `/ruleCollectionGroups/${group.string('name') ?? ''}/properties/ruleCollections`
  return group
    .at('properties')
    .list('ruleCollections')
    .map((collection, index) => toRuleCollection(collection, collection, `${place}/${index}`, kindOfRule))
}

const RULE_TYPES: [string, RuleKind][] = [
  ['NetworkRule', 'network'],
  ['NatRule', 'nat'],
  ['ApplicationRule', 'application'],
]

/** ARM allows rules of several kinds in one collection, although the firewall expects one. */
function kindOfRule(rule: BodyReader): RuleKind | null {
  return RULE_TYPES.find(([type]) => rule.is('ruleType', type))?.[1] ?? null
}

function toRuleCollection(
  named: BodyReader,
  properties: BodyReader,
  place: string,
  kindOf: (rule: BodyReader) => RuleKind | null,
): RuleCollection {
  return {
    name: named.string('name') ?? '',
    priority: properties.number('priority') ?? Number.MAX_SAFE_INTEGER,
    action: properties.at('action').oneOf('type', ['Allow', 'Deny'], 'Allow'),
    rules: properties
      .list('rules')
      .map((body, index) => ({ kind: kindOf(body), place: `${place}/rules/${index}`, body })),
  }
}
