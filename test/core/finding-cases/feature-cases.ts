import type { ClusterFacts } from '../../../src/core/snapshot.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aSnapshot,
  aSubnet,
  features,
  SUBNET,
} from '../../support/a-cluster.ts'
import { type FindingCases, GATEWAY, onGateway } from './case.ts'

const target = 'managedNATGateway'
const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })
const pool = (given: Parameters<typeof aPool>[0] = {}) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...given })],
})
const windows = (given: Parameters<typeof aPool>[0] = {}) => ({
  agentPools: [
    aPool({ vnetSubnetId: SUBNET }),
    aPool({ name: 'win', osType: 'Windows', vnetSubnetId: SUBNET, ...given }),
  ],
})
const PODS = SUBNET.replace('/nodes', '/pods')
const natCluster: Partial<ClusterFacts> = {
  outboundType: 'managedNATGateway',
  natGatewayProfile: aNatGatewayProfile(),
  loadBalancerProfile: null,
}
const natIp = aPublicIp({ id: aNatGatewayProfile().effectiveOutboundIpIds[0] ?? '', address: '20.2.0.1' })
const large = { agentPools: [aPool({ count: 1000, maxSurge: '1' })] }
const isolatable: Partial<ClusterFacts> = { artifactSource: 'Cache', enablePrivateCluster: true }
const NIC_RANGES = ['20.1.0.1/32', '203.0.113.0/24']

