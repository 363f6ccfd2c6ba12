import type { PreparedAddress } from '../../contract/job.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import type { Expectation, FieldChange } from '../../contract/steps.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { matchingEntries, toCidr, uncovered } from '../lib/cidr.ts'
import { valueAtPointer } from '../lib/json.ts'

import type { JobState } from './job-state.ts'

/** Addresses that no plan could name and that the job itself has found out. */
interface KnownAddresses {
  /** What the cluster leaves by after the switch. */
  discovered: string[]
  prepared: PreparedAddress[]
}

export function knownAddresses({ observed }: Pick<JobState, 'observed'>): KnownAddresses {
  return {
    discovered: (observed.egressIps ?? []).map((ip) => ip.address),
    prepared: observed.prepared ?? [],
  }
}

/** The addresses of these resources, as far as the job has made them. */
export function addressesOf(resourceIds: string[], prepared: PreparedAddress[]): string[] {
  const keys = new Set(resourceIds.map(idKey))
  return prepared.filter((address) => keys.has(idKey(address.resourceId))).map((address) => address.address)
}

/** Changes with real addresses in place of references to them; null when one is needed that is not known. */
export function resolvedChanges(changes: FieldChange[], known: KnownAddresses): FieldChange[] | null {
  const resolved: FieldChange[] = []
  for (const change of changes) {
    const resolution = resolvedChange(change, known)
    if (resolution === null) return null
    resolved.push(resolution)
  }
  return resolved
}

function resolvedChange(change: FieldChange, { discovered, prepared }: KnownAddresses): FieldChange | null {
  switch (change.op) {
    case 'unionDiscoveredEgress':
      return discovered.length === 0
        ? null
        : { op: 'unionCidrs', path: change.path, cidrs: discovered.map(toCidr) }
    case 'unionAddressesOf':
    case 'subtractAddressesOf': {
      const addresses = addressesOf(change.resourceIds, prepared)
      if (addresses.length < change.resourceIds.length) return null
      const op = change.op === 'unionAddressesOf' ? 'unionCidrs' : 'subtractCidrs'
      return { op, path: change.path, cidrs: addresses.map(toCidr) }
    }
    default:
      return change
  }
}

/**
 * What of a step's expectations the body of what it wrote does not show, in sentences; empty when all hold. Text
 * is compared without case, because ARM answers `Standard` and `standard` for the same thing (recordings).
 */
export function unmetExpectations(
  expectations: Expectation[],
  body: JsonObject,
  found: KnownAddresses,
): string[] {
  return expectations.flatMap((expectation) => {
    const unmet = unmetBy(expectation, valueAtPointer(body, expectation.path), found)
    return unmet === null ? [] : [`${expectation.path} ${unmet}`]
  })
}

function unmetBy(expectation: Expectation, found: Json, known: KnownAddresses): string | null {
  if ('equals' in expectation)
    return isSame(found, expectation.equals) ? null : `is ${shown(found)}, not ${shown(expectation.equals)}`
  if ('absent' in expectation) return found === null ? null : `is ${shown(found)}, not absent`
  const list = Array.isArray(found) ? found.map(String) : []
  const missing = uncovered(list, wantedCidrs(expectation, known))
  const left = 'lacksCidrs' in expectation ? matchingEntries(list, expectation.lacksCidrs ?? []) : []
  const said = [
    ...(missing.length === 0 ? [] : [`does not cover ${missing.join(', ')}`]),
    ...(left.length === 0 ? [] : [`still holds ${left.join(', ')}`]),
  ]
  return said.length === 0 ? null : said.join(' and ')
}

function wantedCidrs(
  expectation: Exclude<Expectation, { equals: Json } | { absent: true }>,
  { discovered, prepared }: KnownAddresses,
): string[] {
  if ('coversCidrs' in expectation) return expectation.coversCidrs
  if ('coversDiscoveredEgress' in expectation) return discovered.map(toCidr)
  return addressesOf(expectation.coversAddressesOf, prepared).map(toCidr)
}

function isSame(found: Json, wanted: Json): boolean {
  if (typeof found === 'string' && typeof wanted === 'string') return equalsArm(found, wanted)
  return JSON.stringify(found) === JSON.stringify(wanted)
}

function shown(value: Json): string {
  return value === null ? 'absent' : JSON.stringify(value)
}
