import { type JsonObject, references } from '../lib/json.ts'
import { putPublicIp } from '../network/public-ip.ts'
import { digitsOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'

/** The subscription and resource group of the demo fleet. */
export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
export const RESOURCE_GROUP = 'rg-demo'
export const LOCATION = 'eastus'

/** The id of a network resource in the demo resource group. */
export function networkId(type: string, name: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${RESOURCE_GROUP}/providers/Microsoft.Network/${type}/${name}`
}

/** The ID of a demo cluster, with `resourcegroups` in lower case, as AKS shows it. */
export function clusterId(name: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourcegroups/${RESOURCE_GROUP}/providers/Microsoft.ContainerService/managedClusters/${name}`
}

/** The attachments of a subnet in a customer-managed network. */
interface SubnetSpec {
  name: string
  natGatewayId?: string
  routeTableId?: string
}

/** Common members of a network resource of the demo fleet. */
function buildResource(
  world: World,
  type: string,
  name: string,
  properties: JsonObject,
  rest: JsonObject = {},
): JsonObject {
  return {
    name,
    id: networkId(type, name),
    etag: world.nextEtag(),
    type: `Microsoft.Network/${type}`,
    location: LOCATION,
    properties: { provisioningState: 'Succeeded', resourceGuid: world.nextGuid(), ...properties },
    ...rest,
  }
}

/** The networks with the firewalls of the demo fleet. */
export const HUB_NETWORKS = { company: 'vnet-hub', branch: 'vnet-branch' }

/** A peering of a network with a hub, as Azure shows it after both sides have created their peerings. */
function peeringWithHub(spokeId: string, hub: string): JsonObject {
  return {
    name: `to-${hub}`,
    id: `${spokeId}/virtualNetworkPeerings/to-${hub}`,
    type: 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings',
    properties: {
      provisioningState: 'Succeeded',
      peeringState: 'Connected',
      remoteVirtualNetwork: { id: networkId('virtualNetworks', hub) },
      allowVirtualNetworkAccess: true,
      allowForwardedTraffic: true,
      allowGatewayTransit: false,
      useRemoteGateways: false,
    },
  }
}

/** A virtual network `vnet-{cluster}` with the given subnets, peered with the hubs; returns the ids of the subnets. */
export function customerNetwork(world: World, cluster: string, subnets: SubnetSpec[]): string[] {
  const octet = 10 + (Number(digitsOf(cluster)) % 200)
  const name = `vnet-${cluster}`
  const id = networkId('virtualNetworks', name)
  const bodies = subnets.map((subnet, index) =>
    subnetBody(world, id, subnet, `10.${octet}.${index * 4}.0/22`),
  )
  world.put(
    buildResource(world, 'virtualNetworks', name, {
      addressSpace: { addressPrefixes: [`10.${octet}.0.0/16`] },
      privateEndpointVNetPolicies: 'Disabled',
      subnets: bodies,
      virtualNetworkPeerings: Object.values(HUB_NETWORKS).map((hub) => peeringWithHub(id, hub)),
      enableDdosProtection: false,
    }),
  )
  return subnets.map((subnet) => `${id}/subnets/${subnet.name}`)
}

/** A subnet body inside a virtual network. */
export function subnetBody(
  world: World,
  networkId: string,
  subnet: SubnetSpec,
  addressPrefix: string,
): JsonObject {
  return {
    name: subnet.name,
    id: `${networkId}/subnets/${subnet.name}`,
    etag: world.nextEtag(),
    properties: {
      provisioningState: 'Succeeded',
      addressPrefix,
      ...(subnet.routeTableId === undefined ? {} : { routeTable: { id: subnet.routeTableId } }),
      ...(subnet.natGatewayId === undefined ? {} : { natGateway: { id: subnet.natGatewayId } }),
      delegations: [],
      privateEndpointNetworkPolicies: 'Disabled',
      privateLinkServiceNetworkPolicies: 'Enabled',
    },
    type: 'Microsoft.Network/virtualNetworks/subnets',
  }
}

/** A static public IP of SKU Standard; returns its id. */
export function customerPublicIp(world: World, name: string): string {
  const ipAddress = world.nextAddress('IPv4')
  return putPublicIp(world, { id: networkId('publicIPAddresses', name), location: LOCATION, ipAddress })
}

/** A NAT gateway `natgw-{cluster}` of SKU Standard with one address; returns its id. */
export function customerNatGateway(world: World, cluster: string): string {
  const address = customerPublicIp(world, `pip-natgw-${cluster}`)
  const name = `natgw-${cluster}`
  world.put(
    buildResource(
      world,
      'natGateways',
      name,
      { idleTimeoutInMinutes: 4, publicIpAddresses: references([address]) },
      { sku: { name: 'Standard', tier: 'Regional' } },
    ),
  )
  return networkId('natGateways', name)
}

/** A route table `rt-{cluster}`; without a next hop, it has no default route. Returns its id. */
export function customerRouteTable(
  world: World,
  cluster: string,
  defaultRoute: { nextHopType: string; nextHopIpAddress?: string } | undefined,
  bypass: string[] = [],
): string {
  const name = `rt-${cluster}`
  const id = networkId('routeTables', name)
  const routes = [
    ...(defaultRoute === undefined
      ? []
      : [route(world, id, 'default', { addressPrefix: '0.0.0.0/0', ...defaultRoute })]),
    ...bypass.map((address, index) =>
      route(world, id, `firewall-${index + 1}`, { addressPrefix: `${address}/32`, nextHopType: 'Internet' }),
    ),
  ]
  world.put(buildResource(world, 'routeTables', name, { disableBgpRoutePropagation: false, routes }))
  return id
}

function route(world: World, table: string, name: string, properties: JsonObject): JsonObject {
  return {
    name,
    id: `${table}/routes/${name}`,
    etag: world.nextEtag(),
    properties: { provisioningState: 'Succeeded', ...properties },
    type: 'Microsoft.Network/routeTables/routes',
  }
}

/** Stores a resource that has no builder; returns its ID. */
export function customerResource(
  world: World,
  type: string,
  name: string,
  properties: JsonObject,
  rest?: JsonObject,
): string {
  world.put(buildResource(world, type, name, properties, rest))
  return networkId(type, name)
}