/** Findings on what a cluster has switched on, on its pools, and on how much the new egress carries. */
export const FEATURE_CASES: FindingCases = {
  HTTP_PROXY_PATH: {
    severity: 'warning',
    snapshot: changed({ features: features({ httpProxy: true }) }),
    target,
  },
  ISTIO_EGRESS: {
    severity: 'warning',
    snapshot: changed({ features: features({ istioEgressGateway: true }) }),
    target,
  },
  SEG_LIMITS: {
    severity: 'info',
    snapshot: changed({ staticEgressGateway: true, ipFamilies: ['IPv4', 'IPv6'] }),
    target: 'managedNATGatewayV2',
  },
  VIRTUAL_NODES: { severity: 'warning', snapshot: changed({ virtualNodes: true }), target },
  AUTHORIZED_VIRTUAL_NODES: {
    severity: 'warning',
    snapshot: changed({ virtualNodes: true, authorizedIPRanges: NIC_RANGES }),
    target,
  },
  AUTHORIZED_NODE_PIP: {
    severity: 'blocker',
    snapshot: aSnapshot({
      cluster: {
        ...natCluster,
        ...{ agentPools: [aPool({ enableNodePublicIP: true })] },
        authorizedIPRanges: NIC_RANGES,
      },
      publicIps: [natIp],
    }),
    target: 'loadBalancer',
    facts: { pools: ['system'] },
  },
  AUTHORIZED_SELF_LOCKOUT: {
    severity: 'warning',
    snapshot: changed({ authorizedIPRanges: NIC_RANGES, enableVnetIntegration: true }),
    target,
    facts: { former: ['20.1.0.1/32'], notAdmitted: [], notKnownYet: true },
    message: /not admitted yet\.$/,
  },
  KONNECTIVITY: { severity: 'warning', snapshot: aSnapshot(), target },
  TRUSTED_ACCESS_AND_MONITORING: {
    severity: 'info',
    snapshot: changed({ features: features({ monitoring: ['addonProfiles.omsagent'], defender: true }) }),
    target,
    facts: { senders: ['addonProfiles.omsagent', 'securityProfile.defender'] },
  },
  PRIVATE_CLUSTER_LB_PIP: {
    severity: 'info',
    snapshot: aSnapshot({ cluster: { ...natCluster, enablePrivateCluster: true }, publicIps: [natIp] }),
    target: 'loadBalancer',
  },
  MULTI_SLB: {
    severity: 'info',
    snapshot: changed({ loadBalancerProfile: aLoadBalancerProfile({ multipleLoadBalancers: true }) }),
    target,
  },
  NODE_PUBLIC_IP_LB_SOURCE: {
    severity: 'info',
    snapshot: changed({ agentPools: [aPool({ enableNodePublicIP: true })] }),
    target,
    facts: { pools: ['system'] },
  },
  NODE_PUBLIC_IP_NAT_TARGET: {
    severity: 'warning',
    snapshot: changed({ agentPools: [aPool({ enableNodePublicIP: true })] }),
    target,
    facts: { pools: ['system'] },
  },
  NODEIP_POOL_DEFAULT_OUTBOUND: {
    severity: 'warning',
    snapshot: aByoSnapshot(
      {},
      { cluster: { ...pool(), loadBalancerProfile: aLoadBalancerProfile({ backendPoolType: 'NodeIP' }) } },
    ),
    target: 'none',
    facts: { subnets: ['nodes'] },
  },
  POD_SUBNET: {
    severity: 'warning',
    snapshot: aSnapshot({
      cluster: { ...pool({ podSubnetId: PODS }), identityType: 'UserAssigned' },
      subnets: [aSubnet(onGateway[0]), aSubnet({ id: PODS })],
      natGateways: [GATEWAY.gateway],
      publicIps: [GATEWAY.publicIp],
    }),
    target: 'userAssignedNATGateway',
    facts: { pools: [{ pool: 'system', podSubnet: 'pods', nodes: 'natGateway', pods: 'defaultOutbound' }] },
  },
  WINDOWS_OUTBOUNDNAT_UDR: {
    severity: 'warning',
    snapshot: aByoSnapshot({}, { cluster: windows({ disableOutboundNat: true }) }),
    target: 'userDefinedRouting',
    facts: { pools: ['win'] },
  },
  WINDOWS_OUTBOUNDNAT_NODEPIP: {
    severity: 'blocker',
    snapshot: aByoSnapshot({}, { cluster: windows({ disableOutboundNat: true, enableNodePublicIP: true }) }),
    target: 'userAssignedNATGateway',
    facts: { pools: ['win'] },
  },
  WINDOWS_NEW_OPTION: {
    severity: 'info',
    snapshot: aByoSnapshot({}, { cluster: windows() }),
    target: 'userAssignedNATGateway',
    facts: { pools: ['win'] },
  },
  ISO_REIMAGE_ORDER: {
    severity: 'acknowledge',
    snapshot: changed({
      ...isolatable,
      agentPools: [
        aPool({ nodeImageVersion: 'AKSUbuntu-1' }),
        aPool({ name: 'user', nodeImageVersion: null }),
      ],
    }),
    target: 'none',
    facts: {
      pools: [
        { name: 'system', nodeImageVersion: 'AKSUbuntu-1' },
        { name: 'user', nodeImageVersion: null },
      ],
    },
    message: /system has AKSUbuntu-1 and user has an image that is not shown/,
  },
  ISO_MONITORING: {
    severity: 'warning',
    snapshot: changed({ features: features({ monitoring: ['azureMonitorProfile.metrics'] }) }),
    target: 'none',
    facts: { senders: ['azureMonitorProfile.metrics'] },
  },
  NONE_BYO_PATH: { severity: 'info', snapshot: aByoSnapshot(), target: 'none' },
  BLOCK_VNET_TRAFFIC: { severity: 'info', snapshot: aSnapshot(), target: 'block' },
  LB_AUTO_PORTS_SHRINK: {
    severity: 'warning',
    snapshot: aSnapshot({
      cluster: { ...natCluster, agentPools: [aPool({ count: 48, maxSurge: '10%' })] },
      publicIps: [natIp],
    }),
    target: 'loadBalancer',
    facts: { nodes: 48, nodesAtPeak: 53, portsNow: 1024, portsAtPeak: 512 },
  },
  SNAT_NAT_SIZING: {
    severity: 'warning',
    snapshot: changed(large),
    target,
    facts: { nodesAtPeak: 1001, addresses: 1 },
  },
  SNAT_LB_LARGE: {
    severity: 'warning',
    snapshot: aSnapshot({ cluster: { ...natCluster, ...large }, publicIps: [natIp] }),
    target: 'loadBalancer',
    facts: { nodesAtPeak: 1001, addresses: 1 },
  },
  SNAT_DEST_HOTSPOT: {
    severity: 'info',
    snapshot: changed({
      agentPools: [aPool({ count: 60, maxSurge: '1' })],
      loadBalancerProfile: aLoadBalancerProfile({ allocatedOutboundPorts: 1000 }),
    }),
    target,
    facts: { before: 61_000, after: 50_000 },
  },
  TCP_RESET_SEMANTICS: { severity: 'info', snapshot: aSnapshot(), target },
}
