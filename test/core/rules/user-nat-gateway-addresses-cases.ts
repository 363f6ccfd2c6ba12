import { aByoSnapshot } from '../../support/a-cluster.ts'
import { GATEWAY, onGateway } from '../../support/own-network.ts'
import { gatewayWith, PREFIX, pool, type RuleCases, withPrefix } from '../../support/rule-cases.ts'

const target = 'userAssignedNATGateway'
const gatewayAddress = { addresses: [{ name: 'gateway-ip', gateway: 'gateway' }] }

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
  UANAT_IP_SKU: {
    severity: 'blocker',
    snapshot: gatewayWith({ sku: 'StandardV2' }),
    target,
    facts: gatewayAddress,
  },
  UANAT_IP_ROUTING_PREF: {
    severity: 'blocker',
    snapshot: gatewayWith({}, { routingPreferenceInternet: true }),
    target,
    facts: gatewayAddress,
  },
  UANAT_IP_DDOS: {
    severity: 'blocker',
    snapshot: gatewayWith({}, { ddosProtected: true }),
    target,
    facts: gatewayAddress,
  },
  UANAT_CUSTOM_PREFIX: {
    severity: 'blocker',
    snapshot: withPrefix({ sku: 'StandardV2' }, { sku: 'StandardV2', customIpPrefixId: '/custom' }),
    target,
    facts: { addresses: [{ name: 'range', gateway: 'gateway' }] },
    // A Standard gateway supports custom prefixes.
    absent: { snapshot: withPrefix({}, { customIpPrefixId: '/custom' }) },
  },
  UANAT_ZONE_MISMATCH: {
    severity: 'blocker',
    snapshot: gatewayWith({ zones: ['1'] }, { zones: ['2'] }),
    target,
    facts: gatewayAddress,
    message: /^The address `gateway-ip` is not in the zone of its NAT gateway `gateway`\.$/,
  },
  UANAT_DUALSTACK_NO_V6: {
    severity: 'warning',
    snapshot: aByoSnapshot(onGateway[0], {
      natGateways: [{ ...GATEWAY.gateway, sku: 'StandardV2' }],
      publicIps: [{ ...GATEWAY.publicIp, sku: 'StandardV2' }],
      cluster: { ...pool(), ipFamilies: ['IPv4', 'IPv6'] },
    }),
    target,
    facts: { gateways: ['gateway'] },
  },
}
