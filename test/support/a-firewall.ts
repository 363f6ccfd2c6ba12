import type {
  ApplicationRuleFacts,
  NetworkRuleFacts,
  RuleCollectionFacts,
} from '../../src/core/snapshot/firewall-facts.ts'
import type { NetworkSecurityGroupFacts, SecurityRuleFacts } from '../../src/core/snapshot/network-facts.ts'
import { aFirewall, GROUP, NETWORK } from './a-cluster.ts'

/** Builders of firewalls and security groups for tests of the core. */

export const FIREWALL = `${GROUP}/${NETWORK}/azureFirewalls/fw`
export const SECURITY_GROUP = `${GROUP}/${NETWORK}/networkSecurityGroups/nsg`

export function aNetworkRule(given: Partial<NetworkRuleFacts> = {}): NetworkRuleFacts {
  return {
    name: 'rule',
    sources: ['*'],
    sourceGroupIds: [],
    hasUnreadSources: false,
    protocols: ['TCP'],
    destinations: [],
    destinationGroupIds: [],
    fqdns: [],
    ports: ['443'],
    hasUnreadDestinations: false,
    ...given,
  }
}

export function anApplicationRule(given: Partial<ApplicationRuleFacts> = {}): ApplicationRuleFacts {
  return {
    name: 'rule',
    sources: ['*'],
    sourceGroupIds: [],
    hasUnreadSources: false,
    protocols: [
      { type: 'Http', port: 80 },
      { type: 'Https', port: 443 },
    ],
    fqdns: [],
    fqdnTags: [],
    hasOtherConditions: false,
    ...given,
  }
}

export function networkRules(
  rules: Partial<NetworkRuleFacts>[],
  given: { action?: 'Allow' | 'Deny'; priority?: number } = {},
): RuleCollectionFacts {
  const common = { name: 'network', priority: 100, action: 'Allow' as const, ...given }
  return { ...common, kind: 'network', rules: rules.map(aNetworkRule) }
}

export function applicationRules(
  rules: Partial<ApplicationRuleFacts>[],
  given: { action?: 'Allow' | 'Deny'; priority?: number } = {},
): RuleCollectionFacts {
  const common = { name: 'application', priority: 100, action: 'Allow' as const, ...given }
  return { ...common, kind: 'application', rules: rules.map(anApplicationRule) }
}

/** The rules of the documented example (limit-egress-traffic), with its note about pods that use the API server. */
export const DOCUMENTED_RULES: RuleCollectionFacts[] = [
  networkRules([
    { protocols: ['TCP'], destinations: ['AzureCloud.EastUS'], ports: ['443'] },
    { protocols: ['TCP'], destinations: ['AzureCloud.EastUS'], ports: ['9000'] },
    { protocols: ['UDP'], destinations: ['AzureCloud.EastUS'], ports: ['1194'] },
    { protocols: ['UDP'], fqdns: ['ntp.ubuntu.com'], ports: ['123'] },
  ]),
  applicationRules([{ fqdnTags: ['AzureKubernetesService'] }]),
]

/** A firewall at 10.9.0.4 that lets everything through that is documented. */
export function anOpenFirewall() {
  return aFirewall({ id: FIREWALL, dnsProxy: true, collections: DOCUMENTED_RULES })
}

export function aSecurityRule(given: Partial<SecurityRuleFacts>): SecurityRuleFacts {
  return {
    name: 'rule',
    direction: 'Outbound',
    access: 'Deny',
    priority: 100,
    protocol: '*',
    sources: ['*'],
    destinations: ['*'],
    destinationPorts: ['*'],
    usesApplicationGroups: false,
    ...given,
  }
}

/** A group with these rules before Azure's own ones. */
export function aSecurityGroup(...rules: Partial<SecurityRuleFacts>[]): NetworkSecurityGroupFacts {
  const own = rules.map((rule, index) => aSecurityRule({ priority: 100 + index, ...rule }))
  const inside = { access: 'Allow' as const, sources: ['VirtualNetwork'], destinations: ['VirtualNetwork'] }
  const defaults = [
    aSecurityRule({ name: 'AllowVnetInBound', ...inside, direction: 'Inbound', priority: 65_000 }),
    aSecurityRule({ name: 'DenyAllInBound', direction: 'Inbound', priority: 65_500 }),
    aSecurityRule({ name: 'AllowVnetOutBound', ...inside, priority: 65_000 }),
    aSecurityRule({
      name: 'AllowInternetOutBound',
      access: 'Allow',
      destinations: ['Internet'],
      priority: 65_001,
    }),
    aSecurityRule({ name: 'DenyAllOutBound', priority: 65_500 }),
  ]
  return { id: SECURITY_GROUP, subnetIds: [], rules: [...own, ...defaults] }
}
