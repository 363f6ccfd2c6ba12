import type {
  ApplicationRuleFacts,
  NetworkRuleFacts,
  RuleCollectionFacts,
} from '../../core/snapshot/firewall-facts.ts'
import type {
  FirewallFacts,
  NetworkSecurityGroupFacts,
  SecurityRuleFacts,
} from '../../core/snapshot/network-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'

/** The rule collections that a firewall without a policy holds itself, each kind by priority. */
function toClassicRuleCollections(properties: BodyReader): RuleCollectionFacts[] {
  const network = properties.list('networkRuleCollections').map((collection) => ({
    ...commonOf(collection, collection.at('properties')),
    kind: 'network' as const,
    rules: collection.at('properties').list('rules').map(toNetworkRule),
  }))
  const application = properties.list('applicationRuleCollections').map((collection) => ({
    ...commonOf(collection, collection.at('properties')),
    kind: 'application' as const,
    rules: collection.at('properties').list('rules').map(toApplicationRule),
  }))
  return [...network.sort(byPriority), ...application.sort(byPriority)]
}

/** The rule collections of a policy's group, by priority; those for inbound traffic (DNAT) are left out. */
export function toGroupRuleCollections(group: BodyReader): RuleCollectionFacts[] {
  const collections = group.at('properties').list('ruleCollections')
  return collections.flatMap(groupCollections).sort(byPriority)
}

/** ARM lets the rules of one collection differ in kind, although the firewall wants them alike. */
function groupCollections(collection: BodyReader): RuleCollectionFacts[] {
  if (collection.string('ruleCollectionType') === 'FirewallPolicyNatRuleCollection') return []
  const common = commonOf(collection, collection)
  const rules = collection.list('rules')
  const ofKind = (type: string) => rules.filter((rule) => rule.string('ruleType') === type)
  const network = ofKind('NetworkRule').map(toNetworkRule)
  const application = ofKind('ApplicationRule').map(toApplicationRule)
  return [
    ...(network.length === 0 ? [] : [{ ...common, kind: 'network' as const, rules: network }]),
    ...(application.length === 0 ? [] : [{ ...common, kind: 'application' as const, rules: application }]),
  ]
}

function commonOf(named: BodyReader, properties: BodyReader) {
  const isDeny = properties.at('action').string('type')?.toLowerCase() === 'deny'
  return {
    name: named.string('name') ?? '',
    priority: properties.number('priority') ?? Number.MAX_SAFE_INTEGER,
    action: isDeny ? ('Deny' as const) : ('Allow' as const),
  }
}

/** A classic network rule names its `protocols`, one of a policy its `ipProtocols`. */
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
    hasUnreadDestinations:
      rule.strings('destinationIpGroups').length + rule.strings('destinationGeoLocations').length > 0,
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
    fqdnTags: rule.strings('fqdnTags'),
    hasOtherConditions: others.some((name) => rule.strings(name).length > 0),
  }
}

function sourcesOf(rule: BodyReader) {
  const unread = ['sourceIpGroups', 'sourceKubeSelectorGroups', 'sourceGeoLocations']
  return {
    name: rule.string('name') ?? '',
    sources: rule.strings('sourceAddresses'),
    hasUnreadSources: unread.some((name) => rule.strings(name).length > 0),
  }
}

function byPriority(a: { priority: number }, b: { priority: number }): number {
  return a.priority - b.priority
}

/**
 * The facts of an Azure Firewall: the addresses that routes lead to, and those that its traffic leaves
 * from. The management configuration is left out, because no workload's traffic passes it. A firewall
 * in a virtual hub shows its private address under `hubIPAddresses`.
 */
export function toFirewallFacts(body: BodyReader): FirewallFacts {
  const properties = body.at('properties')
  const configurations = properties.list('ipConfigurations').map((item) => item.at('properties'))
  const holders = [...configurations, properties.at('hubIPAddresses')]
  return {
    id: body.requiredString('id'),
    privateAddresses: holders.flatMap((item) => item.string('privateIPAddress') || []),
    publicIpIds: configurations.flatMap((item) => item.at('publicIPAddress').string('id') ?? []),
    subnetIds: configurations.flatMap((item) => item.at('subnet').string('id') ?? []),
    policyId: properties.at('firewallPolicy').string('id') || null,
    dnsProxy:
      properties.stringMap('additionalProperties')['Network.DNS.EnableProxy']?.toLowerCase() === 'true',
    collections: toClassicRuleCollections(properties),
  }
}

/** The facts of a network security group: its own rules and the default ones, the first to decide first. */
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
    direction: rule.string('direction')?.toLowerCase() === 'inbound' ? 'Inbound' : 'Outbound',
    access: rule.string('access')?.toLowerCase() === 'deny' ? 'Deny' : 'Allow',
    priority: rule.number('priority') ?? Number.MAX_SAFE_INTEGER,
    protocol: rule.string('protocol') ?? '*',
    sources: oneOrMany(rule, 'sourceAddressPrefix', 'sourceAddressPrefixes'),
    destinations: oneOrMany(rule, 'destinationAddressPrefix', 'destinationAddressPrefixes'),
    destinationPorts: oneOrMany(rule, 'destinationPortRange', 'destinationPortRanges'),
    usesApplicationGroups: groups.some((name) => rule.list(name).length > 0),
  }
}

/** ARM shows one value in the singular and several in the plural. */
function oneOrMany(rule: BodyReader, single: string, many: string): string[] {
  const value = rule.string(single)
  return [...(value ? [value] : []), ...rule.strings(many)]
}
