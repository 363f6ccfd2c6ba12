import { equalsArm } from '../arm/words.ts'
import type { AgentPoolFacts, ClusterFacts } from './snapshot.ts'

/** AKS's surge where a pool names none: the API says 10 %, a page says one node; the larger is taken. */
const DEFAULT_SURGE_PERCENT = 10

/** Nodes at the moment when every pool is at its largest and being upgraded. */
export function nodesAtPeak(cluster: ClusterFacts): number {
  return cluster.agentPools.map(poolAtPeak).reduce((sum, count) => sum + count, 0)
}

function poolAtPeak(pool: AgentPoolFacts): number {
  const size = pool.enableAutoScaling ? (pool.maxCount ?? pool.count) : pool.count
  return size + surgeOf(pool.maxSurge, size)
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

/** Whether a static egress gateway is enabled, or a pool of mode Gateway is there (configure-static-egress-gateway). */
export function hasStaticGateway(cluster: ClusterFacts): boolean {
  return cluster.staticEgressGateway || cluster.agentPools.some((pool) => equalsArm(pool.mode, 'Gateway'))
}

/** The availability zones that the agent pools span, sorted. */
export function zonesOf(cluster: ClusterFacts): string[] {
  return [...new Set(cluster.agentPools.flatMap((pool) => pool.availabilityZones))].sort()
}
