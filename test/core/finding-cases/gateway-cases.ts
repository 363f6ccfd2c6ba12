import type { NatGatewayFacts, PublicIpFacts } from '../../../src/core/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot.ts'
import { aByoSnapshot, aPool, aPrefix, SUBNET } from '../../support/a-cluster.ts'
import { type FindingCases, GATEWAY, NETWORK_OF_USER, onGateway } from './case.ts'

const PREFIX = `${NETWORK_OF_USER}/publicIPPrefixes/range`
const target = 'userAssignedNATGateway'
const pool = { agentPools: [aPool({ vnetSubnetId: SUBNET })] }
const gatewayWith = (gateway: Partial<NatGatewayFacts>, ip: Partial<PublicIpFacts> = {}): Snapshot =>
  aByoSnapshot(onGateway[0], {
    natGateways: [{ ...GATEWAY.gateway, ...gateway }],
    publicIps: [{ ...GATEWAY.publicIp, ...ip }],
    publicIpPrefixes: [aPrefix({ id: PREFIX, prefix: '20.5.0.0/27' })],
  })
const onIt = { addresses: [{ name: 'gateway-ip', gateway: 'gateway' }] }

/** Findings on the user's own NAT gateways. */
export const GATEWAY_CASES: FindingCases = {
  UANAT_TOO_MANY_ADDRESSES: {
    severity: 'blocker',
    snapshot: gatewayWith({ publicIpPrefixIds: [PREFIX] }),
    target,
    facts: { gateways: [{ gateway: 'gateway', ipv4: 33, ipv6: 0 }] },
  },
  UANAT_PREFIX_SIZE: {
    severity: 'blocker',
    snapshot: gatewayWith({ publicIpPrefixIds: [PREFIX] }),
    target,
    facts: { prefixes: [{ name: 'range', prefixLength: 27 }] },
  },
  UANAT_IP_SKU: { severity: 'blocker', snapshot: gatewayWith({ sku: 'StandardV2' }), target, facts: onIt },
  UANAT_IP_ROUTING_PREF: {
    severity: 'blocker',
    snapshot: gatewayWith({}, { routingPreferenceInternet: true }),
    target,
    facts: onIt,
  },
  UANAT_IP_DDOS: {
    severity: 'warning',
    snapshot: gatewayWith({}, { ddosProtected: true }),
    target,
    facts: onIt,
  },
  UANAT_ZONE_MISMATCH: {
    severity: 'blocker',
    snapshot: gatewayWith({ zones: ['1'] }, { zones: ['2'] }),
    target,
    facts: onIt,
    message: /gateway-ip on gateway\.$/,
  },
  UANAT_DUALSTACK_NO_V6: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], {
      natGateways: [{ ...GATEWAY.gateway, sku: 'StandardV2' }],
      publicIps: [{ ...GATEWAY.publicIp, sku: 'StandardV2' }],
      cluster: { ...pool, ipFamilies: ['IPv4', 'IPv6'] },
    }),
    target,
    facts: { gateways: ['gateway'] },
  },
  UANAT_GATEWAY_VNET: {
    severity: 'blocker',
    snapshot: gatewayWith({ subnetIds: [SUBNET.replace('/vnet/', '/elsewhere/')] }),
    target,
    facts: { gateways: ['gateway'] },
  },
  UANAT_GATEWAY_SUBNET: {
    severity: 'blocker',
    snapshot: aByoSnapshot(
      { ...onGateway[0], id: SUBNET.replace('/nodes', '/GatewaySubnet') },
      {
        ...onGateway[1],
        cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET.replace('/nodes', '/GatewaySubnet') })] },
      },
    ),
    target,
    facts: { subnets: ['GatewaySubnet'] },
  },
  UANAT_ATTACH_IS_THE_CUTOVER: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target,
    facts: { subnets: ['nodes'] },
  },
  UANAT_PLUGIN: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], {
      ...onGateway[1],
      cluster: { ...pool, networkPlugin: 'kubenet' },
    }),
    target,
  },
}
