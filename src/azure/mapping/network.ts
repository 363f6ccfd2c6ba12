import { equalsArm } from '../../core/arm/words.ts'
import type {
  LoadBalancerFacts,
  NatGatewayFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteFacts,
  RouteTableFacts,
  SubnetFacts,
  VirtualNetworkFacts,
  VirtualNetworkPeeringFacts,
} from '../../core/snapshot/network-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import { PROVISIONING_STATES } from './agent-pool.ts'

/** The words in the facts below. Other words keep the spelling of ARM. */
const SKUS = ['Basic', 'Standard', 'StandardV2', 'Gateway']
const ALLOCATION_METHODS = ['Static', 'Dynamic']
const NEXT_HOP_TYPES = [
  'VirtualAppliance',
  'VirtualApplianceEcmp',
  'VirtualNetworkGateway',
  'VnetLocal',
  'Internet',
  'None',
]

/** The facts of a load balancer: its frontends, inbound rules, and outbound rules. */
export function toLoadBalancerFacts(body: BodyReader): LoadBalancerFacts {
  const properties = body.at('properties')
  const sku = body.at('sku').word('name', SKUS) ?? 'Basic'
  const backends = (pool: BodyReader) => pool.at('properties').ids('backendIPConfigurations')
  return {
    id: body.requiredString('id'),
    name: body.string('name') ?? '',
    sku,
    ...(equalsArm(sku, 'Basic')
      ? { basicBackends: occupantsOf(properties.list('backendAddressPools').flatMap(backends)) }
      : {}),
    frontends: properties.list('frontendIPConfigurations').map(toFrontend),
    outboundRules: properties.list('outboundRules').map((rule) => ({
      name: rule.string('name') ?? '',
      frontendIds: rule.at('properties').ids('frontendIPConfigurations'),
      allocatedOutboundPorts: rule.at('properties').number('allocatedOutboundPorts'),
      idleTimeoutInMinutes: rule.at('properties').number('idleTimeoutInMinutes'),
    })),
    loadBalancingRules: properties.list('loadBalancingRules').map((rule) => ({
      name: rule.string('name') ?? '',
      frontendId: rule.at('properties').at('frontendIPConfiguration').string('id') ?? '',
      frontendPort: rule.at('properties').number('frontendPort') ?? 0,
      protocol: rule.at('properties').string('protocol') ?? '',
    })),
  }
}

function toFrontend(body: BodyReader): LoadBalancerFacts['frontends'][number] {
  const properties = body.at('properties')
  return {
    name: body.string('name') ?? '',
    id: body.string('id') ?? '',
    publicIpId: properties.at('publicIPAddress').string('id'),
    publicIpPrefixId: properties.at('publicIPPrefix').string('id'),
    privateAddress: properties.string('privateIPAddress') || null,
  }
}

/** The facts of a NAT gateway; the IPv6 addresses, which StandardV2 lists separately, are in the same lists. */
export function toNatGatewayFacts(body: BodyReader): NatGatewayFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredString('id'),
    location: body.string('location') ?? '',
    sku: body.at('sku').word('name', SKUS) ?? 'Standard',
    zones: body.strings('zones'),
    idleTimeoutInMinutes: properties.number('idleTimeoutInMinutes') ?? 4,
    publicIpIds: [...properties.ids('publicIpAddresses'), ...properties.ids('publicIpAddressesV6')],
    publicIpPrefixIds: [...properties.ids('publicIpPrefixes'), ...properties.ids('publicIpPrefixesV6')],
    subnetIds: properties.ids('subnets'),
    sourceVirtualNetworkId: properties.at('sourceVirtualNetwork').string('id'),
    provisioningState: properties.word('provisioningState', PROVISIONING_STATES) ?? '',
  }
}

/** The facts of a public IP address. Missing fields have the defaults of ARM: Basic, IPv4, Dynamic. */
export function toPublicIpFacts(body: BodyReader): PublicIpFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredString('id'),
    location: body.string('location') ?? '',
    sku: body.at('sku').word('name', SKUS) ?? 'Basic',
    zones: body.strings('zones'),
    address: properties.string('ipAddress') || null,
    version: toIpVersion(properties),
    allocationMethod: properties.word('publicIPAllocationMethod', ALLOCATION_METHODS) ?? 'Dynamic',
    attachedTo: properties.at('ipConfiguration').string('id'),
    natGatewayId: properties.at('natGateway').string('id'),
    routingPreferenceInternet: properties.list('ipTags').some(isInternetRouting),
    ddosProtected: properties.at('ddosSettings').is('protectionMode', 'Enabled'),
    tags: body.stringMap('tags'),
    provisioningState: properties.word('provisioningState', PROVISIONING_STATES) ?? '',
  }
}

/** `publicIPAddressVersion` of an address or prefix. Default: IPv4. */
function toIpVersion(properties: BodyReader): 'IPv4' | 'IPv6' {
  return properties.oneOf('publicIPAddressVersion', ['IPv4', 'IPv6'], 'IPv4')
}

function isInternetRouting(ipTag: BodyReader): boolean {
  return ipTag.is('ipTagType', 'RoutingPreference') && ipTag.is('tag', 'Internet')
}

