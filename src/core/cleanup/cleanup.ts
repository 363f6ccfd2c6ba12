import type { TypeKey } from '../../contract/outbound-type.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import { matchingEntries, toCidr, toEntry } from '../lib/cidr.ts'
import type { CleanupRequest, PlanningRequest } from '../request/plan-request.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  type Detachment,
  detachmentsOf,
  type RetainedRoute,
  retainedRoutes,
  snapshotAfterCleanup,
} from './detachments.ts'
import type { RetainedAttachment } from './owned-attachments.ts'
import { removableAttachments } from './owned-attachments.ts'

/** A resource that was to be deleted, and what holds it. */
interface InUseResource {
  id: string
  by: string[]
}

/** Sorts what is to be deleted one after the other: a gateway that goes uses its addresses no more, one that stays does. */
function partitionInUse(ids: string[], cleaned: Snapshot): { unused: string[]; stillUsed: InUseResource[] } {
  const unused: string[] = []
  const stillUsed: InUseResource[] = []
  for (const id of ids) {
    const gone = new Set(unused.map(idKey))
    const by = usersOf(id, cleaned).filter((each) => !gone.has(idKey(each)))
    if (by.length === 0) unused.push(id)
    else stillUsed.push({ id, by })
  }
  return { unused, stillUsed }
}

function usersOf(id: string, snapshot: Snapshot): string[] {
  const found = [...subnetsWith(id, snapshot), ...holdersOf(id, snapshot), ...clusterWith(id, snapshot)]
  return [...new Map(found.map((each) => [idKey(each), each])).values()]
}

/** The cluster's own subnets as they will be, those of others as the resource names them. */
function subnetsWith(id: string, { subnets, natGateways, routeTables }: Snapshot): string[] {
  const key = idKey(id)
  const own = new Set(subnets.map((each) => idKey(each.id)))
  const attached = subnets.filter(({ natGatewayId, routeTableId }) =>
    [natGatewayId, routeTableId].some((each) => idKey(each ?? '') === key),
  )
  const named = [natGateways[key], routeTables[key]].flatMap((each) => each?.subnetIds ?? [])
  return [...attached.map((each) => each.id), ...named.filter((each) => !own.has(idKey(each)))]
}

/** Gateways, load balancers, network interfaces and firewalls that hold an address or a prefix, and addresses out of one. */
function holdersOf(
  id: string,
  { publicIps, publicIpPrefixes, natGateways, loadBalancers }: Snapshot,
): string[] {
  const key = idKey(id)
  const [ip, prefix] = [publicIps[key], publicIpPrefixes[key]]
  const gateways = Object.values(natGateways).filter((each) =>
    [...each.publicIpIds, ...each.publicIpPrefixIds].some((held) => idKey(held) === key),
  )
  const frontends = Object.values(loadBalancers)
    .flatMap((each) => each.frontends)
    .filter((each) => [each.publicIpId, each.publicIpPrefixId].some((held) => idKey(held ?? '') === key))
  return [
    ...[ip?.attachedTo, ip?.natGatewayId, prefix?.natGatewayId, prefix?.loadBalancerFrontendId].flatMap(
      (each) => each ?? [],
    ),
    ...(prefix?.publicIpIds ?? []),
    ...[...gateways, ...frontends].map((each) => each.id),
  ]
}

/** What its profile and pools name AKS would want again, whether or not it is attached at the moment. */
function clusterWith(id: string, { cluster }: Snapshot): string[] {
  const profiles = [cluster.loadBalancerProfile, cluster.natGatewayProfile].flatMap((profile) =>
    profile === null ? [] : [...profile.outboundIpIds, ...profile.outboundIpPrefixIds],
  )
  const prefixes = cluster.agentPools.flatMap((pool) => pool.nodePublicIpPrefixId ?? [])
  return [...profiles, ...prefixes].some((each) => idKey(each) === idKey(id)) ? [cluster.id] : []
}

/** A clean-up for a cluster as it is: what of the request is still there. */
export interface Cleanup {
  detachments: Detachment[]
  /** Default routes that shadow the present type and that no plan can take away. */
  keptRoutes: RetainedRoute[]
  /** Default routes of the job's own that stay, and why. */
  keptLeads: RetainedAttachment[]
  narrow: string[]
  /** Only what nothing uses by then: ARM would refuse the rest half way. */
  delete: string[]
  stillUsed: InUseResource[]
}

/** Where the cluster has another type than the one to clean up for, only what the job has left behind and nobody uses. */
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
  const leads = removableAttachments(asked.leads ?? [], snapshot, type)
  const detachments = distinctDetachments([...shadows, ...leads.detachments])
  const made = asked.delete.filter((id) => isThere(id, snapshot) && isUnchanged(id, wanted, snapshot))
  const { unused, stillUsed } = partitionInUse(made, snapshotAfterCleanup(snapshot, detachments))
  const gone = addressesOf(unused, snapshot)
  const kept = addressesOf(
    stillUsed.map(({ id }) => id),
    snapshot,
  )
  return {
    detachments,
    keptRoutes: asked.detach ? retainedRoutes(snapshot, type) : [],
    keptLeads: leads.kept,
    // Where a route stays its traffic comes on by the addresses that were let in for it.
    narrow:
      leads.kept.length > 0
        ? []
        : matchingEntries(snapshot.cluster.authorizedIPRanges, asked.narrow).filter((entry) =>
            isOther ? gone.includes(toEntry(entry)) : !kept.includes(toEntry(entry)),
          ),
    delete: unused,
    stillUsed,
  }
}

function nothing(): Cleanup {
  return { detachments: [], keptRoutes: [], keptLeads: [], narrow: [], delete: [], stillUsed: [] }
}

/** What is of no use with the type to clean up for may be in use with another; the job's own work is asked about piece by piece. */
function ofOtherType({ leftBehind }: CleanupRequest): CleanupRequest {
  const { ranges = [], leads = [], delete: made = [] } = leftBehind ?? {}
  return { detach: false, narrow: ranges, delete: made, leads }
}

function distinctDetachments(detachments: Detachment[]): Detachment[] {
  return [...new Map(detachments.map((each) => [`${idKey(each.id)} ${each.takes}`, each])).values()]
}

function isThere(id: string, { publicIps, publicIpPrefixes, natGateways, routeTables }: Snapshot): boolean {
  const key = idKey(id)
  return [publicIps, publicIpPrefixes, natGateways, routeTables].some((each) => each[key] !== undefined)
}

/** Names come back: under that of an address which was deleted may stand one that was made later, for others. */
function isUnchanged(id: string, { leftBehind }: CleanupRequest, snapshot: Snapshot): boolean {
  const recorded = leftBehind?.addresses.find(({ resourceId }) => idKey(resourceId) === idKey(id))
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
