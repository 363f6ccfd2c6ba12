import type { PublicIpPrefixFacts } from '../../../src/core/network-facts.ts'
import type { ClusterFacts } from '../../../src/core/snapshot.ts'
import type { RequestedTarget } from '../../../src/core/target.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPrefix,
  aPublicIp,
  aSnapshot,
} from '../../support/a-cluster.ts'
import { type FindingCases, NETWORK_OF_USER, OWN_IP, onGateway } from './case.ts'

const PREFIX = `${NETWORK_OF_USER}/publicIPPrefixes/range`
const STRANGE_PREFIX = PREFIX.replace('11111111-', '99999999-')
const natCluster: Partial<ClusterFacts> = {
  outboundType: 'managedNATGateway',
  natGatewayProfile: aNatGatewayProfile(),
  loadBalancerProfile: null,
}
const onOwnIp = aLoadBalancerProfile({
  managedCount: null,
  outboundIpIds: [OWN_IP],
  effectiveOutboundIpIds: [OWN_IP],
})
const onOwnV2: Partial<ClusterFacts> = {
  ...natCluster,
  natGatewayProfile: aNatGatewayProfile({
    sku: 'StandardV2',
    managedCount: null,
    outboundIpIds: [OWN_IP],
    effectiveOutboundIpIds: [OWN_IP],
  }),
}
const ownIp = (given: Partial<Parameters<typeof aPublicIp>[0]> = {}) =>
  aPublicIp({ id: OWN_IP, address: '20.4.0.1', ...given })
const ownPrefix = (given: Partial<PublicIpPrefixFacts> = {}) =>
  aPrefix({ id: PREFIX, prefix: '20.5.0.0/30', ...given })
const toBalancer = (outboundIpIds: string[], outboundIpPrefixIds: string[] = []): RequestedTarget => ({
  outboundType: 'loadBalancer',
  loadBalancer: { outboundIpIds, outboundIpPrefixIds },
})
const toV2 = (outboundIpIds: string[], outboundIpPrefixIds: string[] = []): RequestedTarget => ({
  outboundType: 'managedNATGateway',
  natGateway: { sku: 'StandardV2', outboundIpIds, outboundIpPrefixIds },
})

/** Findings on the user's own addresses that a target names. */
export const ADDRESS_CASES: FindingCases = {
  UNUSED_IP_RELEASED: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onGateway),
    target: 'userAssignedNATGateway',
    facts: { addresses: ['20.1.0.1'] },
  },
  LB_IP_PROVISIONING: {
    severity: 'blocker',
    snapshot: aSnapshot({ cluster: natCluster, publicIps: [ownIp({ provisioningState: 'Updating' })] }),
    target: toBalancer([OWN_IP]),
    facts: { resources: [{ name: 'own', provisioningState: 'Updating' }] },
  },
  LB_PREFIX_WRONG_SUB: {
    severity: 'blocker',
    snapshot: aSnapshot({ cluster: natCluster, publicIpPrefixes: [ownPrefix({ id: STRANGE_PREFIX })] }),
    target: toBalancer([], [STRANGE_PREFIX]),
    facts: { resources: ['range'] },
  },
  LB_ONE_IP_SOURCE: {
    severity: 'warning',
    snapshot: aSnapshot({ cluster: natCluster, publicIps: [ownIp()], publicIpPrefixes: [ownPrefix()] }),
    target: toBalancer([OWN_IP], [PREFIX]),
  },
  NATV2_CUSTOM_PREFIX: {
    severity: 'blocker',
    snapshot: aSnapshot({
      publicIpPrefixes: [ownPrefix({ sku: 'StandardV2', customIpPrefixId: '/custom' })],
    }),
    target: toV2([], [PREFIX]),
    facts: { resources: ['range'] },
  },
  IP_REUSE_FORBIDDEN: {
    severity: 'blocker',
    snapshot: aSnapshot({
      cluster: { ...onOwnV2, outboundType: 'none' },
      publicIps: [ownIp({ sku: 'StandardV2' })],
    }),
    target: toBalancer([OWN_IP]),
    facts: { resources: ['own'] },
  },
  IP_CARRY_LB_TO_NAT: {
    severity: 'blocker',
    snapshot: aSnapshot({ cluster: { loadBalancerProfile: onOwnIp }, publicIps: [ownIp()] }),
    target: toV2([OWN_IP]),
    facts: { resources: ['own'] },
  },
  IP_PREFIX_WHOLE: {
    severity: 'info',
    snapshot: aSnapshot({ cluster: natCluster, publicIpPrefixes: [ownPrefix()] }),
    target: toBalancer([], [PREFIX]),
    facts: { prefixes: [{ name: 'range', prefix: '20.5.0.0/30', addresses: 4 }] },
    message: /range with 4 addresses/,
  },
  NATV2_IP_MODEL_SWITCH: {
    severity: 'blocker',
    snapshot: aSnapshot({ cluster: onOwnV2, publicIps: [ownIp({ sku: 'StandardV2' })] }),
    target: {
      outboundType: 'managedNATGateway',
      natGateway: { sku: 'StandardV2', managedOutboundIpCount: 2 },
    },
    facts: { toOwn: false },
  },
  NATV2_FROM_V1_REPLACES: {
    severity: 'warning',
    snapshot: aSnapshot({ cluster: natCluster }),
    target: 'managedNATGatewayV2',
  },
  NATV2_IPV6_LB_RULES: {
    severity: 'blocker',
    snapshot: aSnapshot({
      cluster: { ipFamilies: ['IPv4', 'IPv6'] },
      publicIps: [ownIp({ sku: 'StandardV2' })],
    }),
    target: toV2([OWN_IP]),
  },
}
