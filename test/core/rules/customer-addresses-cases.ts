import type { RequestedTarget } from '../../../src/contract/target.ts'
import type { PublicIpFacts, PublicIpPrefixFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aLoadBalancerProfile, aPrefix, aPublicIp, aSnapshot } from '../../support/a-cluster.ts'
import { AKS_IP, GATEWAY, OWN_IP } from '../../support/own-network.ts'
import {
  clusterWith,
  natCluster,
  onOwnV2,
  ownIp,
  PREFIX,
  type RuleCases,
  toV2,
} from '../../support/rule-cases.ts'

const withOwnIp = (facts: Partial<PublicIpFacts> = {}) =>
  aSnapshot({ cluster: natCluster, publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1', ...facts })] })
const toOwnIp: RequestedTarget = { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN_IP] } }
const toOwnV2Ip: RequestedTarget = {
  outboundType: 'managedNATGateway',
  natGateway: { sku: 'StandardV2', outboundIpIds: [OWN_IP] },
}
const OTHER_SUBSCRIPTION_PREFIX = PREFIX.replace('11111111-', '99999999-')
const onOwnIp = aLoadBalancerProfile({
  managedOutboundIpCount: null,
  outboundIpIds: [OWN_IP],
  effectiveOutboundIpIds: [OWN_IP],
})
const ownPrefix = (facts: Partial<PublicIpPrefixFacts> = {}) =>
  aPrefix({ id: PREFIX, prefix: '20.5.0.0/30', ...facts })
const toBalancer = (outboundIpIds: string[], outboundIpPrefixIds: string[] = []): RequestedTarget => ({
  outboundType: 'loadBalancer',
  loadBalancer: { outboundIpIds, outboundIpPrefixIds },
})

export const CASES: RuleCases = {
  LB_IP_UNREADABLE: {
    severity: 'blocker',
    snapshot: clusterWith(natCluster),
    target: toOwnIp,
    facts: { resources: ['own'] },
    absent: { snapshot: withOwnIp() },
  },
  LB_IP_NOT_STANDARD: {
    severity: 'blocker',
    snapshot: withOwnIp({ sku: 'StandardV2' }),
    target: toOwnIp,
    facts: { resources: ['own'] },
  },
  LB_IP_WRONG_REGION: {
    severity: 'blocker',
    snapshot: withOwnIp({ location: 'westeurope' }),
    target: toOwnIp,
    facts: { resources: ['own'], location: 'eastus' },
  },
  LB_IP_AKS_OWNED: {
    severity: 'blocker',
    snapshot: aSnapshot({
      cluster: natCluster,
      publicIps: [aPublicIp({ id: AKS_IP, address: '20.4.0.2' })],
    }),
    target: { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [AKS_IP] } },
    facts: { resources: ['other'] },
  },
  IP_IN_USE: {
    severity: 'blocker',
    snapshot: withOwnIp({
      attachedTo: `${GATEWAY.id.replace('natGateways/gateway', 'loadBalancers/web')}/frontendIPConfigurations/f`,
    }),
    target: toOwnIp,
    facts: { resources: [{ id: OWN_IP, by: 'web', service: null }] },
    message: /the address `own`, because this address is attached to the resource `web`\.$/,
  },
  LB_IP_PROVISIONING: {
    severity: 'blocker',
    snapshot: aSnapshot({ cluster: natCluster, publicIps: [ownIp({ provisioningState: 'Updating' })] }),
    target: toBalancer([OWN_IP]),
    facts: { resources: [{ name: 'own', provisioningState: 'Updating' }] },
  },
  LB_PREFIX_WRONG_SUB: {
    severity: 'blocker',
    snapshot: aSnapshot({
      cluster: natCluster,
      publicIpPrefixes: [ownPrefix({ id: OTHER_SUBSCRIPTION_PREFIX })],
    }),
    target: toBalancer([], [OTHER_SUBSCRIPTION_PREFIX]),
    facts: { resources: ['range'] },
  },
  LB_ONE_IP_SOURCE: {
    severity: 'warning',
    snapshot: aSnapshot({ cluster: natCluster, publicIps: [ownIp()], publicIpPrefixes: [ownPrefix()] }),
    target: toBalancer([OWN_IP], [PREFIX]),
    absent: { target: toBalancer([OWN_IP]) },
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
    absent: { snapshot: withOwnIp() },
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
    message: /`range` \(4 addresses\)/,
  },
  NATV2_IP_SKU: {
    severity: 'blocker',
    snapshot: aSnapshot({ publicIps: [aPublicIp({ id: OWN_IP, address: '20.4.0.1' })] }),
    target: toOwnV2Ip,
    facts: { resources: ['own'] },
  },
}
