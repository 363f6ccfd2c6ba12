import { aPool, aPublicIp, aSnapshot } from '../../support/a-cluster.ts'
import { OWN_IP } from '../../support/own-network.ts'
import {
  clusterWith,
  natCluster,
  onOwnV2,
  ownIp,
  type RuleCases,
  toV2,
  zoned,
} from '../../support/rule-cases.ts'

export const CASES: RuleCases = {
  NATV1_NO_IPV6: {
    severity: 'blocker',
    snapshot: clusterWith({ ipFamilies: ['IPv4', 'IPv6'] }),
    target: 'managedNATGateway',
  },
  NATV1_NO_OWN_IPS: {
    severity: 'blocker',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1', sku: 'StandardV2' })] }),
    target: { outboundType: 'managedNATGateway', natGateway: { outboundIpIds: [OWN_IP] } },
    facts: { parameters: ['outboundIpIds'] },
    absent: { target: toV2([OWN_IP]) },
  },
  NATV1_SINGLE_ZONE: {
    severity: 'warning',
    snapshot: clusterWith({ agentPools: [aPool(zoned)] }),
    target: 'managedNATGateway',
    facts: { zones: ['1', '2', '3'] },
    message: /zones 1, 2 and 3,/,
    absent: { snapshot: clusterWith({ agentPools: [aPool({ availabilityZones: ['1'] })] }) },
  },
  NATV1_STANDARD_CHOSEN: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { apiVersion: '2026-05-01' },
    absent: { target: 'managedNATGatewayV2' },
  },
  NATV2_REGION: {
    severity: 'blocker',
    snapshot: clusterWith({ location: 'Qatar Central' }),
    target: 'managedNATGatewayV2',
    facts: { location: 'qatarcentral' },
  },
  NATV2_IP_MODEL_FROZEN: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGatewayV2',
    facts: { isOwn: false },
    message: /AKS-managed addresses permanently/,
    absent: { target: 'managedNATGateway' },
  },
  NATV2_IP_MODEL_SWITCH: {
    severity: 'blocker',
    snapshot: aSnapshot({ cluster: onOwnV2, publicIps: [ownIp({ sku: 'StandardV2' })] }),
    target: {
      outboundType: 'managedNATGateway',
      natGateway: { sku: 'StandardV2', managedOutboundIpCount: 2 },
    },
    facts: { toOwn: false },
    absent: { target: toV2([OWN_IP]) },
  },
  NATV2_FROM_V1_REPLACES: {
    severity: 'warning',
    snapshot: aSnapshot({ cluster: natCluster }),
    target: 'managedNATGatewayV2',
    absent: { snapshot: aSnapshot() },
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
