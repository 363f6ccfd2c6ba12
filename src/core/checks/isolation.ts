import { subnetsAfter } from '../after-egress.ts'
import { effectivePathOf } from '../effective-egress.ts'
import { finding } from '../findings/catalogue.ts'
import { sequenceTo } from '../isolation-sequence.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** The oldest Kubernetes minor version for network-isolated clusters (NIh). */
const OLDEST_MINOR = 30

/** none and block are for network-isolated clusters; entering and leaving them has its own rules (rulebook 3.6). */
export const isolation: Check = (context) => {
  const { from, to } = context
  const isIsolated = (key: string | null) => key === 'none' || key === 'block'
  // A clean-up of a cluster that is isolated already asks nothing of it that it has not been asked.
  if (from === to) return []
  if (isIsolated(to)) return entering(context)
  return isIsolated(from) && context.snapshot.cluster.artifactSource?.toLowerCase() === 'cache'
    ? [finding('ISO_LEAVING', {})]
    : []
}

function entering(context: PlanningContext): Finding[] {
  return [...clusterRules(context), ...poolRules(context), ...reimaging(context), ...meaning(context)]
}

function clusterRules({ snapshot: { cluster }, to }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  if (cluster.artifactSource?.toLowerCase() !== 'cache')
    findings.push(
      finding('ISO_NOT_NETWORK_ISOLATED', {
        artifactSource: cluster.artifactSource,
        sequence: sequenceTo(to),
      }),
    )
  if (!cluster.enablePrivateCluster && !cluster.enableVnetIntegration)
    findings.push(finding('ISO_API_PUBLIC', {}))
  if (isTooOld(cluster.kubernetesVersion))
    findings.push(finding('ISO_K8S_VERSION', { kubernetesVersion: cluster.kubernetesVersion }))
  if (cluster.networkPlugin?.toLowerCase() === 'kubenet') findings.push(finding('ISO_KUBENET', {}))
  if (cluster.nodeOsUpgradeChannel === 'Unmanaged') findings.push(finding('ISO_NODE_OS_CHANNEL', {}))
  return findings
}

function poolRules({ snapshot: { cluster } }: PlanningContext): Finding[] {
  const named = (holds: (pool: (typeof cluster.agentPools)[number]) => boolean) =>
    cluster.agentPools.filter(holds).map((pool) => pool.name)
  const windows = named((pool) => pool.osType === 'Windows')
  const withIps = named((pool) => pool.enableNodePublicIP)
  const findings: Finding[] = []
  if (windows.length > 0) findings.push(finding('ISO_WINDOWS', { pools: windows }))
  if (withIps.length > 0) findings.push(finding('ISO_NODE_PUBLIC_IP', { pools: withIps }))
  return findings
}

/**
 * Nodes that were made before the artifact source was Cache still fetch from the internet, so egress must stay
 * until each is made anew (NIh). ARM shows the image of a pool and not since when, so a person has to say it.
 */
function reimaging({ snapshot: { cluster }, from }: PlanningContext): Finding[] {
  const isCached = cluster.artifactSource?.toLowerCase() === 'cache'
  if (!isCached || from === 'none' || from === 'block') return []
  const pools = cluster.agentPools.map(({ name, nodeImageVersion }) => ({ name, nodeImageVersion }))
  return pools.length === 0 ? [] : [finding('ISO_REIMAGE_ORDER', { pools })]
}

function meaning({ snapshot, snapshot: { cluster }, to, target, vnet }: PlanningContext): Finding[] {
  const findings: Finding[] = [
    finding('ISO_WORKLOADS_LOSE_INTERNET', { outboundType: target.outboundType }),
    ...(cluster.features.monitoring.length === 0
      ? []
      : [finding('ISO_MONITORING', { senders: cluster.features.monitoring })]),
    ...(to === 'none' && vnet.kind === 'byo' ? [finding('NONE_BYO_PATH', {})] : []),
    ...(to === 'block' ? [finding('BLOCK_VNET_TRAFFIC', {})] : []),
  ]
  const leaky = subnetsAfter(snapshot, target).filter(
    (subnet) => effectivePathOf(subnet, snapshot, target.outboundType) === 'defaultOutbound',
  )
  if (to === 'none' && leaky.length > 0)
    findings.push(finding('DEFAULT_OUTBOUND_LEAK', { subnets: leaky.map((subnet) => nameOf(subnet.id)) }))
  return findings
}

function isTooOld(version: string): boolean {
  const [major, minor] = version.split('.').map(Number)
  return major === 1 && minor !== undefined && minor < OLDEST_MINOR
}
