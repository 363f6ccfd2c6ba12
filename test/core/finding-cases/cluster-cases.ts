import type { ClusterFacts } from '../../../src/core/snapshot.ts'
import { aByoSnapshot, aPool, aSnapshot, SUBNET } from '../../support/a-cluster.ts'
import { type FindingCases, onGateway } from './case.ts'

const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })
const isolated: Partial<ClusterFacts> = {
  outboundType: 'none',
  artifactSource: 'Cache',
  enablePrivateCluster: true,
  loadBalancerProfile: null,
}

/** Findings on the cluster's state, the pair of types and network isolation. */
export const CLUSTER_CASES: FindingCases = {
  OUTBOUND_TYPE_UNKNOWN: {
    severity: 'blocker',
    snapshot: changed({ outboundType: 'carrierPigeon' }),
    target: 'loadBalancer',
    facts: { outboundType: 'carrierPigeon' },
  },
  TRANSITION_NOT_SUPPORTED: {
    severity: 'blocker',
    snapshot: changed({ outboundType: 'managedNATGateway' }),
    target: 'userDefinedRouting',
    facts: {
      vnet: 'managed',
      from: 'managedNATGateway',
      supportedTargets: ['managedNATGatewayV2', 'none', 'block'],
      disputedTargets: ['loadBalancer'],
    },
  },
  TRANSITION_DISPUTED: {
    severity: 'acknowledge',
    snapshot: changed({ outboundType: 'managedNATGateway' }),
    target: 'loadBalancer',
    facts: { from: 'managedNATGateway', to: 'loadBalancer' },
    message: /2024-04-29 says Supported, 2026-08-05 says Not Supported/,
  },
  SAME_TYPE: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'loadBalancer',
    facts: { outboundType: 'loadBalancer', isNoChange: true },
  },
  VNET_INCONSISTENT: {
    severity: 'blocker',
    snapshot: changed({ agentPools: [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'odd' })] }),
    target: 'userDefinedRouting',
    facts: { inconsistency: 'agent pools without a subnet beside pools with one: odd' },
  },
  NO_WAY_BACK: {
    severity: 'acknowledge',
    snapshot: aSnapshot(),
    target: 'managedNATGatewayV2',
    facts: { from: 'loadBalancer', to: 'managedNATGatewayV2', routes: [] },
  },
  WAY_BACK_DISPUTED: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { from: 'loadBalancer', to: 'managedNATGateway' },
  },
  BLOCK_NEEDS_PREVIEW_API: { severity: 'blocker', snapshot: aSnapshot(), target: 'block' },
  BLOCK_PREVIEW: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'block',
    given: { policy: { previewApiVersion: '2026-05-02-preview' } },
  },
  CLUSTER_NOT_SUCCEEDED: {
    severity: 'blocker',
    snapshot: changed({ provisioningState: 'Failed' }),
    target: 'managedNATGateway',
    facts: { provisioningState: 'Failed' },
  },
  CLUSTER_STOPPED: {
    severity: 'blocker',
    snapshot: changed({ powerState: 'Stopped' }),
    target: 'managedNATGateway',
    message: /^The cluster is stopped;/,
  },
  POOL_NOT_SUCCEEDED: {
    severity: 'blocker',
    snapshot: changed({ agentPools: [aPool({ provisioningState: 'Failed' })] }),
    target: 'managedNATGateway',
    message: /system is Failed/,
  },
  LB_SKU_BASIC: {
    severity: 'blocker',
    snapshot: changed({ loadBalancerSku: 'Basic' }),
    target: 'managedNATGateway',
  },
  POOL_TYPE_NOT_VMSS: {
    severity: 'blocker',
    snapshot: changed({ agentPools: [aPool({ type: 'AvailabilitySet' })] }),
    target: 'managedNATGateway',
    facts: { pools: ['system'] },
  },
  POOL_TYPE_VIRTUALMACHINES: {
    severity: 'warning',
    snapshot: changed({ agentPools: [aPool({ type: 'VirtualMachines' })] }),
    target: 'managedNATGateway',
    facts: { pools: ['system'] },
  },
  NAP_ENABLED: {
    severity: 'blocker',
    snapshot: changed({ nodeProvisioningMode: 'Auto' }),
    target: 'managedNATGateway',
  },
  SKU_AUTOMATIC: {
    severity: 'blocker',
    snapshot: changed({ skuName: 'Automatic', nodeProvisioningMode: 'Auto' }),
    target: 'managedNATGateway',
  },
  NODE_IMAGE_UPGRADE_NEEDED: { severity: 'warning', snapshot: aSnapshot(), target: 'managedNATGateway' },
  DOWNTIME: { severity: 'warning', snapshot: aSnapshot(), target: 'managedNATGateway' },
  READ_INCOMPLETE: {
    severity: 'warning',
    snapshot: aSnapshot({
      unread: [{ what: 'Microsoft.Network/azureFirewalls', reason: 'denied', code: 'x', message: 'y' }],
    }),
    target: 'managedNATGateway',
    facts: { unread: ['Microsoft.Network/azureFirewalls'] },
  },
  SUBNET_UNREADABLE: {
    severity: 'blocker',
    snapshot: changed({ agentPools: [aPool({ vnetSubnetId: SUBNET })] }),
    target: 'userDefinedRouting',
    facts: { subnets: [SUBNET] },
  },
  SEG_PRESENT: {
    severity: 'warning',
    snapshot: changed({ staticEgressGateway: true }),
    target: 'managedNATGateway',
  },
  ISO_NOT_NETWORK_ISOLATED: {
    severity: 'blocker',
    snapshot: changed({ artifactSource: null }),
    target: 'none',
    facts: { artifactSource: null, sequence: [{ step: 'cache' }, { step: 'reimage' }, { step: 'none' }] },
    message: /artifact source is not set;/,
  },
  ISO_API_PUBLIC: { severity: 'blocker', snapshot: aSnapshot(), target: 'none' },
  ISO_WINDOWS: {
    severity: 'blocker',
    snapshot: changed({ agentPools: [aPool(), aPool({ name: 'win', osType: 'Windows' })] }),
    target: 'none',
    facts: { pools: ['win'] },
  },
  ISO_KUBENET: { severity: 'blocker', snapshot: changed({ networkPlugin: 'kubenet' }), target: 'none' },
  ISO_K8S_VERSION: {
    severity: 'blocker',
    snapshot: changed({ kubernetesVersion: '1.29.9' }),
    target: 'none',
    facts: { kubernetesVersion: '1.29.9' },
  },
  ISO_NODE_OS_CHANNEL: {
    severity: 'blocker',
    snapshot: changed({ nodeOsUpgradeChannel: 'Unmanaged' }),
    target: 'none',
  },
  ISO_NODE_PUBLIC_IP: {
    severity: 'warning',
    snapshot: changed({ agentPools: [aPool({ enableNodePublicIP: true })] }),
    target: 'none',
    facts: { pools: ['system'] },
  },
  ISO_WORKLOADS_LOSE_INTERNET: {
    severity: 'acknowledge',
    snapshot: aSnapshot(),
    target: 'none',
    facts: { outboundType: 'none' },
  },
  DEFAULT_OUTBOUND_LEAK: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target: 'none',
    facts: { subnets: ['nodes'] },
  },
  ISO_LEAVING: { severity: 'info', snapshot: changed(isolated), target: 'loadBalancer' },
  EFFECTIVE_DIFFERS_FROM_DECLARED: {
    severity: 'warning',
    snapshot: aByoSnapshot(...onGateway),
    target: 'userAssignedNATGateway',
    facts: {
      declared: 'loadBalancer',
      effective: 'natGateway',
      subnets: [{ subnet: 'nodes', effective: 'natGateway' }],
    },
    message: /leave by a NAT gateway\. As the network is now, this change moves no address/,
  },
  IDLE_TIMEOUT_SHRINKS: {
    severity: 'warning',
    snapshot: aSnapshot(),
    target: 'managedNATGateway',
    facts: { before: 30, after: 4, isOwnGateway: false },
  },
}
