import type { VnetKind } from '../../contract/outbound-type.ts'
import { distinctIds, idKey, isInResourceGroup } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { memoize } from '../lib/memoize.ts'
import { agree, named } from '../lib/text.ts'
import type { ClusterFacts } from './snapshot.ts'

/** Whose virtual network the cluster is in, and whether its pools agree on that. */
export interface VnetReading {
  kind: VnetKind
  /** Why the cluster fits neither kind cleanly; null when it does. */
  inconsistency: string | null
}

/**
 * BYO when any agent pool or the hosted system profile names a subnet; pools that disagree, subnets inside the
 * node resource group and subnets of several VNets are called inconsistent (VNET_MODE_INCONSISTENT).
 */
export const readVnet = memoize((cluster: ClusterFacts): VnetReading => {
  const hasNamed = cluster.agentPools.some((pool) => pool.vnetSubnetId !== null)
  const kind: VnetKind = hasNamed || hostedSubnetIds(cluster).length > 0 ? 'byo' : 'managed'
  return { kind, inconsistency: kind === 'byo' ? inconsistencyOf(cluster) : null }
})

function inconsistencyOf(cluster: ClusterFacts): string | null {
  const unnamed = cluster.agentPools.filter(
    (pool) => pool.vnetSubnetId === null && !equalsArm(pool.mode, 'ManagedSystem'),
  )
  if (unnamed.length > 0) return `${poolNames(unnamed)} ${agree(unnamed, 'has', 'have')} no subnet`
  const inside = cluster.agentPools.filter(
    (pool) =>
      pool.vnetSubnetId !== null &&
      isInResourceGroup(pool.vnetSubnetId, cluster.subscriptionId, cluster.nodeResourceGroup),
  )
  if (inside.length > 0)
    return `${poolNames(inside)} ${agree(inside, 'uses', 'use')} a subnet in the node resource group`
  const vnets = new Set(subnetIdsOf(cluster).map((id) => idKey(id).replace(/\/subnets\/[^/]+$/, '')))
  return vnets.size > 1 ? `the subnets of the node pools are in ${vnets.size} virtual networks` : null
}

/** Subnets that the pools name and that could not be read: what is attached to them is unknown. */
export function unseenSubnetIds(cluster: ClusterFacts, seen: { id: string }[]): string[] {
  const keys = new Set(seen.map((subnet) => idKey(subnet.id)))
  return subnetIdsOf(cluster).filter((id) => !keys.has(idKey(id)))
}

function poolNames(pools: { name: string }[]): string {
  return named(
    'node pool',
    pools.map((pool) => pool.name),
  )
}

/** The distinct subnets of nodes and pods, in the order of the pools. */
export const subnetIdsOf = memoize((cluster: ClusterFacts): string[] => {
  const ids = cluster.agentPools.flatMap((pool) => [pool.vnetSubnetId, pool.podSubnetId])
  return distinctIds([...ids.filter((id) => id !== null), ...hostedSubnetIds(cluster)])
})

/** The subnets that no pool of the user's names, because AKS or node auto-provisioning puts the nodes there. */
function hostedSubnetIds({ hostedSystemSubnetId, hostedWorkerSubnetId }: ClusterFacts): string[] {
  return [hostedSystemSubnetId, hostedWorkerSubnetId].filter((id) => id !== null)
}
