import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aPool, aSnapshot, features } from '../../support/a-cluster.ts'
import type { RuleCases } from './rule-case.ts'

const changed = (cluster: Partial<ClusterFacts>) => aSnapshot({ cluster })
const isolated: Partial<ClusterFacts> = {
  outboundType: 'none',
  artifactSource: 'Cache',
  enablePrivateCluster: true,
  loadBalancerProfile: null,
}
const isolatable: Partial<ClusterFacts> = { artifactSource: 'Cache', enablePrivateCluster: true }

export const CASES: RuleCases = {
  ISO_NOT_NETWORK_ISOLATED: {
    severity: 'blocker',
    snapshot: changed({ artifactSource: null }),
    target: 'none',
    facts: { artifactSource: null, sequence: [{ step: 'cache' }, { step: 'reimage' }, { step: 'none' }] },
    message: /artifact source is not set;/,
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
}
