import {
  inOrder,
  type JsonObject,
  listAt,
  lowerCaseAt,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
  withMembers,
  withProperties,
} from '../lib/json.ts'
import type { World } from '../world/world.ts'
import { publicIpProperties } from './public-ip.ts'

/** The ID of the virtual network in the ID of a subnet. */
export function networkIdOf(subnetId: string): string {
  return subnetId.split('/').slice(0, 9).join('/')
}

/** The subnet with this id, inside its virtual network. */
export function findSubnet(world: World, subnetId: string): JsonObject | undefined {
  const wanted = subnetId.toLowerCase()
  return objectsAt(world.get(networkIdOf(subnetId)), 'properties', 'subnets').find(
    (subnet) => textAt(subnet, 'id')?.toLowerCase() === wanted,
  )
}

/** Changes properties of a subnet (undefined removes a property). Does nothing if the subnet is missing. */
export function changeSubnet(world: World, subnetId: string, change: JsonObject): void {
  const subnet = findSubnet(world, subnetId)
  if (subnet === undefined) return
  putSubnet(world, withProperties(subnet, change))
}

/** Stores a subnet in its virtual network, with new ETags for both. */
export function putSubnet(world: World, subnet: JsonObject): void {
  const network = world.get(networkIdOf(textAt(subnet, 'id') ?? ''))
  if (network === undefined) return
  const etag = world.nextEtag()
  world.put({ ...withSubnet(network, withMembers(subnet, { etag })), etag })
}

/** A virtual network with a subnet that replaces the subnet with the same ID, or is added at the end. */
export function withSubnet(network: JsonObject, subnet: JsonObject): JsonObject {
  const subnets = objectsAt(network, 'properties', 'subnets')
  const place = subnets.findIndex((other) => lowerCaseAt(other, 'id') === lowerCaseAt(subnet, 'id'))
  const changed = place < 0 ? [...subnets, subnet] : subnets.with(place, subnet)
  return withProperties(network, { subnets: changed })
}

/** The documented default rules of every network security group, which cannot be removed. */
const DEFAULT_RULES: [string, string, string, string, string, number][] = [
  ['AllowVnetInBound', 'Inbound', 'VirtualNetwork', 'VirtualNetwork', 'Allow', 65_000],
  ['AllowAzureLoadBalancerInBound', 'Inbound', 'AzureLoadBalancer', '*', 'Allow', 65_001],
  ['DenyAllInBound', 'Inbound', '*', '*', 'Deny', 65_500],
  ['AllowVnetOutBound', 'Outbound', 'VirtualNetwork', 'VirtualNetwork', 'Allow', 65_000],
  ['AllowInternetOutBound', 'Outbound', '*', 'Internet', 'Allow', 65_001],
  ['DenyAllOutBound', 'Outbound', '*', '*', 'Deny', 65_500],
]

/** `defaultSecurityRules` of the group with this id. */
export function defaultSecurityRules(groupId: string): JsonObject[] {
  return DEFAULT_RULES.map(([name, direction, source, destination, access, priority]) => ({
    name,
    id: `${groupId}/defaultSecurityRules/${name}`,
    type: 'Microsoft.Network/networkSecurityGroups/defaultSecurityRules',
    properties: {
      provisioningState: 'Succeeded',
      protocol: '*',
      sourcePortRange: '*',
      destinationPortRange: '*',
      sourceAddressPrefix: source,
      destinationAddressPrefix: destination,
      access,
      priority,
      direction,
    },
  }))
}

/** The input of a Microsoft.Network PUT: the type in lower case without provider, the stored body, and the sent body. */
interface NetworkPut {
  id: string
  type: string
  apiVersion: string
  current: JsonObject | undefined
  sent: JsonObject
}

/** Spelling of types in bodies, and the order of top-level members; public IPs differ from the others (recordings). */
const TYPE_NAMES: Record<string, string> = {
  virtualnetworks: 'virtualNetworks',
  natgateways: 'natGateways',
  publicipaddresses: 'publicIPAddresses',
  publicipprefixes: 'publicIPPrefixes',
  routetables: 'routeTables',
  loadbalancers: 'loadBalancers',
  azurefirewalls: 'azureFirewalls',
  networksecuritygroups: 'networkSecurityGroups',
  firewallpolicies: 'firewallPolicies',
  ipgroups: 'ipGroups',
}
const ORDER = ['name', 'id', 'etag', 'type', 'location', 'tags', 'zones', 'properties', 'sku']
const PUBLIC_IP_ORDER = ['name', 'id', 'etag', 'location', 'tags', 'zones', 'properties', 'type', 'sku']

/** True for a type that this simulator stores. */
export function isNetworkType(type: string): boolean {
  return type in TYPE_NAMES
}

/** The body of a network resource after a PUT: `Updating`, with the defaults of its type, in the recorded order. */
export function networkBody(world: World, put: NetworkPut): JsonObject {
  const given = objectAt(put.sent, 'properties') ?? {}
  const properties: JsonObject = {
    provisioningState: 'Updating',
    resourceGuid: textAt(put.current, 'properties', 'resourceGuid') ?? world.nextGuid(),
    ...propertiesOf(world, put, given),
  }
  // All other sent members are stored, such as DNS servers. Empty lists and false are not shown (recordings 7 and 8).
  for (const [member, value] of Object.entries(given)) {
    const isEmpty = value === false || (Array.isArray(value) && value.length === 0)
    if (!(member in properties) && !isEmpty) properties[member] = value
  }
  const body: JsonObject = {
    name: put.id.split('/').at(-1),
    id: put.id,
    etag: world.nextEtag(),
    type: `Microsoft.Network/${TYPE_NAMES[put.type]}`,
    location: put.sent.location,
    tags: put.sent.tags,
    zones: put.sent.zones ?? put.current?.zones,
    properties,
    sku: skuOf(put),
  }
  return inOrder(body, put.type === 'publicipaddresses' ? PUBLIC_IP_ORDER : ORDER)
}

