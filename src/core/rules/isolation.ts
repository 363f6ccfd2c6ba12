import type { Finding } from '../../contract/finding.ts'
import { namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { endingPaths } from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { API_SERVER } from '../egress/destinations.ts'
import { effectivePathOf } from '../egress/effective-path.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { agree, named, these } from '../lib/text.ts'
import { AKS_SDK, documented, observed } from '../references/references.ts'
import { poolNames } from '../snapshot/agent-pools.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type IsolationStep, isolationSequence } from './isolation-sequence.ts'
import { type Check, rule } from './rule.ts'

/** The oldest Kubernetes minor version for network-isolated clusters (network-isolated). */
const OLDEST_MINOR = 30

export const ISO_LEAVING = rule('ISO_LEAVING', {
  severity: 'info',
  message:
    'The bootstrap registry of the isolated cluster stays and continues to incur costs while the artifact source is `Cache`.',
  remedy:
    'If you end isolation permanently, set the artifact source to `Direct`, and upgrade the node images.',
  source: documented('concepts-network-isolated', 'network-isolated'),
})

/** The outbound types `none` and `block` are for network-isolated clusters. */
export const checkIsolation: Check = (context) => {
  const { from, to } = context
  const isIsolated = (key: string | null) => key === 'none' || key === 'block'
  if (isIsolated(to)) return from === to ? losing(context) : entering(context)
  const isCached = equalsArm(context.snapshot.cluster.artifactSource, 'Cache')
  return ISO_LEAVING.when(isIsolated(from) && isCached, {})
}

function entering(context: PlanningContext): Finding[] {
  return [
    ...clusterRules(context),
    ...poolRules(context),
    ...reimaging(context),
    ...lostEgress(context, context.from !== 'block' && mayLoseEgress(context)),
    ...meaning(context),
    ...defaultOutbound(context),
  ]
}

/** A cleanup of an isolated cluster can detach the path that has carried the traffic until now, and a reconcile can end it. */
function losing(context: PlanningContext): Finding[] {
  const losesEgress = endingPaths(context).some(({ before }) => before.family === 'IPv4')
  const leak = losesEgress ? defaultOutbound(context) : []
  return [...reimaging(context), ...lostEgress(context, losesEgress), ...leak]
}

export const ISO_NOT_NETWORK_ISOLATED = rule<{ artifactSource: string | null; sequence: IsolationStep[] }>(
  'ISO_NOT_NETWORK_ISOLATED',
  {
    severity: 'blocker',
    message: (f) =>
      `The cluster's artifact source (\`bootstrapProfile.artifactSource\`) is ${f.artifactSource === null ? 'not set' : `\`${f.artifactSource}\``}, but the outbound types \`none\` and \`block\` require \`Cache\`.`,
    remedy: (f) =>
      `Complete the following steps in this order: ${f.sequence.map((step, index) => `(${index + 1}) ${step.does}`).join(' ')}`,
    source: documented('egress-outboundtype', 'concepts-network-isolated', 'network-isolated'),
  },
)

/** What keeps a cluster from API Server VNet Integration. */
type IntegrationObstacle = 'dualStack' | 'encryptedVnet'

export const ISO_API_PUBLIC = rule<{
  obstacles: IntegrationObstacle[]
  /** Whether all nodes still reach the public endpoint through other resources on their subnets. */
  keepsPath?: true
}>('ISO_API_PUBLIC', {
  severity: 'blocker',
  message: (f) =>
    f.keepsPath === true
      ? 'A network-isolated cluster requires an API server that nodes reach inside the virtual network, but nodes of this cluster connect to the public endpoint of the API server.'
      : 'Nodes would lose access to the API server, because they cannot reach its public endpoint without egress.',
  remedy: (f) =>
    f.obstacles.includes('encryptedVnet')
      ? 'Create a new private cluster. An existing cluster can get a private API server only with API Server VNet Integration, which does not support an encrypted virtual network.'
      : f.obstacles.includes('dualStack')
        ? 'Create a new private cluster. An existing cluster can get a private API server only with API Server VNet Integration, which can break a dual-stack cluster permanently.'
        : 'Convert the cluster to API Server VNet Integration. The conversion is irreversible, reimages every node pool, and changes the IP address of the API server. Run `az aks update --enable-apiserver-vnet-integration`, then restart the cluster immediately.',
  source: documented(
    'concepts-network-isolated',
    'network-isolated',
    'private-clusters',
    'api-server-vnet-integration',
    'azure-aks-docs pull request 330',
    'azure-aks-docs pull request 412',
  ),
})

export const ISO_SERVICE_PRINCIPAL = rule('ISO_SERVICE_PRINCIPAL', {
  severity: 'blocker',
  message:
    'The cluster uses a service principal, so AKS rejects the artifact source `Cache` with the error `BootstrapArtifactSourceNotAllowed`.',
  remedy:
    'Migrate the cluster to a managed identity first. Since AKS release 2026-08-07, the migration reimages every node pool. Run `az aks update --enable-managed-identity`.',
  source: observed('Azure/AKS issue 5821', 'AKS release notes 2026-08-07'),
})

