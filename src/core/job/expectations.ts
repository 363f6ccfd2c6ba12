import type { PreparedAddress } from '../../contract/job.ts'
import { type Json, type JsonObject, valueAtPointer } from '../../contract/json.ts'
import type { Expectation, FieldChange } from '../../contract/steps.ts'
import { idKey } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { matchingEntries, toCidr, uncovered } from '../lib/cidr.ts'
import type { JobState } from './job-state.ts'

/** Addresses that are unknown at plan time and that the job has read. */
interface KnownAddresses {
  /** The egress IPs of the cluster after the change of the outbound type. */
  discovered: string[]
  prepared: PreparedAddress[]
}

export function knownAddresses({ observed }: Pick<JobState, 'observed'>): KnownAddresses {
  return {
    discovered: (observed.egressIps ?? []).map((ip) => ip.address),
    prepared: observed.prepared ?? [],
  }
}

/** The addresses of these resources, as far as the job has created them. */
export function addressesOf(resourceIds: string[], prepared: PreparedAddress[]): string[] {
  const keys = new Set(resourceIds.map(idKey))
  return prepared.filter((address) => keys.has(idKey(address.resourceId))).map((address) => address.address)
}

/** Changes with real addresses in place of references to them; null when a required address is unknown. */
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
 * The expectations of a step that the body of the written resource does not meet, as sentences; empty when all are met.
 * Text is compared without case, because ARM returns both `Standard` and `standard` (recordings).
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
  const differences = [
    ...(missing.length === 0 ? [] : [`does not cover ${missing.join(', ')}`]),
    ...(left.length === 0 ? [] : [`still contains ${left.join(', ')}`]),
  ]
  return differences.length === 0 ? null : differences.join(' and ')
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
