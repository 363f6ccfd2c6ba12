import type {
  LoadBalancerFacts,
  NatGatewayFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteTableFacts,
  SubnetFacts,
} from '../../core/snapshot/network-facts.ts'
import type { BodyReader } from '../client/body-reader.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'

/** The facts of a load balancer: where it listens, what it forwards, and through what the nodes go out. */
export function toLoadBalancerFacts(body: BodyReader): LoadBalancerFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    name: body.text('name') ?? '',
    sku: body.at('sku').text('name') ?? 'Basic',
    frontends: properties.list('frontendIPConfigurations').map(toFrontend),
    outboundRules: properties.list('outboundRules').map((rule) => ({
      name: rule.text('name') ?? '',
      frontendIds: rule.at('properties').ids('frontendIPConfigurations'),
      allocatedOutboundPorts: rule.at('properties').number('allocatedOutboundPorts'),
      idleTimeoutInMinutes: rule.at('properties').number('idleTimeoutInMinutes'),
    })),
    loadBalancingRules: properties.list('loadBalancingRules').map((rule) => ({
      name: rule.text('name') ?? '',
      frontendId: rule.at('properties').at('frontendIPConfiguration').text('id') ?? '',
      frontendPort: rule.at('properties').number('frontendPort') ?? 0,
      protocol: rule.at('properties').text('protocol') ?? '',
    })),
  }
}

function toFrontend(body: BodyReader): LoadBalancerFacts['frontends'][number] {
  const properties = body.at('properties')
  return {
    name: body.text('name') ?? '',
    id: body.text('id') ?? '',
    publicIpId: properties.at('publicIPAddress').text('id'),
    publicIpPrefixId: properties.at('publicIPPrefix').text('id'),
    privateAddress: properties.text('privateIPAddress') || null,
  }
}

/** The facts of a NAT gateway; IPv6 addresses, which StandardV2 lists apart, are among the others. */
export function toNatGatewayFacts(body: BodyReader): NatGatewayFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    location: body.text('location') ?? '',
    sku: body.at('sku').text('name') ?? 'Standard',
    zones: body.texts('zones'),
    idleTimeoutInMinutes: properties.number('idleTimeoutInMinutes') ?? 4,
    publicIpIds: [...properties.ids('publicIpAddresses'), ...properties.ids('publicIpAddressesV6')],
    publicIpPrefixIds: [...properties.ids('publicIpPrefixes'), ...properties.ids('publicIpPrefixesV6')],
    subnetIds: properties.ids('subnets'),
    provisioningState: properties.text('provisioningState') ?? '',
  }
}

/** The facts of a public IP address. What ARM leaves out has ARM's default: Basic, IPv4, Dynamic. */
export function toPublicIpFacts(body: BodyReader): PublicIpFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    location: body.text('location') ?? '',
    sku: body.at('sku').text('name') ?? 'Basic',
    zones: body.texts('zones'),
    address: properties.text('ipAddress') || null,
    version: toIpVersion(properties),
    allocationMethod: properties.text('publicIPAllocationMethod') ?? 'Dynamic',
    attachedTo: properties.at('ipConfiguration').text('id'),
    natGatewayId: properties.at('natGateway').text('id'),
    routingPreferenceInternet: properties.list('ipTags').some(isInternetRouting),
    ddosProtected: properties.at('ddosSettings').text('protectionMode')?.toLowerCase() === 'enabled',
    tags: body.textMap('tags'),
    provisioningState: properties.text('provisioningState') ?? '',
  }
}

/** `publicIPAddressVersion`, which addresses and prefixes have; IPv4 when it is not said. */
function toIpVersion(properties: BodyReader): 'IPv4' | 'IPv6' {
  return properties.text('publicIPAddressVersion')?.toLowerCase() === 'ipv6' ? 'IPv6' : 'IPv4'
}

function isInternetRouting(ipTag: BodyReader): boolean {
  return (
    ipTag.text('ipTagType')?.toLowerCase() === 'routingpreference' &&
    ipTag.text('tag')?.toLowerCase() === 'internet'
  )
}

/** The facts of a public IP prefix. */
export function toPublicIpPrefixFacts(body: BodyReader): PublicIpPrefixFacts {
  const properties = body.at('properties')
  const prefixLength = properties.number('prefixLength')
  if (prefixLength === null) throw faultOfBody('properties.prefixLength is missing')
  return {
    id: body.requiredText('id'),
    location: body.text('location') ?? '',
    sku: body.at('sku').text('name') ?? 'Standard',
    zones: body.texts('zones'),
    prefix: properties.text('ipPrefix') || null,
    prefixLength,
    version: toIpVersion(properties),
    natGatewayId: properties.at('natGateway').text('id'),
    loadBalancerFrontendId: properties.at('loadBalancerFrontendIpConfiguration').text('id'),
    publicIpIds: properties.ids('publicIPAddresses'),
    customIpPrefixId: properties.at('customIPPrefix').text('id'),
    provisioningState: properties.text('provisioningState') ?? '',
  }
}

/** The facts of a route table. */
export function toRouteTableFacts(body: BodyReader): RouteTableFacts {
  const properties = body.at('properties')
  return {
    id: body.requiredText('id'),
    location: body.text('location') ?? '',
    disableBgpRoutePropagation: properties.flag('disableBgpRoutePropagation'),
    routes: properties.list('routes').map((route) => ({
      name: route.text('name') ?? '',
      addressPrefix: route.at('properties').text('addressPrefix') ?? '',
      nextHopType: route.at('properties').text('nextHopType') ?? '',
      nextHopIpAddress: route.at('properties').text('nextHopIpAddress') || null,
    })),
    subnetIds: properties.ids('subnets'),
  }
}

/** The facts of a subnet; `pools` is for the core to fill. */
export function toSubnetFacts(body: BodyReader): SubnetFacts {
  const properties = body.at('properties')
  const prefixes = properties.texts('addressPrefixes')
  const prefix = properties.text('addressPrefix')
  return {
    id: body.requiredText('id'),
    pools: [],
    // ARM shows one prefix in the singular and several in the plural.
    addressPrefixes: prefixes.length === 0 && prefix !== null ? [prefix] : prefixes,
    natGatewayId: properties.at('natGateway').text('id'),
    routeTableId: properties.at('routeTable').text('id'),
    networkSecurityGroupId: properties.at('networkSecurityGroup').text('id'),
    defaultOutboundAccess: properties.optionalFlag('defaultOutboundAccess'),
    occupantGroups: groupsOf(properties.ids('ipConfigurations')),
  }
}

/** Nodes by the thousand have an entry each; the groups that they lie in are few. */
function groupsOf(ids: string[]): string[] {
  const groups = new Set<string>()
  for (const id of ids) {
    const match = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i.exec(id)
    if (match !== null) groups.add(match[0].toLowerCase())
  }
  return [...groups]
}

/** A virtual network with its subnets, which ARM shows inside it. */
export function toVirtualNetworkFacts(body: BodyReader): { id: string; subnets: SubnetFacts[] } {
  return {
    id: body.requiredText('id'),
    subnets: body.at('properties').list('subnets').map(toSubnetFacts),
  }
}
