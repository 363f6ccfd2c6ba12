import { idKey, nodeGroupId, parseResourceId, RESOURCE_TYPES } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { foldCase } from '../lib/fold-case.ts'
import { matchesWildcard } from '../lib/wildcard.ts'
import type { PlanningRequest, ResourceGroupPattern } from '../request/plan-request.ts'
import { factsOf, unreadOf } from '../snapshot/authorization-facts.ts'
import type { ClusterFacts, Snapshot } from '../snapshot/snapshot.ts'
import { subnetIdsOf } from '../snapshot/vnet-kind.ts'
import { placementFor } from './preparation.ts'

/** Why the plan cannot create resources in the requested resource group, or may have to create none there. */
export type ResourceGroupObstacle =
  | 'nodeResourceGroup'
  | 'managedGroup'
  | 'notGranted'
  | 'missing'
  /** The group could not be read, so another resource may manage it. */
  | 'unread'

const AKS_LOAD_BALANCERS = ['kubernetes', 'kubernetes-internal']

/**
 * Checks the resource group that the request names. This service has permissions that its caller may lack, so without a
 * grant the caller may choose only the resource groups of the cluster and of its virtual networks.
 */
export function resourceGroupObstacle(
  request: PlanningRequest,
  snapshot: Snapshot,
): ResourceGroupObstacle | null {
  const { cluster, surroundings } = snapshot
  if (request.prepare?.resourceGroup === undefined) return null
  const { group } = placementFor(request, cluster)
  const key = idKey(group)
  if (key === idKey(nodeGroupId(cluster)) || isDefaultNodeGroup(key) || holdsAksLoadBalancer(key, snapshot))
    return 'nodeResourceGroup'
  const { preparationGroup, callerPermissions } = surroundings?.authorization ?? {}
  const manager = factsOf(preparationGroup)?.managedBy ?? null
  if (manager !== null) return isCluster(manager) ? 'nodeResourceGroup' : 'managedGroup'
  const granted = request.preparationGroups ?? 'everything'
  const isGranted = granted === 'everything' || granted.some((pattern) => matchesGroup(pattern, key))
  const isOwn = ownGroups(cluster).includes(key)
  if (!isGranted && !isOwn) return 'notGranted'
  const failed = unreadOf([callerPermissions?.[key], preparationGroup])
  if (failed.some(({ reason }) => reason === 'not-found')) return 'missing'
  return !isOwn && unreadOf([preparationGroup]).length > 0 ? 'unread' : null
}

/** AKS sets `managedBy` of a node resource group to the cluster, also if the group has a custom name (inferred). */
function isCluster(id: string): boolean {
  return equalsArm(parseResourceId(id)?.type ?? '', RESOURCE_TYPES.cluster)
}

/** AKS names node resource groups this way by default, and deletes such a group with its cluster. */
function isDefaultNodeGroup(key: string): boolean {
  return (key.split('/').at(-1) ?? '').startsWith('mc_')
}

/** Without permission to read the group: it can have any name, but AKS' load balancers in it have one of two (inferred). */
function holdsAksLoadBalancer(key: string, { loadBalancers }: Snapshot): boolean {
  return Object.values(loadBalancers).some(
    ({ id, name }) =>
      idKey(id).startsWith(`${key}/`) && AKS_LOAD_BALANCERS.some((known) => equalsArm(name, known)),
  )
}

function ownGroups(cluster: ClusterFacts): string[] {
  const networks = subnetIdsOf(cluster).flatMap((id) => parseResourceId(id) ?? [])
  return [cluster, ...networks].map((place) => groupOf(place.subscriptionId, place.resourceGroup))
}

function matchesGroup({ subscriptionId, resourceGroup }: ResourceGroupPattern, key: string): boolean {
  const [, , subscription = '', , group = ''] = key.split('/')
  return (
    matchesWildcard(foldCase(subscriptionId), subscription) && matchesWildcard(foldCase(resourceGroup), group)
  )
}

function groupOf(subscriptionId: string, resourceGroup: string): string {
  return idKey(`/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`)
}
