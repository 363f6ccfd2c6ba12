import type { ClusterFacts } from './snapshot.ts'

/** Whether a static egress gateway is enabled, or a pool of mode Gateway is there (SEG). */
export function hasStaticGateway(cluster: ClusterFacts): boolean {
  return (
    cluster.staticEgressGateway || cluster.agentPools.some((pool) => pool.mode.toLowerCase() === 'gateway')
  )
}