/** The facts of a public IP prefix. */
export function toPublicIpPrefixFacts(body: BodyReader): PublicIpPrefixFacts {
  const properties = body.at('properties')
  const prefixLength = properties.number('prefixLength')
  if (prefixLength === null) throw faultOfBody('properties.prefixLength is missing')
  return {
    id: body.requiredString('id'),
    location: body.string('location') ?? '',
    sku: body.at('sku').word('name', SKUS) ?? 'Standard',
    zones: body.strings('zones'),
    prefix: properties.string('ipPrefix') || null,
    prefixLength,
    version: toIpVersion(properties),
    natGatewayId: properties.at('natGateway').string('id'),
    loadBalancerFrontendId: properties.at('loadBalancerFrontendIpConfiguration').string('id'),
    publicIpIds: properties.ids('publicIPAddresses'),
    customIpPrefixId: properties.at('customIPPrefix').string('id'),
    routingPreferenceInternet: properties.list('ipTags').some(isInternetRouting),
    provisioningState: properties.word('provisioningState', PROVISIONING_STATES) ?? '',
  }
}

/** The facts of a route table. */
export function toRouteTableFacts(body: BodyReader): RouteTableFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredString('id'),
    location: body.string('location') ?? '',
    disableBgpRoutePropagation: properties.boolean('disableBgpRoutePropagation'),
    routes: properties.list('routes').map(toRouteFacts),
    subnetIds: properties.ids('subnets'),
  }
}

function toRouteFacts(route: BodyReader): RouteFacts {
  const properties = route.at('properties')
  const nextHops = properties.at('nextHop').strings('nextHopIpAddresses')
  return {
    name: route.string('name') ?? '',
    addressPrefix: properties.string('addressPrefix') ?? '',
    nextHopType: properties.word('nextHopType', NEXT_HOP_TYPES) ?? '',
    nextHopIpAddress: properties.string('nextHopIpAddress') || null,
    ...(nextHops.length === 0 ? {} : { nextHopIpAddresses: nextHops }),
  }
}

/** The facts of a subnet. The core fills `pools`. */
export function toSubnetFacts(body: BodyReader): SubnetFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredString('id'),
    pools: [],
    addressPrefixes: properties.oneOrMany('addressPrefix', 'addressPrefixes'),
    natGatewayId: properties.at('natGateway').string('id'),
    routeTableId: properties.at('routeTable').string('id'),
    networkSecurityGroupId: properties.at('networkSecurityGroup').string('id'),
    defaultOutboundAccess: properties.optionalBoolean('defaultOutboundAccess'),
    serviceEndpoints: properties.list('serviceEndpoints').flatMap((item) => item.string('service') ?? []),
    delegations: properties
      .list('delegations')
      .flatMap((item) => item.at('properties').string('serviceName') ?? []),
    hasApplicationGateway: properties.list('applicationGatewayIPConfigurations').length > 0,
    occupantGroups: groupsOf(properties.ids('ipConfigurations')),
    occupants: occupantsOf(properties.ids('ipConfigurations')),
  }
}

/** There can be thousands of nodes with one entry each, but only a few resource groups. */
function groupsOf(ids: string[]): string[] {
  const groups = new Set<string>()
  for (const id of ids) {
    const match = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)
    if (match !== null) groups.add(match[0].toLowerCase())
  }
  return [...groups]
}

/** Interfaces of scale sets are as many as groups of nodes are large, and lie below the scale set. */
function occupantsOf(ids: string[]): string[] {
  const pattern =
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/(networkInterfaces|loadBalancers)\/[^/]+/i
  return [...new Set(ids.flatMap((id) => pattern.exec(id)?.[0].toLowerCase() ?? []))]
}

/** A virtual network with its subnets, which ARM shows inside it. */
export function toVirtualNetworkFacts(body: BodyReader): VirtualNetworkFacts {
  const properties = body.at('properties')
  const subnets = properties.list('subnets')
  return {
    id: body.requiredString('id'),
    subnets: subnets.map(toSubnetFacts),
    addressPrefixes: properties.at('addressSpace').strings('addressPrefixes'),
    isEncrypted: properties.at('encryption').boolean('enabled'),
    dnsServers: properties.at('dhcpOptions').strings('dnsServers'),
    natGatewayId: properties.at('defaultPublicNatGateway').string('id'),
    peerings: properties.list('virtualNetworkPeerings').map(toPeering),
    hasVirtualNetworkGateway: subnets.some(
      (subnet) =>
        subnet.is('name', 'GatewaySubnet') && subnet.at('properties').ids('ipConfigurations').length > 0,
    ),
    hasRouteServer: subnets.some((subnet) => subnet.is('name', 'RouteServerSubnet')),
  }
}

function toPeering(body: BodyReader): VirtualNetworkPeeringFacts {
  const properties = body.at('properties')
  return {
    name: body.string('name') ?? '',
    remoteVirtualNetworkId: properties.at('remoteVirtualNetwork').string('id'),
    useRemoteGateways: properties.boolean('useRemoteGateways'),
    isConnected: properties.is('peeringState', 'Connected'),
  }
}
