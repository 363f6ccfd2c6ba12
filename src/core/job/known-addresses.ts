import { asCidr } from '../cidr.ts'
import type { FieldChange } from '../cluster-write.ts'
import { idKey } from '../resource-id.ts'
import type { PreparedAddress } from './events.ts'
import type { JobState } from './job-state.ts'

/** Addresses that no plan could name and that the job itself has found out. */
export interface KnownAddresses {
  /** What the cluster leaves by after the switch. */
  discovered: string[]
  prepared: PreparedAddress[]
}

export function knownAddresses({ observed }: Pick<JobState, 'observed'>): KnownAddresses {
  return {
    discovered: (observed.egressIps ?? []).map((each) => each.address),
    prepared: observed.prepared ?? [],
  }
}

/** The addresses of these resources, as far as the job has made them. */
export function addressesOf(resourceIds: string[], prepared: PreparedAddress[]): string[] {
  const keys = new Set(resourceIds.map(idKey))
  return prepared.filter((each) => keys.has(idKey(each.resourceId))).map((each) => each.address)
}

/** Changes with real addresses in place of references to them; null when one is needed that is not known. */
export function resolvedChanges(changes: FieldChange[], known: KnownAddresses): FieldChange[] | null {
  const resolved: FieldChange[] = []
  for (const change of changes) {
    const one = resolvedChange(change, known)
    if (one === null) return null
    resolved.push(one)
  }
  return resolved
}

function resolvedChange(change: FieldChange, { discovered, prepared }: KnownAddresses): FieldChange | null {
  switch (change.op) {
    case 'unionDiscoveredEgress':
      return discovered.length === 0
        ? null
        : { op: 'unionCidrs', path: change.path, cidrs: discovered.map(asCidr) }
    case 'unionAddressesOf':
    case 'subtractAddressesOf': {
      const addresses = addressesOf(change.resourceIds, prepared)
      if (addresses.length < change.resourceIds.length) return null
      const op = change.op === 'unionAddressesOf' ? 'unionCidrs' : 'subtractCidrs'
      return { op, path: change.path, cidrs: addresses.map(asCidr) }
    }
    default:
      return change
  }
}