export const ISO_K8S_VERSION = rule<{ kubernetesVersion: string }>('ISO_K8S_VERSION', {
  severity: 'blocker',
  message: (f) =>
    `Network isolation requires Kubernetes 1.30 or later, but the cluster has version ${f.kubernetesVersion}.`,
  remedy: 'Upgrade the cluster to Kubernetes 1.30 or later first.',
  source: documented('network-isolated'),
})

export const ISO_KUBENET = rule('ISO_KUBENET', {
  severity: 'blocker',
  message: 'The cluster uses kubenet, which network isolation does not support.',
  remedy: 'Migrate the cluster to Azure CNI Overlay first.',
  source: documented('concepts-network-isolated'),
})

export const ISO_NODE_OS_CHANNEL = rule('ISO_NODE_OS_CHANNEL', {
  severity: 'blocker',
  message: 'The node OS upgrade channel is `Unmanaged`, which network isolation does not support.',
  remedy: 'Set `autoUpgradeProfile.nodeOSUpgradeChannel` to `NodeImage` or `None`. Then create a new plan.',
  source: documented('concepts-network-isolated'),
})

function clusterRules(context: PlanningContext): Finding[] {
  const { snapshot, to } = context
  const { cluster } = snapshot
  const hasServicePrincipal = cluster.servicePrincipalClientId !== null
  return [
    ...ISO_NOT_NETWORK_ISOLATED.when(!equalsArm(cluster.artifactSource, 'Cache'), {
      artifactSource: cluster.artifactSource,
      sequence: isolationSequence(to, hasServicePrincipal),
    }),
    ...ISO_SERVICE_PRINCIPAL.when(hasServicePrincipal, {}),
    ...ISO_API_PUBLIC.when(!cluster.enablePrivateCluster && !cluster.enableVnetIntegration, {
      obstacles: integrationObstacles(snapshot),
      ...(keepsApiServerPath(context) ? { keepsPath: true as const } : {}),
    }),
    ...ISO_K8S_VERSION.when(isTooOld(cluster.kubernetesVersion), {
      kubernetesVersion: cluster.kubernetesVersion,
    }),
    ...ISO_KUBENET.when(isKubenet(cluster), {}),
    ...ISO_NODE_OS_CHANNEL.when(equalsArm(cluster.nodeOsUpgradeChannel, 'Unmanaged'), {}),
  ]
}

function keepsApiServerPath({ paths }: PlanningContext): boolean {
  const toApiServer = paths.after.filter(({ destination }) => destination === API_SERVER)
  return (
    toApiServer.length > 0 &&
    toApiServer.every(({ path }) => !['none', 'defaultOutbound', 'mixed', 'unknown'].includes(path))
  )
}

function integrationObstacles({ cluster, subnets, virtualNetworks }: Snapshot): IntegrationObstacle[] {
  const isEncrypted = subnets.some(({ id }) => virtualNetworks[vnetKeyOf(id)]?.isEncrypted === true)
  return [
    ...(cluster.ipFamilies.includes('IPv6') ? ['dualStack' as const] : []),
    ...(isEncrypted ? ['encryptedVnet' as const] : []),
  ]
}

export const ISO_WINDOWS = rule<{ pools: string[] }>('ISO_WINDOWS', {
  severity: 'blocker',
  message: (f) => `Network isolation does not support ${named('Windows node pool', f.pools)}.`,
  remedy: (f) => `Remove ${these('Windows node pool', f.pools)} first.`,
  source: documented('concepts-network-isolated'),
})

export const ISO_NODE_PUBLIC_IP = rule<{ pools: string[] }>('ISO_NODE_PUBLIC_IP', {
  severity: 'warning',
  message: (f) =>
    `Nodes of ${named('node pool', f.pools)} have public IPs and can still reach the internet through these IPs.`,
  remedy: (f) =>
    `If you want to isolate the cluster, replace ${these('node pool', f.pools)} with ${agree(f.pools, 'a node pool', 'node pools')} without node public IPs.`,
  source: documented('concepts-network-isolated', 'Karpenter Azure provider, node public IPs'),
})

function poolRules({ snapshot: { cluster } }: PlanningContext): Finding[] {
  return [
    ...ISO_WINDOWS.ifAny({ pools: poolNames(cluster, (pool) => equalsArm(pool.osType, 'Windows')) }),
    ...ISO_NODE_PUBLIC_IP.ifAny({ pools: poolNames(cluster, (pool) => pool.enableNodePublicIP) }),
  ]
}

export const ISO_REIMAGE_ORDER = rule<{ pools: { name: string; nodeImageVersion: string | null }[] }>(
  'ISO_REIMAGE_ORDER',
  {
    severity: 'acknowledge',
    message:
      'Nodes that were created before the artifact source was set to `Cache` stop working when the cluster loses egress, and Azure Resource Manager does not show whether the cluster has such nodes.',
    remedy: (f) =>
      `Upgrade the node image of every node pool while egress still exists, then acknowledge this finding. Current node images: ${f.pools.map(imageLabel).join('; ')}.`,
    source: documented('network-isolated'),
  },
)

