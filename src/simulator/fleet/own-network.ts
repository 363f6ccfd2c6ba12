import type { JsonObject } from '../json.ts'
import { references } from '../json.ts'
import { digitsOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'
import { LOCATION, networkId } from './place.ts'

/** What a subnet of a customer's network has attached. */
export interface SubnetSpec {
  name: string
  natGatewayId?: string
  routeTableId?: string
}

/** Common members of a network resource of the demo fleet. */
function resource(
  world: World,
  type: string,
  name: string,
  properties: JsonObject,
  rest: JsonObject = {},
): JsonObject {
  return {
    name,
    id: networkId(type, name),
    etag: `W/"${world.nextGuid()}"`,
    type: `Microsoft.Network/${type}`,
    location: LOCATION,
    properties: { provisioningState: 'Succeeded', resourceGuid: world.nextGuid(), ...properties },
    ...rest,
  }
}

/** A virtual network `vnet-{cluster}` with the given subnets; returns the ids of the subnets. */
export function ownNetwork(world: World, cluster: string, subnets: SubnetSpec[]): string[] {
  const octet = 10 + (Number(digitsOf(cluster)) % 200)
  const name = `vnet-${cluster}`
  const id = networkId('virtualNetworks', name)
  const bodies = subnets.map((subnet, index) =>
    subnetBody(world, id, subnet, `10.${octet}.${index * 4}.0/22`),
  )
  world.put(
    resource(world, 'virtualNetworks', name, {
      addressSpace: { addressPrefixes: [`10.${octet}.0.0/16`] },
      privateEndpointVNetPolicies: 'Disabled',
      subnets: bodies,
      virtualNetworkPeerings: [],
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
    etag: `W/"${world.nextGuid()}"`,
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
export function ownPublicIp(world: World, name: string): string {
  const { type, ...body } = resource(world, 'publicIPAddresses', name, {
    ipAddress: world.nextAddress('IPv4'),
    publicIPAddressVersion: 'IPv4',
    publicIPAllocationMethod: 'Static',
    idleTimeoutInMinutes: 4,
    ipTags: [],
    ddosSettings: { protectionMode: 'VirtualNetworkInherited' },
  })
  world.put({ ...body, type, sku: { name: 'Standard', tier: 'Regional' } })
  return networkId('publicIPAddresses', name)
}

/** A NAT gateway `natgw-{cluster}` of SKU Standard with one address; returns its id. */
export function ownNatGateway(world: World, cluster: string): string {
  const address = ownPublicIp(world, `pip-natgw-${cluster}`)
  const name = `natgw-${cluster}`
  world.put(
    resource(
      world,
      'natGateways',
      name,
      { idleTimeoutInMinutes: 4, publicIpAddresses: references([address]) },
      { sku: { name: 'Standard', tier: 'Regional' } },
    ),
  )
  return networkId('natGateways', name)
}

/** A route table `rt-{cluster}`; a next hop of undefined leaves the default route out. Returns its id. */
export function ownRouteTable(
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
  world.put(resource(world, 'routeTables', name, { disableBgpRoutePropagation: false, routes }))
  return id
}

function route(world: World, table: string, name: string, properties: JsonObject): JsonObject {
  return {
    name,
    id: `${table}/routes/${name}`,
    etag: `W/"${world.nextGuid()}"`,
    properties: { provisioningState: 'Succeeded', ...properties },
    type: 'Microsoft.Network/routeTables/routes',
  }
}

/** Puts a resource that has no builder of its own; returns its id. */
export function ownResource(
  world: World,
  type: string,
  name: string,
  properties: JsonObject,
  rest?: JsonObject,
): string {
  world.put(resource(world, type, name, properties, rest))
  return networkId(type, name)
}
