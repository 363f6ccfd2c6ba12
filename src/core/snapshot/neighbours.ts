import { idKey, lastSegment } from '../arm/resource-id.ts'
import { armWord, equalsArm } from '../arm/words.ts'
import { memoize } from '../lib/memoize.ts'
import { listed } from '../lib/text.ts'
import type { SubnetFacts } from './network-facts.ts'
import type { Snapshot } from './snapshot.ts'

/** A subnet outside of the cluster that shares a route table, NAT gateway, or security group with it. */
export interface Neighbour {
  id: string
  /** What the subnet serves, such as `Application Gateway`; null for a subnet without a known purpose. */
  purpose: string | null
  /** Whether Azure supports no default route to an appliance or gateway here. */
  needsInternetRoute: boolean
  /** The names of the resource groups whose resources have an address in it. */
  groups: string[]
}

/**
 * Subnets that Azure reserves for a service by their name. They need a direct path to the internet: GatewaySubnet
 * (vpn-gateway-about-vpn-gateway-settings), AzureBastionSubnet (bastion-faq), the subnets of Azure Firewall
 * (forced-tunneling); that RouteServerSubnet does too is inferred.
 */
const RESERVED_SUBNETS: Record<string, string> = {
  AzureBastionSubnet: 'Azure Bastion',
  AzureFirewallManagementSubnet: 'management of Azure Firewall',
  AzureFirewallSubnet: 'Azure Firewall',
  GatewaySubnet: 'virtual network gateways',
  RouteServerSubnet: 'Azure Route Server',
}

/** Whether the name of a subnet reserves it for a service of Azure, so that nodes cannot be in it. */
export function isReservedSubnet(id: string): boolean {
  return reservedName(id) !== null
}

function reservedName(id: string): string | null {
  return armWord(lastSegment(id), Object.keys(RESERVED_SUBNETS))
}

/** Services that a subnet is delegated to, as far as a reader knows the service by another name. */
const DELEGATIONS: Record<string, string> = {
  'Microsoft.ContainerService/managedClusters': 'the API server or the pods of a cluster',
  'Microsoft.Network/applicationGateways': 'Application Gateway',
}

/** The subnets of others that use this route table, NAT gateway, or security group. */
export function neighboursOn(resourceId: string, snapshot: Snapshot): Neighbour[] {
  const { routeTables, natGateways, networkSecurityGroups, virtualNetworks, subnets } = snapshot
  const known = subnetsByKey(virtualNetworks)
  const key = idKey(resourceId)
  const own = new Set(subnets.map(({ id }) => idKey(id)))
  const named = [routeTables[key], natGateways[key], networkSecurityGroups[key]].flatMap(
    (resource) => resource?.subnetIds ?? [],
  )
  const referring = [...known.values()].filter((subnet) => refersTo(subnet, resourceId))
  const using = [...referring, ...servedSubnets(resourceId, snapshot)].map(({ id }) => id)
  const ids = new Map([...using, ...named].map((id) => [idKey(id), id]))
  return [...ids].filter(([id]) => !own.has(id)).map(([id, name]) => toNeighbour(name, known.get(id)))
}

/** Every subnet of every network, of which a subscription may have thousands. */
const subnetsByKey = memoize(
  (networks: Snapshot['virtualNetworks']): Map<string, SubnetFacts> =>
    new Map(
      Object.values(networks).flatMap(({ subnets }) =>
        subnets.map((subnet) => [idKey(subnet.id), subnet] as const),
      ),
    ),
)

function refersTo(subnet: SubnetFacts, resourceId: string): boolean {
  const { routeTableId, natGatewayId, networkSecurityGroupId } = subnet
  return [routeTableId, natGatewayId, networkSecurityGroupId].some((id) => equalsArm(id, resourceId))
}

/** The subnets that a NAT gateway serves as parts of their virtual network (StandardV2, nat-overview). */
function servedSubnets(gatewayId: string, { virtualNetworks, natGateways }: Snapshot): SubnetFacts[] {
  const source = natGateways[idKey(gatewayId)]?.sourceVirtualNetworkId ?? null
  // Inferred: of the subnets with a reserved name, only that of Azure Firewall uses the gateway.
  const isExcluded = ({ id }: SubnetFacts) =>
    isReservedSubnet(id) && !equalsArm(lastSegment(id), 'AzureFirewallSubnet')
  return Object.values(virtualNetworks)
    .filter(({ id, natGatewayId }) =>
      natGatewayId === null ? equalsArm(source, id) : equalsArm(natGatewayId, gatewayId),
    )
    .flatMap(({ subnets }) => subnets)
    .filter((subnet) => subnet.natGatewayId === null && !isExcluded(subnet))
}

function toNeighbour(id: string, facts: SubnetFacts | undefined): Neighbour {
  const reserved = reservedName(id)
  const isGateway =
    facts?.hasApplicationGateway === true ||
    facts?.delegations.some((name) => equalsArm(name, 'Microsoft.Network/applicationGateways')) === true
  const [delegation] = facts?.delegations ?? []
  const service = armWord(delegation, Object.keys(DELEGATIONS))
  const purpose =
    (reserved === null ? undefined : RESERVED_SUBNETS[reserved]) ??
    (isGateway ? 'Application Gateway' : undefined) ??
    (service === null ? delegation : DELEGATIONS[service]) ??
    null
  return {
    id,
    purpose,
    needsInternetRoute: reserved !== null || isGateway,
    groups: (facts?.occupantGroups ?? []).map(lastSegment),
  }
}

/** `subnet vnet/subnets/appgw (Application Gateway)`, `subnet vnet/subnets/apps (resources of mc_shop)`. */
export function neighbourLabel({ id, purpose, groups }: Neighbour): string {
  const content = purpose ?? (groups.length === 0 ? null : `resources of ${listed(groups)}`)
  return `subnet ${id.split('/').slice(-3).join('/')}${content === null ? '' : ` (${content})`}`
}
