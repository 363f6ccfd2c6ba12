import { type TypeKey, typeOfKey } from '../outbound-type.ts'
import { idKey } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { PlanRequest } from '../target.ts'
import { cleanedSnapshot } from './cleaned-snapshot.ts'
import type { Detachment } from './detachment.ts'
import { detachmentsOf, type KeptRoute, keptRoutes } from './detachments.ts'
import { type StillUsed, withoutUsed } from './still-used.ts'

/** What is to go once a change has proven itself, or was taken back; nothing of it is part of a change. */
export interface CleanUpRequest {
  /** Entries of the authorized ranges that only the former egress needed. */
  narrow: string[]
  /** Whether gateways and routes that shadow the present outbound type are taken off the subnets. */
  detach: boolean
  /** Resources that a job of this service has made, in the order in which they can go. */
  delete: string[]
}

/** A clean-up for a cluster as it is: what of the request is still there. */
export interface CleanUp {
  detachments: Detachment[]
  /** Default routes that shadow the present type and that no plan can take away. */
  keptRoutes: KeptRoute[]
  narrow: string[]
  /** Only what nothing uses by then: ARM would refuse the rest half way. */
  delete: string[]
  stillUsed: StillUsed[]
}

/** Empty where the cluster has another type than the one to clean up for: what is of no use then may be in use now. */
export function cleanUpOf(request: PlanRequest, snapshot: Snapshot, present: TypeKey | null): CleanUp {
  const wanted = request.cleanUp
  if (wanted === undefined || present !== request.target.outboundType)
    return { detachments: [], keptRoutes: [], narrow: [], delete: [], stillUsed: [] }
  const { authorizedIPRanges } = snapshot.cluster
  const { outboundType: type } = typeOfKey(present)
  const detachments = wanted.detach ? detachmentsOf(snapshot, type) : []
  const made = wanted.delete.filter((id) => isThere(id, snapshot))
  const { unused, stillUsed } = withoutUsed(made, cleanedSnapshot(snapshot, detachments))
  return {
    detachments,
    keptRoutes: wanted.detach ? keptRoutes(snapshot, type) : [],
    narrow: wanted.narrow.filter((entry) => authorizedIPRanges.includes(entry)),
    delete: unused,
    stillUsed,
  }
}

function isThere(id: string, { publicIps, publicIpPrefixes, natGateways, routeTables }: Snapshot): boolean {
  const key = idKey(id)
  return [publicIps, publicIpPrefixes, natGateways, routeTables].some((each) => each[key] !== undefined)
}
