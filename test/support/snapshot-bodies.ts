import { routeBody } from '../../src/core/egress/routes.ts'
import type { NatGatewayFacts, SubnetFacts } from '../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../src/core/snapshot/snapshot.ts'

/** The ARM body of a resource. */
export interface ResourceBody {
  id: string
  properties: Record<string, unknown>
  [member: string]: unknown
}

const ref = (id: string | null | undefined) => (id === null || id === undefined ? undefined : { id })
const refs = (ids: string[]) => ids.map((id) => ({ id }))

/** The bodies of the network resources that Azure Resource Manager shows for these facts; load balancers are left out. */
export function networkBodies(snapshot: Snapshot): ResourceBody[] {
  const { publicIps, publicIpPrefixes, natGateways, routeTables } = snapshot
  const bodies = [
    ...networks(snapshot),
    ...Object.values(publicIps).map(({ id, address, version, sku }) =>
      body(
        id,
        { ipAddress: address, publicIPAddressVersion: version, publicIPAllocationMethod: 'Static' },
        sku,
      ),
    ),
    ...Object.values(publicIpPrefixes).map(({ id, prefix, prefixLength, version, sku }) =>
      body(id, { ipPrefix: prefix, prefixLength, publicIPAddressVersion: version }, sku),
    ),
    ...Object.values(natGateways).map((gateway) => gatewayBody(gateway, snapshot)),
    ...Object.values(routeTables).map(({ id, routes, disableBgpRoutePropagation }) =>
      body(id, {
        disableBgpRoutePropagation,
        routes: routes.map((route, index) => ({
          name: `route-${index + 1}`,
          id: `${id}/routes/route-${index + 1}`,
          ...routeBody(route),
        })),
      }),
    ),
    ...firewallBodies(snapshot),
    ...hubConnections(snapshot),
  ]
  // Members without a value are absent in JSON.
  return JSON.parse(JSON.stringify(bodies)) as ResourceBody[]
}

function body(id: string, properties: object, sku?: string): ResourceBody {
  const segments = id.split('/')
  return {
    id,
    name: segments.at(-1),
    type: `Microsoft.Network/${segments.at(-2)}`,
    location: 'eastus',
    ...(sku === undefined ? {} : { sku: { name: sku, tier: 'Regional' } }),
    properties: { provisioningState: 'Succeeded', ...properties },
  }
}

/** The networks of the nodes and of the firewalls. The subnet of a firewall shows the NAT gateway that serves it. */
function networks(snapshot: Snapshot): ResourceBody[] {
  const { subnets, virtualNetworks, natGateways, firewalls } = snapshot
  const firewallSubnets = Object.values(firewalls).flatMap(({ subnetIds }) => subnetIds)
  const homes = [...subnets.map(({ id }) => id), ...firewallSubnets].map(networkOf)
  return [...new Set(homes)].map((id) => {
    const facts = Object.values(virtualNetworks).find((network) => network.id === id)
    const ofNetwork = Object.values(natGateways).find((item) => item.sourceVirtualNetworkId === id)
    const inNetwork = (subnetId: string) => networkOf(subnetId) === id
    return body(id, {
      addressSpace: {
        addressPrefixes: subnets.some((subnet) => inNetwork(subnet.id))
          ? facts?.addressPrefixes
          : ['10.9.0.0/24'],
      },
      defaultPublicNatGateway: ref(facts?.natGatewayId ?? ofNetwork?.id),
      virtualNetworkPeerings: (facts?.peerings ?? []).map(({ name, isConnected, ...peering }) => ({
        name,
        id: `${id}/virtualNetworkPeerings/${name}`,
        properties: {
          peeringState: isConnected ? 'Connected' : 'Disconnected',
          useRemoteGateways: peering.useRemoteGateways,
          remoteVirtualNetwork: ref(peering.remoteVirtualNetworkId),
        },
      })),
      subnets: [
        ...subnets.filter((subnet) => inNetwork(subnet.id)).map(nodeSubnetBody),
        ...[...new Set(firewallSubnets.filter(inNetwork))].map((item) => firewallSubnetBody(item, snapshot)),
      ],
    })
  })
}

