import { asCidr, entriesAmong, uncovered } from '../cidr.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Expectation } from '../plan-steps.ts'
import { addressesOf, type KnownAddresses } from './known-addresses.ts'

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
  const left = 'lacksCidrs' in expectation ? entriesAmong(list, expectation.lacksCidrs ?? []) : []
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
  if ('coversDiscoveredEgress' in expectation) return discovered.map(asCidr)
  return addressesOf(expectation.coversAddressesOf, prepared).map(asCidr)
}

/** The value under a JSON pointer without escapes; null when there is none. */
export function valueAtPointer(body: JsonObject, pointer: string): Json {
  let at: Json | undefined = body
  for (const segment of pointer.split('/').slice(1)) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return null
    at = at[segment]
  }
  return at ?? null
}

function isSame(found: Json, wanted: Json): boolean {
  if (typeof found === 'string' && typeof wanted === 'string')
    return found.toLowerCase() === wanted.toLowerCase()
  return JSON.stringify(found) === JSON.stringify(wanted)
}

function shown(value: Json): string {
  return value === null ? 'absent' : JSON.stringify(value)
}
