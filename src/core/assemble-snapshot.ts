import { managedSubnetsIn, type NetworkCollection, networkOf, subnetOf } from './network-collection.ts'
import type { SubnetFacts } from './network-facts.ts'
import { idKey, nameOf } from './resource-id.ts'
import type { ClusterFacts, Snapshot, Unread } from './snapshot.ts'
import type { Surroundings } from './surroundings.ts'
import { readVnet, subnetIdsOf } from './vnet-kind.ts'

/** Joins what was read into a snapshot: which subnets are the cluster's, and which pools live in each. */
export function assembleSnapshot(
  takenAt: string,
  cluster: ClusterFacts,
  collection: NetworkCollection,
  unread: Unread[],
  surroundings: Surroundings | null = null,
): Snapshot {
  const isByo = readVnet(cluster).kind === 'byo'
  const subnets = isByo ? byoSubnets(cluster, collection) : managedSubnets(cluster, collection)
  return { takenAt, cluster, subnets, ...networkOf(collection), surroundings, unread }
}

/**
 * The subnets that the pools name. One that was not read is left out: it is in `unread`, and to show it
 * bare would claim that nothing is attached to it.
 */
function byoSubnets(cluster: ClusterFacts, collection: NetworkCollection): SubnetFacts[] {
  return subnetIdsOf(cluster).flatMap((id) => {
    const subnet = subnetOf(collection, id)
    return subnet === undefined ? [] : [{ ...subnet, pools: poolsIn(cluster, id) }]
  })
}

function poolsIn(cluster: ClusterFacts, subnetId: string): string[] {
  const key = idKey(subnetId)
  return cluster.agentPools
    .filter((pool) => [pool.vnetSubnetId, pool.podSubnetId].some((id) => id !== null && idKey(id) === key))
    .map((pool) => pool.name)
}

/**
 * In a managed VNet the network lies in the node resource group (inferred: rulebook VNET_MODE_MANAGED). The
 * API server's own subnet is delegated and carries no node traffic.
 */
function managedSubnets(cluster: ClusterFacts, collection: NetworkCollection): SubnetFacts[] {
  return managedSubnetsIn(cluster, collection)
    .filter((subnet) => !/apiserver/i.test(nameOf(subnet.id)))
    .map((subnet) => ({ ...subnet, pools: [] }))
}
