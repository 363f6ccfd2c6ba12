import type { ClusterFacts } from './snapshot.ts'

/** The availability zones that the agent pools span, sorted. */
export function zonesOf(cluster: ClusterFacts): string[] {
  return [...new Set(cluster.agentPools.flatMap((pool) => pool.availabilityZones))].sort()
}
