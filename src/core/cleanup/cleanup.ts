import type { OutboundType, TypeKey } from '../../contract/outbound-type.ts'
import type { Plan } from '../../contract/plan.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import { distinctIds, idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { comparePaths } from '../egress/joined-paths.ts'
import type { EgressSide } from '../egress/ways.ts'
import { matchingEntries, toCidr, toEntry } from '../lib/cidr.ts'
import type { CleanupRequest, PlanningRequest } from '../request/plan-request.ts'
import { customerIpIdsOf } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  type Detachment,
  detachmentsOf,
  distinctDetachments,
  type RetainedRoute,
  retainedRoutes,
  snapshotAfterCleanup,
} from './detachments.ts'
import type { RetainedAttachment } from './owned-attachments.ts'
import { removableAttachments } from './owned-attachments.ts'

/** A resource that should be deleted, and the resources that use it. */
interface InUseResource {
  id: string
  by: string[]
}

/**
 * Sorts the deletions: a gateway is deleted before the addresses it uses. A gateway that stays keeps its addresses in
 * use.
 */
function partitionInUse(ids: string[], cleaned: Snapshot): { unused: string[]; inUse: InUseResource[] } {
  const unused: string[] = []
  const inUse: InUseResource[] = []
  for (const id of ids) {
    const gone = new Set(unused.map(idKey))
    const by = usersOf(id, cleaned).filter((user) => !gone.has(idKey(user)))
    if (by.length === 0) unused.push(id)
    else inUse.push({ id, by })
  }
  return { unused, inUse }
}

function usersOf(id: string, snapshot: Snapshot): string[] {
  const found = [
    ...subnetsWith(id, snapshot),
    ...networksWith(id, snapshot),
    ...holdersOf(id, snapshot),
    ...clusterWith(id, snapshot),
  ]
  return distinctIds(found)
}

/** The virtual networks that a StandardV2 gateway serves as a whole, as either of them shows. */
function networksWith(id: string, { natGateways, virtualNetworks }: Snapshot): string[] {
  const served = natGateways[idKey(id)]?.sourceVirtualNetworkId ?? null
  const naming = Object.values(virtualNetworks).filter(({ natGatewayId }) => equalsArm(natGatewayId, id))
  return [...(served === null ? [] : [served]), ...naming.map((network) => network.id)]
}

/** The cluster's own subnets as they will be, those of others as the resource names them. */
function subnetsWith(id: string, { subnets, natGateways, routeTables }: Snapshot): string[] {
  const key = idKey(id)
  const own = new Set(subnets.map((subnet) => idKey(subnet.id)))
  const attached = subnets.filter(({ natGatewayId, routeTableId }) =>
    [natGatewayId, routeTableId].some((attached) => equalsArm(attached, id)),
  )
  const named = [natGateways[key], routeTables[key]].flatMap((resource) => resource?.subnetIds ?? [])
  return [...attached.map((subnet) => subnet.id), ...named.filter((subnetId) => !own.has(idKey(subnetId)))]
}

/** The users of an address or a prefix: gateways, load balancers, network interfaces, firewalls, and addresses of a prefix. */
function holdersOf(
  id: string,
  { publicIps, publicIpPrefixes, natGateways, loadBalancers }: Snapshot,
): string[] {
  const key = idKey(id)
  const [ip, prefix] = [publicIps[key], publicIpPrefixes[key]]
  const gateways = Object.values(natGateways).filter((gateway) =>
    [...gateway.publicIpIds, ...gateway.publicIpPrefixIds].some((held) => idKey(held) === key),
  )
  const frontends = Object.values(loadBalancers)
    .flatMap((balancer) => balancer.frontends)
    .filter((item) => [item.publicIpId, item.publicIpPrefixId].some((held) => idKey(held ?? '') === key))
  return [
    ...[ip?.attachedTo, ip?.natGatewayId, prefix?.natGatewayId, prefix?.loadBalancerFrontendId].flatMap(
      (item) => item ?? [],
    ),
    ...(prefix?.publicIpIds ?? []),
    ...[...gateways, ...frontends].map((holder) => holder.id),
  ]
}

/** AKS needs the resources in its profile and pools, even if they are currently not attached. */
function clusterWith(id: string, { cluster }: Snapshot): string[] {
  const prefixes = cluster.agentPools.flatMap((pool) => pool.nodePublicIpPrefixIds)
  return [...customerIpIdsOf(cluster), ...prefixes].some((used) => equalsArm(used, id)) ? [cluster.id] : []
}

/** A detachment, and whether packets have another path after it than before it. */
export interface MovingDetachment extends Detachment {
  movesTraffic: boolean
}