function skuOf(put: NetworkPut): JsonObject | undefined {
  if (!['natgateways', 'publicipaddresses', 'publicipprefixes', 'loadbalancers'].includes(put.type))
    return undefined
  return {
    name: textAt(put.sent, 'sku', 'name') ?? 'Standard',
    tier: textAt(put.sent, 'sku', 'tier') ?? 'Regional',
  }
}

function propertiesOf(world: World, put: NetworkPut, given: JsonObject): JsonObject {
  const current = objectAt(put.current, 'properties')
  switch (put.type) {
    case 'publicipaddresses':
      return {
        ipAddress: current?.ipAddress,
        ...publicIpProperties(given),
        ipConfiguration: current?.ipConfiguration,
        natGateway: current?.natGateway,
        // The address is any free address, not an address of the prefix.
        publicIPPrefix: given.publicIPPrefix ?? current?.publicIPPrefix,
      }
    case 'publicipprefixes':
      return {
        prefixLength: numberAt(given, 'prefixLength') ?? 28,
        publicIPAddressVersion: given.publicIPAddressVersion ?? 'IPv4',
        ipPrefix: current?.ipPrefix,
        ipTags: given.ipTags ?? [],
        natGateway: current?.natGateway,
        publicIPAddresses: current?.publicIPAddresses,
      }
    case 'natgateways':
      return natGatewayProperties(put, given, current)
    case 'routetables':
      return {
        disableBgpRoutePropagation: given.disableBgpRoutePropagation ?? false,
        routes: objectsAt(given, 'routes').map((route) => childBody(put.id, 'routes', route, world)),
        subnets: current?.subnets,
      }
    case 'virtualnetworks':
      return {
        addressSpace: given.addressSpace ?? { addressPrefixes: [] },
        // Shown with api-version 2024-05-01 and not with 2022-01-01 (recordings); the boundary is inferred.
        privateEndpointVNetPolicies:
          put.apiVersion < '2024-01-01' ? undefined : (given.privateEndpointVNetPolicies ?? 'Disabled'),
        subnets: objectsAt(given, 'subnets').map((subnet) => subnetBody(put.id, subnet, world)),
        virtualNetworkPeerings: given.virtualNetworkPeerings ?? [],
        enableDdosProtection: given.enableDdosProtection ?? false,
        defaultPublicNatGateway: current?.defaultPublicNatGateway,
      }
    case 'networksecuritygroups':
      return {
        securityRules: objectsAt(given, 'securityRules').map((rule) =>
          childBody(put.id, 'securityRules', rule, world),
        ),
        defaultSecurityRules: defaultSecurityRules(put.id),
        subnets: current?.subnets,
      }
    default:
      return withMembers(given, { provisioningState: undefined, resourceGuid: undefined })
  }
}

/** Empty lists of addresses are not shown; StandardV2 has additional members (recording 8). */
function natGatewayProperties(
  put: NetworkPut,
  given: JsonObject,
  current: JsonObject | undefined,
): JsonObject {
  const addresses: JsonObject = {}
  for (const list of ['publicIpAddresses', 'publicIpPrefixes', 'publicIpAddressesV6', 'publicIpPrefixesV6'])
    if (listAt(given, list).length > 0) addresses[list] = given[list]
  const isV2 = textAt(put.sent, 'sku', 'name') === 'StandardV2'
  return {
    idleTimeoutInMinutes: given.idleTimeoutInMinutes ?? 4,
    ...(isV2 ? { scope: 'Public', flowlogs: { logsVersions: {} }, nat64: given.nat64 ?? 'None' } : {}),
    ...addresses,
    subnets: current?.subnets,
    // Only StandardV2 serves a whole virtual network (nat-sku).
    sourceVirtualNetwork: isV2 ? given.sourceVirtualNetwork : undefined,
  }
}

/** A subnet in the form that its virtual network stores; `type` comes after `properties` (recording 7). */
export function subnetBody(networkId: string, sent: JsonObject, world: World): JsonObject {
  const given = objectAt(sent, 'properties') ?? {}
  return {
    name: sent.name,
    id: `${networkId}/subnets/${sent.name}`,
    etag: world.nextEtag(),
    properties: inOrder(
      {
        delegations: [],
        privateEndpointNetworkPolicies: 'Disabled',
        privateLinkServiceNetworkPolicies: 'Enabled',
        ...withMembers(given, { ipConfigurations: undefined }),
        provisioningState: 'Updating',
      },
      [
        'provisioningState',
        'addressPrefix',
        'addressPrefixes',
        'networkSecurityGroup',
        'routeTable',
        'natGateway',
        'serviceEndpoints',
        'defaultOutboundAccess',
        'delegations',
        'privateEndpointNetworkPolicies',
        'privateLinkServiceNetworkPolicies',
      ],
    ),
    type: 'Microsoft.Network/virtualNetworks/subnets',
  }
}

const CHILD_TYPES: Record<string, string> = {
  routes: 'routeTables/routes',
  securityRules: 'networkSecurityGroups/securityRules',
}

/** A child such as a route, with its id, ETag and state. */
export function childBody(owner: string, kind: string, sent: JsonObject, world: World): JsonObject {
  return {
    name: sent.name,
    id: `${owner}/${kind}/${sent.name}`,
    etag: world.nextEtag(),
    properties: { ...objectAt(sent, 'properties'), provisioningState: 'Succeeded' },
    type: `Microsoft.Network/${CHILD_TYPES[kind] ?? kind}`,
  }
}
