import { routeBody } from '../../src/core/egress/routes.ts'
import type { NatGatewayFacts } from '../../src/core/snapshot/network-facts.ts'
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

/** The network of the nodes, and that of the firewall, whose subnet shows the NAT gateway that serves it. */
function networks({ subnets, virtualNetworks, natGateways, firewalls }: Snapshot): ResourceBody[] {
  const gatewayOf = (network: string) =>
    Object.values(natGateways).find(({ sourceVirtualNetworkId }) => sourceVirtualNetworkId === network)?.id
  const firewallSubnet = Object.values(firewalls).flatMap(({ subnetIds }) => subnetIds)[0] ?? ''
  const hub = firewallSubnet.replace(/\/subnets\/[^/]+$/, '')
  const behind = Object.values(natGateways).find(({ subnetIds }) => subnetIds.includes(firewallSubnet))
  const own = Object.values(virtualNetworks).filter(({ id }) => id !== hub)
  const hubFacts = Object.values(virtualNetworks).find(({ id }) => id === hub)
  const tableId = hubFacts?.subnets.find(({ id }) => id === firewallSubnet)?.routeTableId
  return [
    ...own.map(({ id, addressPrefixes, natGatewayId, peerings }) =>
      body(id, {
        addressSpace: { addressPrefixes },
        defaultPublicNatGateway: ref(natGatewayId ?? gatewayOf(id)),
        virtualNetworkPeerings: peerings.map(({ name, useRemoteGateways }) => ({
          name,
          id: `${id}/virtualNetworkPeerings/${name}`,
          properties: { peeringState: 'Connected', useRemoteGateways, remoteVirtualNetwork: { id: hub } },
        })),
        subnets: subnets.map((subnet) => ({
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
        })),
      }),
    ),
    body(hub, {
      addressSpace: { addressPrefixes: ['10.9.0.0/24'] },
      defaultPublicNatGateway: ref(hubFacts?.natGatewayId ?? gatewayOf(hub)),
      subnets: [
        {
          id: firewallSubnet,
          name: 'AzureFirewallSubnet',
          properties: { addressPrefix: '10.9.0.0/26', natGateway: ref(behind?.id), routeTable: ref(tableId) },
        },
      ],
    }),
  ]
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
        ? { hubIPAddresses: { privateIPAddress, publicIPs: { count: addresses.length, addresses } } }
        : { ipConfigurations: configurations },
    )
  })
}
