import { equalsArm } from '../arm/words.ts'
import type { AgentPoolFacts, ClusterFacts } from './snapshot.ts'
/** One virtual machine of a node pool: an instance of a scale set, or a machine of its own. */
export interface InstanceFacts {
  id: string
  /** `aks-managed-poolName` of its tags, or of the tags of its scale set; null where AKS set none. */
  pool: string | null
  subnetId: string | null
  /** `Linux` or `Windows`, as ARM spells it; null where ARM shows none. */
  osType: string | null
  provisioningState: string | null
  /** The code of its power state, such as `PowerState/running`; null where ARM shows none. */
  powerState: string | null
}

/** AKS's surge where a pool names none: the API says 10 %, a page says one node; the larger is taken. */
const DEFAULT_SURGE_PERCENT = 10

/** The nodes of some pools. Where pools are of unknown size, the numbers are those of the others. */
export interface NodeCount {
  now: number
  /** At the moment when every pool is at its largest and being upgraded. */
  peak: number
  /** The names of the pools whose number of nodes, or whose largest size, ARM does not show. */
  unknownPools: string[]
}

/** How many nodes the pools have, and how many they can have. */
export function countNodes(pools: AgentPoolFacts[]): NodeCount {
  const total: NodeCount = { now: 0, peak: 0, unknownPools: [] }
  for (const pool of pools) {
    const size = sizeAtPeak(pool)
    total.now += pool.count ?? 0
    if (size === null || pool.count === null) total.unknownPools.push(pool.name)
    total.peak += size === null ? (pool.count ?? 0) : size + surgeOf(pool.maxSurge, size)
  }
  return total
}

/** The autoscaler leaves a pool alone that is larger than its maximum. */
function sizeAtPeak({ enableAutoScaling, count, maxCount }: AgentPoolFacts): number | null {
  if (!enableAutoScaling) return count
  return maxCount === null ? null : Math.max(maxCount, count ?? 0)
}

/** `33%` is rounded up, `5` is nodes, absent is the default; at least one node. */
function surgeOf(maxSurge: string | null, size: number): number {
  if (maxSurge === null || maxSurge === '')
    return Math.max(1, Math.ceil((size * DEFAULT_SURGE_PERCENT) / 100))
  const value = Number.parseInt(maxSurge, 10)
  if (Number.isNaN(value)) return Math.max(1, Math.ceil((size * DEFAULT_SURGE_PERCENT) / 100))
  return maxSurge.endsWith('%') ? Math.ceil((size * value) / 100) : value
}

/** The names of the agent pools for which the condition holds. */
export function poolNames(cluster: ClusterFacts, condition: (pool: AgentPoolFacts) => boolean): string[] {
  return cluster.agentPools.filter(condition).map((pool) => pool.name)
}

/** Whether the node image of the pool can be upgraded by itself: the page names only scale sets (upgrade-node-image). */
export function canUpgradeNodeImage({ type }: AgentPoolFacts): boolean {
  return equalsArm(type, 'VirtualMachineScaleSets')
}

/** Whether a static egress gateway is enabled, or a pool of mode Gateway is there (configure-static-egress-gateway). */
export function hasStaticGateway(cluster: ClusterFacts): boolean {
  return cluster.staticEgressGateway || cluster.agentPools.some((pool) => equalsArm(pool.mode, 'Gateway'))
}

/** Whether AKS runs the system components on a pool of its own, as AKS Automatic can (intro-aks-automatic). */
export function hasManagedSystemPool(cluster: ClusterFacts): boolean {
  return cluster.hostedSystem || cluster.agentPools.some((pool) => equalsArm(pool.mode, 'ManagedSystem'))
}

/** The availability zones that the agent pools span, sorted. */
export function zonesOf(cluster: ClusterFacts): string[] {
  return [...new Set(cluster.agentPools.flatMap((pool) => pool.availabilityZones))].sort()
}
