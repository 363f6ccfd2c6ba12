import type { NatGatewayFacts, PublicIpFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aPool, aPrefix, SUBNET } from '../../support/a-cluster.ts'
import { GATEWAY, NETWORK_OF_USER, onGateway } from '../../support/own-network.ts'
import type { RuleCases } from './rule-case.ts'

const PREFIX = `${NETWORK_OF_USER}/publicIPPrefixes/range`
const target = 'userAssignedNATGateway'
const pool = (given: Parameters<typeof aPool>[0]) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...given })],
})
const gatewayWith = (gateway: Partial<NatGatewayFacts>, ip: Partial<PublicIpFacts> = {}): Snapshot =>
  aByoSnapshot(onGateway[0], {
    natGateways: [{ ...GATEWAY.gateway, ...gateway }],
    publicIps: [{ ...GATEWAY.publicIp, ...ip }],
    publicIpPrefixes: [aPrefix({ id: PREFIX, prefix: '20.5.0.0/27' })],
  })
const onIt = { addresses: [{ name: 'gateway-ip', gateway: 'gateway' }] }

export const CASES: RuleCases = {
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
      cluster: { ...pool({}), ipFamilies: ['IPv4', 'IPv6'] },
    }),
    target,
    facts: { gateways: ['gateway'] },
  },
}
