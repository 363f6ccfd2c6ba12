import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aPool, aSnapshot, features } from '../../support/a-cluster.ts'
import { clusterWith, type RuleCases } from '../../support/rule-cases.ts'

const isolated: Partial<ClusterFacts> = {
  outboundType: 'none',
  artifactSource: 'Cache',
  enablePrivateCluster: true,
  loadBalancerProfile: null,
}
const readyForIsolation: Partial<ClusterFacts> = { artifactSource: 'Cache', enablePrivateCluster: true }

export const CASES: RuleCases = {
  ISO_NOT_NETWORK_ISOLATED: {
    severity: 'blocker',
    snapshot: clusterWith({ artifactSource: null }),
    target: 'none',
    facts: { artifactSource: null, sequence: [{ step: 'cache' }, { step: 'reimage' }, { step: 'none' }] },
    message:
      /artifact source \(`bootstrapProfile.artifactSource`\) is not set, but the outbound types `none` and `block` require `Cache`/,
    absent: { snapshot: clusterWith(readyForIsolation) },
  },
  ISO_REIMAGE_ORDER: {
    severity: 'acknowledge',
    snapshot: clusterWith({
      ...readyForIsolation,
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
    message: /does not show whether the cluster has such nodes\.$/,
  },
  ISO_MONITORING: {
    severity: 'warning',
    snapshot: clusterWith({ features: features({ monitoring: ['azureMonitorProfile.metrics'] }) }),
    target: 'none',
    facts: { senders: ['azureMonitorProfile.metrics'] },
  },
  NONE_BYO_PATH: {
    severity: 'info',
    snapshot: aByoSnapshot(),
    target: 'none',
    absent: { snapshot: aSnapshot() },
  },
  BLOCK_VNET_TRAFFIC: {
    severity: 'info',
    snapshot: aSnapshot(),
    target: 'block',
    absent: { target: 'none' },
  },
  ISO_API_PUBLIC: {
    severity: 'blocker',
    snapshot: aSnapshot(),
    target: 'none',
    facts: { obstacles: [] },
    absent: { snapshot: clusterWith(readyForIsolation) },
  },
  ISO_SERVICE_PRINCIPAL: {
    severity: 'blocker',
    snapshot: clusterWith({ servicePrincipalClientId: '00000000-0000-0000-0000-0000000000bb' }),
    target: 'none',
    message: /`BootstrapArtifactSourceNotAllowed`/,
    absent: { snapshot: clusterWith(readyForIsolation) },
  },
  ISO_WINDOWS: {
    severity: 'blocker',
    snapshot: clusterWith({ agentPools: [aPool(), aPool({ name: 'win', osType: 'Windows' })] }),
    target: 'none',
    facts: { pools: ['win'] },
  },
  ISO_KUBENET: { severity: 'blocker', snapshot: clusterWith({ networkPlugin: 'kubenet' }), target: 'none' },
  ISO_K8S_VERSION: {
    severity: 'blocker',
    snapshot: clusterWith({ kubernetesVersion: '1.29.9' }),
    target: 'none',
    facts: { kubernetesVersion: '1.29.9' },
    absent: { snapshot: clusterWith({ kubernetesVersion: '1.30.0' }) },
  },
  ISO_NODE_OS_CHANNEL: {
    severity: 'blocker',
    snapshot: clusterWith({ nodeOsUpgradeChannel: 'Unmanaged' }),
    target: 'none',
  },
  ISO_NODE_PUBLIC_IP: {
    severity: 'warning',
    snapshot: clusterWith({ agentPools: [aPool({ enableNodePublicIP: true })] }),
    target: 'none',
    facts: { pools: ['system'] },
  },
  ISO_WORKLOADS_LOSE_INTERNET: {
    severity: 'acknowledge',
    snapshot: aSnapshot(),
    target: 'none',
    facts: { outboundType: 'none' },
    absent: { target: 'managedNATGateway' },
  },
  DEFAULT_OUTBOUND_LEAK: {
    severity: 'warning',
    snapshot: aByoSnapshot(),
    target: 'none',
    facts: { subnets: ['nodes'] },
  },
  ISO_LEAVING: {
    severity: 'info',
    snapshot: clusterWith(isolated),
    target: 'loadBalancer',
    absent: { snapshot: clusterWith({ ...isolated, artifactSource: 'Direct' }) },
  },
}
