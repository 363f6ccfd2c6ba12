import type { RouteFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aFirewall,
  aLoadBalancerProfile,
  aPublicIp,
  aRouteTable,
  aVirtualNetwork,
  NETWORK,
  NODE_GROUP,
} from '../../support/a-cluster.ts'
import { FIREWALL } from '../../support/a-firewall.ts'
import { GATEWAY, NETWORK_OF_USER, OWN_IP, onGateway, TABLE } from '../../support/own-network.ts'
import { NIC_RANGES, pool, type RuleCases } from '../../support/rule-cases.ts'

export const PARTNER = '198.51.100.0/24'
export const toInternet = (addressPrefix: string): RouteFacts => ({
  name: 'bypass',
  addressPrefix,
  nextHopType: 'Internet',
  nextHopIpAddress: null,
})
const toFirewall = (addressPrefix: string): RouteFacts => ({
  ...toInternet(addressPrefix),
  nextHopType: 'VirtualAppliance',
  nextHopIpAddress: '10.9.0.4',
})

/** A load balancer cluster behind a firewall with a known address; `extra` are further routes of its table. */
export function behindFirewall(extra: RouteFacts[], cluster: Partial<ClusterFacts> = {}): Snapshot {
  const table = aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')
  return aByoSnapshot(
    { routeTableId: TABLE },
    {
      cluster: { ...pool(), authorizedIPRanges: [...NIC_RANGES, '20.3.0.1/32'], ...cluster },
      routeTables: [{ ...table, routes: [...table.routes, ...extra] }],
      firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [OWN_IP] })],
      publicIps: [aPublicIp({ id: OWN_IP, address: '20.3.0.1' })],
    },
  )
}

const IPV6 = `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ipv6`
const dualStack = (): Snapshot =>
  aByoSnapshot(onGateway[0], {
    ...onGateway[1],
    cluster: {
      ...pool(),
      ipFamilies: ['IPv4', 'IPv6'],
      loadBalancerProfile: aLoadBalancerProfile({
        managedOutboundIpv6Count: 1,
        effectiveOutboundIpIds: [`${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`, IPV6],
      }),
    },
    publicIps: [
      ...(onGateway[1].publicIps ?? []),
      aPublicIp({ id: IPV6, address: '2603:1030::1', version: 'IPv6' }),
    ],
  })

/** A dual-stack cluster whose NAT gateway has no IPv6 address and stays on the subnet. */
export const behindGateway = (sku: string, outboundType = 'userAssignedNATGateway'): Snapshot =>
  aByoSnapshot(onGateway[0], {
    ...onGateway[1],
    natGateways: [{ ...GATEWAY.gateway, sku }],
    cluster: {
      ...pool(),
      outboundType,
      ipFamilies: ['IPv4', 'IPv6'],
      loadBalancerProfile:
        outboundType === 'loadBalancer'
          ? aLoadBalancerProfile({
              managedOutboundIpv6Count: 1,
              effectiveOutboundIpIds: [`${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`, IPV6],
            })
          : null,
    },
    publicIps: [
      ...(onGateway[1].publicIps ?? []),
      aPublicIp({ id: IPV6, address: '2603:1030::1', version: 'IPv6' }),
    ],
  })

const peered = (useRemoteGateways: boolean): Snapshot =>
  aByoSnapshot(onGateway[0], {
    ...onGateway[1],
    virtualNetworks: [
      aVirtualNetwork({
        id: `${NETWORK_OF_USER}/virtualNetworks/vnet`,
        peerings: [{ name: 'hub', remoteVirtualNetworkId: null, useRemoteGateways, isConnected: true }],
      }),
    ],
  })

export const CASES: RuleCases = {
  EXCEPTION_PATH_MOVES: {
    severity: 'warning',
    snapshot: behindFirewall([toInternet(PARTNER)]),
    target: 'userDefinedRouting',
    facts: { moves: [{ destination: PARTNER, before: 'loadBalancer', after: 'defaultOutbound' }] },
    message:
      /packets to `198\.51\.100\.0\/24` leave through Azure default outbound access instead of the load balancer/,
    absent: { snapshot: behindFirewall([toFirewall(PARTNER)]) },
  },
  API_SERVER_PATH_LOST: {
    severity: 'acknowledge',
    snapshot: behindFirewall([toInternet('AzureCloud.eastus')]),
    target: 'userDefinedRouting',
    facts: { subnets: ['nodes'], after: 'defaultOutbound' },
    absent: { snapshot: behindFirewall([toInternet('AzureCloud.westus')]) },
  },
  API_SERVER_PATH_UNCERTAIN: {
    severity: 'warning',
    snapshot: aByoSnapshot(
      { ...onGateway[0], routeTableId: TABLE },
      {
        ...onGateway[1],
        cluster: { ...pool(), authorizedIPRanges: NIC_RANGES },
        routeTables: [{ ...aRouteTable(TABLE, null), routes: [toFirewall(PARTNER)] }],
        firewalls: [aFirewall({ id: FIREWALL, publicIpIds: [OWN_IP] })],
        publicIps: [...(onGateway[1].publicIps ?? []), aPublicIp({ id: OWN_IP, address: '20.3.0.1' })],
      },
    ),
    target: 'userAssignedNATGateway',
    facts: { addresses: ['20.9.0.1', '20.3.0.1'] },
  },
  IPV6_EGRESS_LOST: {
    severity: 'acknowledge',
    snapshot: dualStack(),
    target: 'userAssignedNATGateway',
  },
  IPV6_DISRUPTED_BY_GATEWAY: {
    severity: 'acknowledge',
    snapshot: behindGateway('StandardV2'),
    target: { outboundType: 'loadBalancer', loadBalancer: { managedOutboundIpv6Count: 1 } },
    facts: { subnets: ['nodes'], gateways: ['gateway'], isPresent: false },
    absent: { snapshot: behindGateway('Standard') },
  },
  BGP_DEFAULT_ROUTE_POSSIBLE: {
    severity: 'warning',
    snapshot: peered(true),
    target: 'userAssignedNATGateway',
    message: /a peering of the virtual network uses remote gateways/,
    absent: { snapshot: peered(false) },
  },
}
