import { idKey, liesIn } from '../resource-id.ts'
import type { ClusterFacts } from '../snapshot.ts'
import { subnetIdsOf } from '../vnet-kind.ts'

/**
 * What the user owns and a plan for this cluster may join: the subnets of its pools, the addresses that its
 * profiles name, and those that the request names. Each once; nothing of the node resource group.
 */
export function touchedIds(cluster: ClusterFacts, requestedIds: string[]): string[] {
  const { loadBalancerProfile: balancer, natGatewayProfile: gateway } = cluster
  const ids = [
    ...subnetIdsOf(cluster),
    ...(balancer?.outboundIpIds ?? []),
    ...(balancer?.outboundIpPrefixIds ?? []),
    ...(gateway?.outboundIpIds ?? []),
    ...(gateway?.outboundIpPrefixIds ?? []),
    ...requestedIds,
  ]
  const own = ids.filter((id) => !liesIn(id, cluster.subscriptionId, cluster.nodeResourceGroup))
  return [...new Map(own.map((id) => [idKey(id), id])).values()]
}
