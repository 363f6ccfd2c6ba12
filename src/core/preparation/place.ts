import { parseResourceId } from '../resource-id.ts'
import type { ClusterFacts } from '../snapshot.ts'
import type { PlanRequest } from '../target.ts'
import { subnetIdsOf } from '../vnet-kind.ts'

/** Where new resources go. */
export interface Place {
  /** The id of the resource group. */
  group: string
  /** `/subscriptions/…/resourceGroups/…/providers/Microsoft.Network`. */
  network: string
  location: string
  /** The cluster's name, from which names of new resources are made. */
  cluster: string
}

/**
 * Beside the virtual network, because a gateway and a route table have to lie in its subscription; in a managed
 * VNet beside the cluster, never in the node resource group, which is AKS's own (NRG).
 */
export function placeFor(request: Pick<PlanRequest, 'prepare'>, cluster: ClusterFacts): Place {
  const [subnetId] = subnetIdsOf(cluster)
  const beside = subnetId === undefined ? null : parseResourceId(subnetId)
  const { subscriptionId, resourceGroup } = beside ?? cluster
  const group = request.prepare?.resourceGroup ?? resourceGroup
  return {
    group: `/subscriptions/${subscriptionId}/resourceGroups/${group}`,
    network: `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Network`,
    location: cluster.location,
    cluster: cluster.name,
  }
}

/** What new addresses are for: those of a load balancer and those of a gateway exist beside each other. */
export type Purpose = 'lb' | 'nat' | 'aks-nat'

/** The name of a new resource: its kind's usual prefix, the cluster, what it is for. */
export function newName(prefix: string, { cluster }: Place, purpose?: Purpose, suffix = ''): string {
  return `${prefix}-${cluster}-${purpose === undefined ? '' : `${purpose}-`}egress${suffix}`
}
