import { asCidr, uncovered } from '../cidr.ts'
import type { Json, JsonObject } from '../json.ts'
import type { Expectation } from '../plan-steps.ts'

/**
 * What of a step's expectations the cluster's body does not show, in sentences; empty when all hold. Text
 * is compared without case, because ARM answers `Standard` and `standard` for the same thing (recordings).
 */
export function unmetExpectations(
  expectations: Expectation[],
  body: JsonObject,
  discoveredEgress: string[],
): string[] {
  return expectations.flatMap((expectation) => {
    const found = valueAtPointer(body, expectation.path)
    const unmet = unmetBy(expectation, found, discoveredEgress)
    return unmet === null ? [] : [`${expectation.path} ${unmet}`]
  })
}

function unmetBy(expectation: Expectation, found: Json, discoveredEgress: string[]): string | null {
  if ('equals' in expectation)
    return isSame(found, expectation.equals) ? null : `is ${shown(found)}, not ${shown(expectation.equals)}`
  if ('absent' in expectation) return found === null ? null : `is ${shown(found)}, not absent`
  const wanted = 'coversCidrs' in expectation ? expectation.coversCidrs : discoveredEgress.map(asCidr)
  const missing = uncovered(Array.isArray(found) ? found.map(String) : [], wanted)
  return missing.length === 0 ? null : `does not cover ${missing.join(', ')}`
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
