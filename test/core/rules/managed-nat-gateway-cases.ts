import type { RequestedTarget } from '../../../src/contract/target.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aNatGatewayProfile, aPool, aPublicIp, aSnapshot } from '../../support/a-cluster.ts'
import { OWN_IP } from '../../support/own-network.ts'
import type { RuleCases } from './rule-case.ts'

const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })
const zoned = { availabilityZones: ['1', '2', '3'] }
const natCluster: Partial<ClusterFacts> = {
  outboundType: 'managedNATGateway',
  natGatewayProfile: aNatGatewayProfile(),
  loadBalancerProfile: null,
}
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
const toV2 = (outboundIpIds: string[], outboundIpPrefixIds: string[] = []): RequestedTarget => ({
  outboundType: 'managedNATGateway',
  natGateway: { sku: 'StandardV2', outboundIpIds, outboundIpPrefixIds },
})

export const CASES: RuleCases = {
  NATV1_NO_IPV6: {
    severity: 'blocker',
    snapshot: changed({ ipFamilies: ['IPv4', 'IPv6'] }),
    target: 'managedNATGateway',
  },
  NATV1_NO_OWN_IPS: {
    severity: 'blocker',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1', sku: 'StandardV2' })] }),
    target: { outboundType: 'managedNATGateway', natGateway: { outboundIpIds: [OWN_IP] } },
    facts: { parameters: ['outboundIpIds'] },
  },
  NATV1_SINGLE_ZONE: {
    severity: 'warning',
    snapshot: changed({ agentPools: [aPool(zoned)] }),
    target: 'managedNATGateway',
    facts: { zones: ['1', '2', '3'] },
    message: /zones 1, 2 and 3,/,
  },
  NATV1_STANDARD_CHOSEN: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { apiVersion: '2026-05-01' },
  },
  NATV2_REGION: {
    severity: 'blocker',
    snapshot: changed({ location: 'Qatar Central' }),
    target: 'managedNATGatewayV2',
    facts: { location: 'qatarcentral' },
  },
  NATV2_IP_MODEL_FROZEN: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGatewayV2',
    facts: { isOwn: false },
    message: /managed addresses/,
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
