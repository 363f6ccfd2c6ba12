import { regionKey } from '../../core/arm/regions.ts'
import type { UsageFacts } from '../../core/snapshot/authorization-facts.ts'
import type {
  FirewallPolicyFacts,
  FirewallPolicyRef,
  IpGroupFacts,
} from '../../core/snapshot/firewall-facts.ts'
import type { NetworkFactsByKind, NetworkKind } from '../arm.ts'
import { API_VERSIONS } from '../client/api-versions.ts'
import { type ArmRequests, subscriptionPath, toTypedId } from '../client/arm-requests.ts'
import { BodyReader } from '../client/body-reader.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import {
  toFirewallFacts,
  toGroupRuleCollections,
  toIpGroupFacts,
  toNetworkSecurityGroupFacts,
} from '../mapping/firewall-and-nsg.ts'
import {
  toLoadBalancerFacts,
  toNatGatewayFacts,
  toPublicIpFacts,
  toPublicIpPrefixFacts,
  toRouteTableFacts,
  toVirtualNetworkFacts,
} from '../mapping/network.ts'

const QUERY = { apiVersion: API_VERSIONS.network }

/** The mapper of each kind of resource. */
export const NETWORK_MAPPERS: { [K in NetworkKind]: (body: BodyReader) => NetworkFactsByKind[K] } = {
  virtualNetworks: toVirtualNetworkFacts,
  natGateways: toNatGatewayFacts,
  publicIPAddresses: toPublicIpFacts,
  publicIPPrefixes: toPublicIpPrefixFacts,
  routeTables: toRouteTableFacts,
  loadBalancers: toLoadBalancerFacts,
  azureFirewalls: toFirewallFacts,
  networkSecurityGroups: toNetworkSecurityGroupFacts,
}

/** All resources of one kind in a subscription, from all pages. */
export async function listNetwork<K extends NetworkKind>(
  requests: ArmRequests,
  kind: K,
  subscriptionId: string,
): Promise<NetworkFactsByKind[K][]> {
  const path = subscriptionPath(subscriptionId, 'Microsoft.Network', kind)
  return (await requests.list(path, QUERY)).map(NETWORK_MAPPERS[kind])
}

/** One resource by its id, in any subscription. */
export async function getNetwork<K extends NetworkKind>(
  requests: ArmRequests,
  kind: K,
  id: string,
): Promise<NetworkFactsByKind[K]> {
  const { body } = await requests.get(toTypedId(id, `Microsoft.Network/${kind}`), QUERY)
  return NETWORK_MAPPERS[kind](new BodyReader(body))
}

/** `Microsoft.Network/locations/{location}/usages`, with the region's short name (`eastus` for `East US`). */
export async function listUsages(
  requests: ArmRequests,
  subscriptionId: string,
  location: string,
): Promise<UsageFacts[]> {
  const path = subscriptionPath(
    subscriptionId,
    'Microsoft.Network',
    'locations',
    regionKey(location),
    'usages',
  )
  return (await requests.list(path, QUERY)).map(toUsageFacts)
}

/** The firewall policies of a subscription with their base policies. */
export async function listFirewallPolicies(
  requests: ArmRequests,
  subscriptionId: string,
): Promise<FirewallPolicyRef[]> {
  const path = subscriptionPath(subscriptionId, 'Microsoft.Network', 'firewallPolicies')
  return (await requests.list(path, QUERY)).map(toPolicyRef)
}

function toPolicyRef(body: BodyReader): FirewallPolicyRef {
  const basePolicyId = body.at('properties').at('basePolicy').string('id') || null
  return { id: body.requiredString('id'), basePolicyId }
}

/** A firewall policy by its id, with the rules of all its groups: the group with the smallest priority comes first. */
export async function readFirewallPolicy(requests: ArmRequests, id: string): Promise<FirewallPolicyFacts> {
  const path = toTypedId(id, 'Microsoft.Network/firewallPolicies')
  const [policy, groups] = await Promise.all([
    requests.get(path, QUERY),
    requests.list(`${path}/ruleCollectionGroups`, QUERY),
  ])
  const body = new BodyReader(policy.body)
  const priorityOf = (group: BodyReader) =>
    group.at('properties').number('priority') ?? Number.MAX_SAFE_INTEGER
  return {
    ...toPolicyRef(body),
    dnsProxy: body.at('properties').at('dnsSettings').boolean('enableProxy'),
    dnsServers: body.at('properties').at('dnsSettings').strings('servers'),
    collections: groups.sort((a, b) => priorityOf(a) - priorityOf(b)).flatMap(toGroupRuleCollections),
  }
}

/** The IP groups of a subscription, to which firewall rules refer. */
export async function listIpGroups(requests: ArmRequests, subscriptionId: string): Promise<IpGroupFacts[]> {
  const path = subscriptionPath(subscriptionId, 'Microsoft.Network', 'ipGroups')
  return (await requests.list(path, QUERY)).map(toIpGroupFacts)
}

/** One IP group by its id, in any subscription. */
export async function readIpGroup(requests: ArmRequests, id: string): Promise<IpGroupFacts> {
  const { body } = await requests.get(toTypedId(id, 'Microsoft.Network/ipGroups'), QUERY)
  return toIpGroupFacts(new BodyReader(body))
}

/** The virtual networks with a completed link to a private DNS zone. */
export async function listPrivateZoneLinks(requests: ArmRequests, zoneId: string): Promise<string[]> {
  const path = `${toTypedId(zoneId, 'Microsoft.Network/privateDnsZones')}/virtualNetworkLinks`
  const links = await requests.list(path, { apiVersion: API_VERSIONS.privateDns })
  return links
    .map((link) => link.at('properties'))
    .filter((link) => !link.is('virtualNetworkLinkState', 'InProgress'))
    .flatMap((link) => link.at('virtualNetwork').string('id') || [])
}

function toUsageFacts(usage: BodyReader): UsageFacts {
  return {
    name: usage.at('name').requiredString('value'),
    current: requiredNumber(usage, 'currentValue'),
    limit: requiredNumber(usage, 'limit'),
  }
}

function requiredNumber(usage: BodyReader, field: string): number {
  const value = usage.number(field)
  if (value === null) throw faultOfBody(`a usage has no ${field}`)
  return value
}
