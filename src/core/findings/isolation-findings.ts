import { entry, listed } from './entry.ts'

/** The targets none and block, which are for network-isolated clusters. Source: rulebook 3.6. */
export const ISOLATION_FINDINGS = {
  ISO_NOT_NETWORK_ISOLATED: entry<{ artifactSource: string | null }>({
    severity: 'blocker',
    message: (f) =>
      `The cluster's artifact source is ${f.artifactSource ?? 'not set'}; none and block are only for clusters whose artifact source is Cache.`,
    remedy: () =>
      'Set bootstrapProfile.artifactSource to Cache, upgrade the node image of every pool while egress still exists, and only then change the outbound type.',
    confidence: 'documented',
    source: 'EO; concepts-network-isolated (NIc); network-isolated (NIh)',
  }),
  ISO_API_PUBLIC: entry({
    severity: 'blocker',
    message: () => 'The API server is reached over its public endpoint, which needs egress.',
    remedy: () => 'Make the cluster private or use API Server VNet Integration first.',
    confidence: 'documented',
    source: 'NIc; NIh; private-clusters (PC)',
  }),
  ISO_WINDOWS: entry<{ pools: string[] }>({
    severity: 'blocker',
    message: (f) => `Network isolation does not support Windows pools: ${listed(f.pools)}.`,
    remedy: () => 'Remove the Windows pools first.',
    confidence: 'documented',
    source: 'NIc',
  }),
  ISO_KUBENET: entry({
    severity: 'blocker',
    message: () => 'Network isolation does not support kubenet.',
    remedy: () => 'Move the cluster to Azure CNI Overlay first.',
    confidence: 'documented',
    source: 'NIc',
  }),
  ISO_K8S_VERSION: entry<{ kubernetesVersion: string }>({
    severity: 'blocker',
    message: (f) =>
      `Network isolation needs Kubernetes 1.30 or later; the cluster has ${f.kubernetesVersion}.`,
    remedy: () => 'Upgrade the cluster first.',
    confidence: 'documented',
    source: 'NIh',
  }),
  ISO_NODE_OS_CHANNEL: entry({
    severity: 'blocker',
    message: () => 'The node OS upgrade channel is Unmanaged, which network isolation does not support.',
    remedy: () => 'Set autoUpgradeProfile.nodeOSUpgradeChannel to NodeImage or None first.',
    confidence: 'documented',
    source: 'NIc',
  }),
  ISO_NODE_PUBLIC_IP: entry<{ pools: string[] }>({
    severity: 'warning',
    message: (f) => `Nodes of ${listed(f.pools)} have public IPs and still reach the internet by them.`,
    remedy: () => 'Replace these pools if the cluster is to be isolated.',
    confidence: 'documented',
    source: 'NIc; KARP',
  }),
  ISO_WORKLOADS_LOSE_INTERNET: entry<{ outboundType: string }>({
    severity: 'acknowledge',
    message: (f) =>
      `With ${f.outboundType} AKS gives the workloads no way to the internet: every external dependency stops unless it has a path of its own.`,
    remedy: () => 'Make sure that no workload needs the internet, or that it has another path.',
    confidence: 'documented',
    source: 'EO',
  }),
  DEFAULT_OUTBOUND_LEAK: entry<{ subnets: string[] }>({
    severity: 'warning',
    message: (f) =>
      `none is not isolation on ${listed(f.subnets)}: default outbound access is not switched off there, and nodes fall back to a changing Microsoft address.`,
    remedy: () =>
      'Make the subnets private (defaultOutboundAccess false) or deny egress with network security rules.',
    confidence: 'documented',
    source: 'SDK; default-outbound-access (DOA)',
  }),
  ISO_MONITORING: entry<{ features: string[] }>({
    severity: 'warning',
    message: (f) =>
      `${listed(f.features)} send their data to public endpoints, which an isolated cluster does not reach.`,
    remedy: () => 'Take the data in over private link, or accept that it stops.',
    confidence: 'documented',
    source: 'NIc; outbound-rules-control-egress (OR)',
  }),
  ISO_LEAVING: entry({
    severity: 'info',
    message: () =>
      'The bootstrap registry of the isolated cluster stays, and goes on costing, as long as the artifact source is Cache.',
    remedy: () =>
      'Set the artifact source to Direct and upgrade the node images when isolation is over for good.',
    confidence: 'documented',
    source: 'NIc; NIh',
  }),
}
