import type { Finding } from '../../contract/finding.ts'
import { lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { effectivePathOf } from '../egress/paths.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { listed } from '../lib/text.ts'
import { type Check, rule } from './rule.ts'

/** One step that a person takes towards network isolation, with what shows that it is done. */
export interface IsolationStep extends Record<string, string> {
  step: string
  does: string
  doneWhen: string
}

/** The only order that AKS takes: each step needs the egress that the last one removes (NIh; needs N12). */
export function isolationSequence(outboundType: string): IsolationStep[] {
  return [
    {
      step: 'cache',
      does: 'Set bootstrapProfile.artifactSource to Cache, as an update of its own.',
      doneWhen: 'The cluster is Succeeded and shows the artifact source Cache.',
    },
    {
      step: 'reimage',
      does: 'Upgrade the node image of every pool (az aks upgrade --node-image-only) while egress still exists.',
      doneWhen: 'Every pool is Succeeded and no node is older than the first step.',
    },
    {
      step: outboundType,
      does: `Plan the change to ${outboundType} again, and execute that plan.`,
      doneWhen: `The cluster shows the outbound type ${outboundType}.`,
    },
  ]
}

/** The oldest Kubernetes minor version for network-isolated clusters (network-isolated). */
const OLDEST_MINOR = 30

export const ISO_LEAVING = rule('ISO_LEAVING', {
  severity: 'info',
  message: () =>
    'The bootstrap registry of the isolated cluster stays, and goes on costing, as long as the artifact source is Cache.',
  remedy: () =>
    'Set the artifact source to Direct and upgrade the node images when isolation is over for good.',
  confidence: 'documented',
  source: 'NIc; NIh',
})

/** none and block are for network-isolated clusters; entering and leaving them has its own rules. */
export const checkIsolation: Check = (context) => {
  const { from, to } = context
  const isIsolated = (key: string | null) => key === 'none' || key === 'block'
  // A clean-up of a cluster that is isolated already asks nothing of it that it has not been asked.
  if (from === to) return []
  if (isIsolated(to)) return entering(context)
  return isIsolated(from) && context.snapshot.cluster.artifactSource?.toLowerCase() === 'cache'
    ? [ISO_LEAVING.finding({})]
    : []
}

function entering(context: PlanningContext): Finding[] {
  return [...clusterRules(context), ...poolRules(context), ...reimaging(context), ...meaning(context)]
}

export const ISO_NOT_NETWORK_ISOLATED = rule<{ artifactSource: string | null; sequence: IsolationStep[] }>(
  'ISO_NOT_NETWORK_ISOLATED',
  {
    severity: 'blocker',
    message: (f) =>
      `The cluster's artifact source is ${f.artifactSource ?? 'not set'}; none and block are only for clusters whose artifact source is Cache.`,
    remedy: (f) =>
      `In this order, each when the one before is done: ${f.sequence.map((each, index) => `(${index + 1}) ${each.does}`).join(' ')}`,
    confidence: 'documented',
    source: 'EO; concepts-network-isolated (NIc); network-isolated (NIh)',
  },
)

export const ISO_API_PUBLIC = rule('ISO_API_PUBLIC', {
  severity: 'blocker',
  message: () => 'The API server is reached over its public endpoint, which needs egress.',
  remedy: () => 'Make the cluster private or use API Server VNet Integration first.',
  confidence: 'documented',
  source: 'NIc; NIh; private-clusters (PC)',
})

export const ISO_K8S_VERSION = rule<{ kubernetesVersion: string }>('ISO_K8S_VERSION', {
  severity: 'blocker',
  message: (f) => `Network isolation needs Kubernetes 1.30 or later; the cluster has ${f.kubernetesVersion}.`,
  remedy: () => 'Upgrade the cluster first.',
  confidence: 'documented',
  source: 'NIh',
})

export const ISO_KUBENET = rule('ISO_KUBENET', {
  severity: 'blocker',
  message: () => 'Network isolation does not support kubenet.',
  remedy: () => 'Move the cluster to Azure CNI Overlay first.',
  confidence: 'documented',
  source: 'NIc',
})

export const ISO_NODE_OS_CHANNEL = rule('ISO_NODE_OS_CHANNEL', {
  severity: 'blocker',
  message: () => 'The node OS upgrade channel is Unmanaged, which network isolation does not support.',
  remedy: () => 'Set autoUpgradeProfile.nodeOSUpgradeChannel to NodeImage or None first.',
  confidence: 'documented',
  source: 'NIc',
})

function clusterRules({ snapshot: { cluster }, to }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  if (cluster.artifactSource?.toLowerCase() !== 'cache')
    findings.push(
      ISO_NOT_NETWORK_ISOLATED.finding({
        artifactSource: cluster.artifactSource,
        sequence: isolationSequence(to),
      }),
    )
  if (!cluster.enablePrivateCluster && !cluster.enableVnetIntegration)
    findings.push(ISO_API_PUBLIC.finding({}))
  if (isTooOld(cluster.kubernetesVersion))
    findings.push(ISO_K8S_VERSION.finding({ kubernetesVersion: cluster.kubernetesVersion }))
  if (cluster.networkPlugin?.toLowerCase() === 'kubenet') findings.push(ISO_KUBENET.finding({}))
  if (cluster.nodeOsUpgradeChannel === 'Unmanaged') findings.push(ISO_NODE_OS_CHANNEL.finding({}))
  return findings
}

export const ISO_WINDOWS = rule<{ pools: string[] }>('ISO_WINDOWS', {
  severity: 'blocker',
  message: (f) => `Network isolation does not support Windows pools: ${listed(f.pools)}.`,
  remedy: () => 'Remove the Windows pools first.',
  confidence: 'documented',
  source: 'NIc',
})

export const ISO_NODE_PUBLIC_IP = rule<{ pools: string[] }>('ISO_NODE_PUBLIC_IP', {
  severity: 'warning',
  message: (f) => `Nodes of ${listed(f.pools)} have public IPs and still reach the internet by them.`,
  remedy: () => 'Replace these pools if the cluster is to be isolated.',
  confidence: 'documented',
  source: 'NIc; KARP',
})

function poolRules({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const named = (holds: (pool: (typeof cluster.agentPools)[number]) => boolean) =>
    cluster.agentPools.filter(holds).map((pool) => pool.name)
  const windows = named((pool) => pool.osType === 'Windows')
  const withIps = named((pool) => pool.enableNodePublicIP)
  const findings: Finding[] = []
  if (windows.length > 0) findings.push(ISO_WINDOWS.finding({ pools: windows }))
  if (withIps.length > 0) findings.push(ISO_NODE_PUBLIC_IP.finding({ pools: withIps }))
  return findings
}

export const ISO_REIMAGE_ORDER = rule<{ pools: { name: string; nodeImageVersion: string | null }[] }>(
  'ISO_REIMAGE_ORDER',
  {
    severity: 'acknowledge',
    message: (f) =>
      `ARM does not show whether the nodes were made after the artifact source became Cache (${listed(f.pools.map((each) => `${each.name} has ${each.nodeImageVersion ?? 'an image that is not shown'}`))}); older ones still need the internet and stop working without it.`,
    remedy: () =>
      'Upgrade the node image of every pool while egress still exists, and acknowledge when that is done.',
    confidence: 'documented',
    source: 'network-isolated (NIh)',
  },
)

/**
 * Nodes that were made before the artifact source was Cache still fetch from the internet, so egress must stay
 * until each is made anew (network-isolated). ARM shows the image of a pool and not since when, so a person has to say it.
 */
function reimaging({ snapshot: { cluster }, from }: PlanningContext): Finding[] {
  const isCached = cluster.artifactSource?.toLowerCase() === 'cache'
  if (!isCached || from === 'none' || from === 'block') return []
  const pools = cluster.agentPools.map(({ name, nodeImageVersion }) => ({ name, nodeImageVersion }))
  return pools.length === 0 ? [] : [ISO_REIMAGE_ORDER.finding({ pools })]
}

export const ISO_WORKLOADS_LOSE_INTERNET = rule<{ outboundType: string }>('ISO_WORKLOADS_LOSE_INTERNET', {
  severity: 'acknowledge',
  message: (f) =>
    `With ${f.outboundType} AKS gives the workloads no way to the internet: every external dependency stops unless it has a path of its own.`,
  remedy: () => 'Make sure that no workload needs the internet, or that it has another path.',
  confidence: 'documented',
  source: 'EO',
})

export const ISO_MONITORING = rule<{ senders: string[] }>('ISO_MONITORING', {
  severity: 'warning',
  message: (f) => `Without egress these send nothing any more: ${listed(f.senders)}.`,
  remedy: () => 'Give the monitoring workspaces private endpoints first.',
  confidence: 'documented',
  source: 'NIc; outbound-rules-control-egress (OR)',
})

export const NONE_BYO_PATH = rule('NONE_BYO_PATH', {
  severity: 'info',
  message: () =>
    'With none AKS checks no route and forbids no traffic: what the subnets of your own network have attached still decides.',
  remedy: () => 'Give the subnets the path that is wanted, or deny egress with network security rules.',
  confidence: 'documented',
  source: 'EO',
})

export const BLOCK_VNET_TRAFFIC = rule('BLOCK_VNET_TRAFFIC', {
  severity: 'info',
  message: () => 'block stops traffic to the internet only; traffic inside the virtual network goes on.',
  remedy: () => 'Use network policies or security rules where that must stop, too.',
  confidence: 'documented',
  source: 'EO',
})

export const DEFAULT_OUTBOUND_LEAK = rule<{ subnets: string[] }>('DEFAULT_OUTBOUND_LEAK', {
  severity: 'warning',
  message: (f) =>
    `none is not isolation on ${listed(f.subnets)}: default outbound access is not switched off there, and nodes fall back to a changing Microsoft address.`,
  remedy: () =>
    'Make the subnets private (defaultOutboundAccess false) or deny egress with network security rules.',
  confidence: 'documented',
  source: 'SDK; default-outbound-access (DOA)',
})

function meaning({ snapshot, snapshot: { cluster }, to, target, vnet }: PlanningContext): Finding[] {
  const findings: Finding[] = [
    ISO_WORKLOADS_LOSE_INTERNET.finding({ outboundType: target.outboundType }),
    ...(cluster.features.monitoring.length === 0
      ? []
      : [ISO_MONITORING.finding({ senders: cluster.features.monitoring })]),
    ...(to === 'none' && vnet.kind === 'byo' ? [NONE_BYO_PATH.finding({})] : []),
    ...(to === 'block' ? [BLOCK_VNET_TRAFFIC.finding({})] : []),
  ]
  const leaky = projectedSubnets(snapshot, target).filter(
    (subnet) => effectivePathOf(subnet, snapshot, target.outboundType) === 'defaultOutbound',
  )
  if (to === 'none' && leaky.length > 0)
    findings.push(DEFAULT_OUTBOUND_LEAK.finding({ subnets: leaky.map((subnet) => lastSegment(subnet.id)) }))
  return findings
}

function isTooOld(version: string): boolean {
  const [major, minor] = version.split('.').map(Number)
  return major === 1 && minor !== undefined && minor < OLDEST_MINOR
}
