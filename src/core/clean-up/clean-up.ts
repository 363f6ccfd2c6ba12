import { asCidr, asEntry, entriesAmong } from '../cidr.ts'
import type { PreparedAddress } from '../job/events.ts'
import { type TypeKey, typeOfKey } from '../outbound-type.ts'
import { idKey } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { PlanRequest } from '../target.ts'
import { cleanedSnapshot } from './cleaned-snapshot.ts'
import type { Detachment } from './detachment.ts'
import { detachmentsOf, type KeptRoute, keptRoutes } from './detachments.ts'
import type { KeptLead, OwnLead } from './own-lead.ts'
import { takenLeads } from './own-leads.ts'
import { type StillUsed, withoutUsed } from './still-used.ts'

/** What is to go once a change has proven itself, or was taken back; nothing of it is part of a change. */
export interface CleanUpRequest {
  /** Entries of the authorized ranges that only the former egress needed. */
  narrow: string[]
  /** Whether gateways and routes that shadow the present outbound type are taken off the subnets. */
  detach: boolean
  /** Resources that a job of this service has made, in the order in which they can go. */
  delete: string[]
  /** What the job itself has put in the packets' way, and what is to go from there. */
  leads?: OwnLead[]
  /** What goes where the cluster has another type than the one to clean up for: the job's own work, if nobody uses it. */
  leftBehind?: OwnWork
}

/** What a job has done beside the cluster, whatever became of it since. */
export interface OwnWork {
  /** As `CleanUpRequest.delete`. */
  delete: string[]
  leads: OwnLead[]
  /** The addresses that it has made, as they were then: what has another one now is somebody else's. */
  addresses: PreparedAddress[]
  /** Entries that it has added to the ranges. */
  ranges: string[]
}

/** A clean-up for a cluster as it is: what of the request is still there. */
export interface CleanUp {
  detachments: Detachment[]
  /** Default routes that shadow the present type and that no plan can take away. */
  keptRoutes: KeptRoute[]
  /** Default routes of the job's own that stay, and why. */
  keptLeads: KeptLead[]
  narrow: string[]
  /** Only what nothing uses by then: ARM would refuse the rest half way. */
  delete: string[]
  stillUsed: StillUsed[]
}

/** Where the cluster has another type than the one to clean up for, only what the job has left behind and nobody uses. */
export function cleanUpOf(request: PlanRequest, snapshot: Snapshot, present: TypeKey | null): CleanUp {
  const wanted = request.cleanUp
  if (wanted === undefined || present === null) return nothing()
  const { outboundType: type } = typeOfKey(present)
  const isOther = present !== request.target.outboundType
  const asked = isOther ? ofOtherType(wanted) : wanted
  const shadows = asked.detach ? detachmentsOf(snapshot, type) : []
  const leads = takenLeads(asked.leads ?? [], snapshot, type)
  const detachments = distinct([...shadows, ...leads.detachments])
  const made = asked.delete.filter((id) => isThere(id, snapshot) && isUnchanged(id, wanted, snapshot))
  const { unused, stillUsed } = withoutUsed(made, cleanedSnapshot(snapshot, detachments))
  const gone = addressesOf(unused, snapshot)
  const kept = addressesOf(
    stillUsed.map(({ id }) => id),
    snapshot,
  )
  return {
    detachments,
    keptRoutes: asked.detach ? keptRoutes(snapshot, type) : [],
    keptLeads: leads.kept,
    // Where a route stays its traffic comes on by the addresses that were let in for it.
    narrow:
      leads.kept.length > 0
        ? []
        : entriesAmong(snapshot.cluster.authorizedIPRanges, asked.narrow).filter((entry) =>
            isOther ? gone.includes(asEntry(entry)) : !kept.includes(asEntry(entry)),
          ),
    delete: unused,
    stillUsed,
  }
}

function nothing(): CleanUp {
  return { detachments: [], keptRoutes: [], keptLeads: [], narrow: [], delete: [], stillUsed: [] }
}

/** What is of no use with the type to clean up for may be in use with another; the job's own work is asked about piece by piece. */
function ofOtherType({ leftBehind }: CleanUpRequest): CleanUpRequest {
  const { ranges = [], leads = [], delete: made = [] } = leftBehind ?? {}
  return { detach: false, narrow: ranges, delete: made, leads }
}

function distinct(detachments: Detachment[]): Detachment[] {
  return [...new Map(detachments.map((each) => [`${idKey(each.id)} ${each.takes}`, each])).values()]
}

function isThere(id: string, { publicIps, publicIpPrefixes, natGateways, routeTables }: Snapshot): boolean {
  const key = idKey(id)
  return [publicIps, publicIpPrefixes, natGateways, routeTables].some((each) => each[key] !== undefined)
}

/** Names come back: under that of an address which was deleted may stand one that was made later, for others. */
function isUnchanged(id: string, { leftBehind }: CleanUpRequest, snapshot: Snapshot): boolean {
  const recorded = leftBehind?.addresses.find(({ resourceId }) => idKey(resourceId) === idKey(id))
  if (recorded === undefined) return true
  const present = addressesOf([id], snapshot)
  return present.length === 0 || present.includes(asCidr(recorded.address))
}

function addressesOf(ids: string[], { publicIps, publicIpPrefixes }: Snapshot): string[] {
  return ids.flatMap((id) => {
    const address = publicIps[idKey(id)]?.address ?? publicIpPrefixes[idKey(id)]?.prefix ?? null
    return address === null ? [] : [asCidr(address)]
  })
}