/** A cleanup for the current cluster: the parts of the request that still exist. */
export interface Cleanup {
  detachments: MovingDetachment[]
  /** Default routes that override the current outbound type and that no plan can remove. */
  retainedRoutes: RetainedRoute[]
  /** Default routes of the job that stay, with the reason. */
  retainedAttachments: RetainedAttachment[]
  narrow: string[]
  /** Authorized IP ranges that the cleanup would remove, and keeps because a route of the job stays. */
  retainedRanges: string[]
  /** Only resources that are unused by then, because ARM would reject the deletion of others. */
  delete: string[]
  inUse: InUseResource[]
}

/** For a cluster of another type than the cleanup's, only what the job created and nothing else uses. */
export function resolveCleanup(
  request: PlanningRequest,
  snapshot: Snapshot,
  present: TypeKey | null,
): Cleanup {
  const wanted = request.cleanUp
  if (wanted === undefined || present === null) return nothing()
  const { outboundType: type } = typeOfKey(present)
  const isOther = present !== request.target.outboundType
  const asked = isOther ? ofOtherType(wanted) : wanted
  const shadows = asked.detach ? detachmentsOf(snapshot, type) : []
  const owned = removableAttachments(asked.attachments ?? [], snapshot, type)
  const detachments = withMoves(distinctDetachments([...shadows, ...owned.detachments]), snapshot, type)
  const created = asked.delete.filter((id) => isThere(id, snapshot) && isUnchanged(id, wanted, snapshot))
  const { unused, inUse } = partitionInUse(created, snapshotAfterCleanup(snapshot, detachments))
  const gone = addressesOf(unused, snapshot)
  const kept = addressesOf(
    inUse.map(({ id }) => id),
    snapshot,
  )
  const removable = matchingEntries(snapshot.cluster.authorizedIPRanges, asked.narrow).filter((entry) =>
    isOther ? gone.includes(toEntry(entry)) : !kept.includes(toEntry(entry)),
  )
  // If a route stays, its traffic still uses the addresses that were allowed for it.
  const isRetained = owned.retained.length > 0
  return {
    detachments,
    retainedRoutes: asked.detach ? retainedRoutes(snapshot, type) : [],
    retainedAttachments: owned.retained,
    narrow: isRetained ? [] : removable,
    retainedRanges: isRetained ? removable : [],
    delete: unused,
    inUse,
  }
}

/**
 * The detachments with the traffic that each one moves: the paths before and after it decide. A detachment can move packets
 * to some destinations only, such as those with a route to the internet beside a default route.
 */
function withMoves(
  detachments: Detachment[],
  snapshot: Snapshot,
  declared: OutboundType,
): MovingDetachment[] {
  const sideAfter = (count: number): EgressSide => {
    const cleaned = snapshotAfterCleanup(snapshot, detachments.slice(0, count))
    return { snapshot: cleaned, declared, subnets: cleaned.subnets, profile: null }
  }
  return detachments.map((detachment, index) => {
    const { moved } = comparePaths(sideAfter(index), sideAfter(index + 1), detachment.subnets)
    return { ...detachment, movesTraffic: moved.length > 0 }
  })
}

function nothing(): Cleanup {
  return {
    detachments: [],
    retainedRoutes: [],
    retainedAttachments: [],
    narrow: [],
    retainedRanges: [],
    delete: [],
    inUse: [],
  }
}

/**
 * Resources that the expected outbound type does not use may be in use with another type. So each resource of the job
 * is checked separately.
 */
function ofOtherType({ jobResources }: CleanupRequest): CleanupRequest {
  const { ranges = [], attachments = [], delete: created = [] } = jobResources ?? {}
  return { detach: false, narrow: ranges, delete: created, attachments }
}

function isThere(id: string, { publicIps, publicIpPrefixes, natGateways, routeTables }: Snapshot): boolean {
  const key = idKey(id)
  return [publicIps, publicIpPrefixes, natGateways, routeTables].some(
    (resources) => resources[key] !== undefined,
  )
}

/** Names can be reused: after a deletion, a newer address of another owner may have the same name. */
function isUnchanged(id: string, { jobResources }: CleanupRequest, snapshot: Snapshot): boolean {
  const recorded = jobResources?.addresses.find(({ resourceId }) => idKey(resourceId) === idKey(id))
  if (recorded === undefined) return true
  const present = addressesOf([id], snapshot)
  return present.length === 0 || present.includes(toCidr(recorded.address))
}

function addressesOf(ids: string[], { publicIps, publicIpPrefixes }: Snapshot): string[] {
  return ids.flatMap((id) => {
    const address = publicIps[idKey(id)]?.address ?? publicIpPrefixes[idKey(id)]?.prefix ?? null
    return address === null ? [] : [toCidr(address)]
  })
}

/** Whether the plan removes what an earlier job left. */
export function isCleanup({ steps, findings }: Pick<Plan, 'steps' | 'findings'>): boolean {
  return (
    steps.some(({ key }) => key.startsWith('clean-up-')) ||
    findings.some(({ code }) => code.startsWith('CLEAN_UP_'))
  )
}