const networkOf = (subnetId: string) => subnetId.replace(/\/subnets\/[^/]+$/, '')

function nodeSubnetBody(subnet: SubnetFacts): object {
  return {
    id: subnet.id,
    name: subnet.id.split('/').at(-1),
    properties: {
      provisioningState: 'Succeeded',
      ...(subnet.addressPrefixes.length === 1
        ? { addressPrefix: subnet.addressPrefixes[0] }
        : { addressPrefixes: subnet.addressPrefixes }),
      natGateway: ref(subnet.natGatewayId),
      routeTable: ref(subnet.routeTableId),
      defaultOutboundAccess: subnet.defaultOutboundAccess ?? undefined,
    },
  }
}

function firewallSubnetBody(id: string, { virtualNetworks, natGateways }: Snapshot): object {
  const gateway = Object.values(natGateways).find(({ subnetIds }) => subnetIds.includes(id))
  const all = Object.values(virtualNetworks).flatMap(({ subnets }) => subnets)
  const tableId = all.find((subnet) => subnet.id === id)?.routeTableId
  return {
    id,
    name: 'AzureFirewallSubnet',
    properties: { addressPrefix: '10.9.0.0/26', natGateway: ref(gateway?.id), routeTable: ref(tableId) },
  }
}

/** The connections of virtual hubs, which the networks show as peerings. */
function hubConnections({ virtualNetworks, firewalls }: Snapshot): ResourceBody[] {
  const hubs = Object.values(firewalls).flatMap(({ virtualHubId }) => virtualHubId ?? [])
  return Object.values(virtualNetworks).flatMap(({ id, peerings }) =>
    peerings
      .filter(({ isConnected }) => isConnected)
      .flatMap(({ remoteVirtualNetworkId }) => {
        const [, name] = /\/RG_([^/]+)_[^/]*\//.exec(remoteVirtualNetworkId ?? '') ?? []
        if (name === undefined) return []
        const known = hubs.filter((hub) => hub.endsWith(`/${name}`))
        return known.length > 0
          ? known
          : [`/subscriptions/9-9/resourceGroups/hubs/providers/Microsoft.Network/virtualHubs/${name}`]
      })
      .map((hub) => ({
        ...body(`${hub}/hubVirtualNetworkConnections/spoke`, { remoteVirtualNetwork: { id } }),
        type: 'Microsoft.Network/virtualHubs/hubVirtualNetworkConnections',
      })),
  )
}

function gatewayBody(gateway: NatGatewayFacts, { publicIps }: Snapshot): ResourceBody {
  const { id, sku, publicIpIds, publicIpPrefixIds, subnetIds, idleTimeoutInMinutes } = gateway
  const isIpv6 = (item: string) => publicIps[item.toLowerCase()]?.version === 'IPv6'
  const properties = {
    idleTimeoutInMinutes,
    publicIpAddresses: refs(publicIpIds.filter((item) => !isIpv6(item))),
    publicIpAddressesV6: refs(publicIpIds.filter(isIpv6)),
    publicIpPrefixes: refs(publicIpPrefixIds),
    subnets: refs(subnetIds),
    sourceVirtualNetwork: ref(gateway.sourceVirtualNetworkId),
  }
  return body(id, properties, sku)
}

function firewallBodies({ firewalls }: Snapshot): ResourceBody[] {
  return Object.values(firewalls).map(({ id, privateAddresses, publicIpIds, subnetIds, ...rest }) => {
    const [privateIPAddress] = privateAddresses
    const addresses = rest.hubPublicAddresses.map((address) => ({ address }))
    const configurations = publicIpIds.map((ip, index) => ({
      name: `ipconfig-${index + 1}`,
      id: `${id}/azureFirewallIpConfigurations/ipconfig-${index + 1}`,
      properties: { privateIPAddress, subnet: ref(subnetIds[0]), publicIPAddress: { id: ip } },
    }))
    return body(
      id,
      addresses.length > 0
        ? {
            virtualHub: ref(rest.virtualHubId),
            hubIPAddresses: { privateIPAddress, publicIPs: { count: addresses.length, addresses } },
          }
        : { ipConfigurations: configurations },
    )
  })
}