function imageLabel({ name, nodeImageVersion }: { name: string; nodeImageVersion: string | null }): string {
  return nodeImageVersion === null
    ? `the image of the node pool \`${name}\` is unknown`
    : `the node pool \`${name}\` has \`${nodeImageVersion}\``
}

/**
 * Nodes older than the artifact source `Cache` still need the internet, so egress must stay until all of them are
 * replaced (network-isolated). ARM shows the image of a pool but not the age of its nodes. So a person must confirm. A
 * route or gateway of the customer can keep the egress until a cleanup detaches it.
 */
function reimaging(context: PlanningContext): Finding[] {
  const { from, to, cleanUp, completes } = context
  const { artifactSource, agentPools } = context.snapshot.cluster
  const isDetaching = cleanUp.detachments.some(({ movesTraffic }) => movesTraffic)
  const mayMove = from !== to || completes !== null || isDetaching
  if (!equalsArm(artifactSource, 'Cache') || !mayMove || !mayLoseEgress(context)) return []
  return ISO_REIMAGE_ORDER.ifAny({
    pools: agentPools.map(({ name, nodeImageVersion }) => ({ name, nodeImageVersion })),
  })
}

export const ISO_WORKLOADS_LOSE_INTERNET = rule<{ outboundType: string }>('ISO_WORKLOADS_LOSE_INTERNET', {
  severity: 'acknowledge',
  message: (f) =>
    `With the outbound type \`${f.outboundType}\`, AKS provides no internet access, and workloads without a separate egress path lose access to external services.`,
  remedy: 'Make sure that every workload that needs the internet has a separate egress path.',
  source: documented('egress-outboundtype'),
})

export const ISO_MONITORING = rule<{ senders: string[] }>('ISO_MONITORING', {
  severity: 'warning',
  message: (f) =>
    `Without egress, the agents of ${named('monitoring feature', f.senders)} stop sending data.`,
  remedy: 'Create private endpoints for the workspaces that receive this data, and then execute the plan.',
  source: documented('concepts-network-isolated', 'outbound-rules-control-egress'),
})

export const NONE_BYO_PATH = rule('NONE_BYO_PATH', {
  severity: 'info',
  message:
    'With the outbound type `none`, AKS checks no routes and blocks no traffic, so the resources attached to the subnets still determine the egress path.',
  remedy:
    'If a subnet needs egress and has no NAT gateway or route table, attach one, which moves traffic immediately. If a subnet must have no egress, deny it with network security group rules.',
  source: documented('egress-outboundtype'),
})

export const BLOCK_VNET_TRAFFIC = rule('BLOCK_VNET_TRAFFIC', {
  severity: 'info',
  message:
    'The outbound type `block` blocks traffic to the internet but not traffic inside the virtual network.',
  remedy:
    'If you also want to block traffic inside the virtual network, use network policies or network security group rules.',
  source: documented('egress-outboundtype'),
})

export const DEFAULT_OUTBOUND_LEAK = rule<{ subnets: string[] }>('DEFAULT_OUTBOUND_LEAK', {
  severity: 'warning',
  message: (f) =>
    `The outbound type \`none\` does not isolate the nodes on ${named('subnet', f.subnets)}: default outbound access is enabled there, so nodes reach the internet from a Microsoft address that can change.`,
  remedy: (f) =>
    `Set \`defaultOutboundAccess\` to \`false\` on ${these('subnet', f.subnets)}, which affects every virtual machine in the ${agree(f.subnets, 'subnet', 'subnets')}. Alternatively, deny egress with network security group rules.`,
  source: documented(AKS_SDK, 'default-outbound-access'),
})

/** Whether any packets lose their path, or may lose it. A route or gateway of the customer can keep all paths. */
function mayLoseEgress(context: PlanningContext): boolean {
  return endingPaths(context).length > 0 || context.paths.after.some(({ path }) => path === 'unknown')
}

function lostEgress({ snapshot, target }: PlanningContext, losesEgress: boolean): Finding[] {
  return [
    ...ISO_WORKLOADS_LOSE_INTERNET.when(losesEgress, { outboundType: target.outboundType }),
    ...ISO_MONITORING.ifAny({ senders: losesEgress ? snapshot.cluster.features.monitoring : [] }),
  ]
}

function meaning({ to, vnet }: PlanningContext): Finding[] {
  return [
    ...NONE_BYO_PATH.when(to === 'none' && vnet.kind === 'byo', {}),
    ...BLOCK_VNET_TRAFFIC.when(to === 'block', {}),
  ]
}

/** Subnets whose nodes can use default outbound access after the change. */
function defaultOutbound({ prepared, to, target }: PlanningContext): Finding[] {
  const exposed = projectedSubnets(prepared, target).filter(
    (subnet) => effectivePathOf(subnet, prepared, target.outboundType) === 'defaultOutbound',
  )
  return DEFAULT_OUTBOUND_LEAK.ifAny({ subnets: to === 'none' ? namesOf(exposed) : [] })
}

function isTooOld(version: string): boolean {
  const [major, minor] = version.split('.').map(Number)
  return major === 1 && minor !== undefined && minor < OLDEST_MINOR
}
