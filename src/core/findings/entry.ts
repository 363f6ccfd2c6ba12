import type { Json } from '../json.ts'
import type { Confidence, Severity } from '../plan.ts'

/**
 * One row of the catalogue: everything about a finding but the facts of the case. The severity is what
 * the reader has to do: `blocker` mend it first, `acknowledge` name it to go on, `warning` and `info` know it.
 */
export interface CatalogueEntry<F extends Facts> {
  severity: Severity
  /** A lesser severity for the facts of a case; null leaves it as it is. */
  milder?: (facts: F) => Severity | null
  message: (facts: F) => string
  remedy: (facts: F) => string
  confidence: Confidence
  /** The page, release note or issue that the rule is taken from; keys as in `sources/pages.ts`. */
  source: string
}

export type Facts = Record<string, Json>

/** Ties the type of a row's facts to its sentences, so that code, facts and text are written once. */
export function entry<F extends Facts = Record<string, never>>(row: CatalogueEntry<F>): CatalogueEntry<F> {
  return row
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: string[]): string {
  if (items.length <= 1) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** `subnet nodes (pool system)`; the system nodes of AKS Automatic belong to no pool of the user's. */
export function subnetWithPools({ id, pools }: { id: string; pools: string[] }): string {
  const name = `subnet ${id.split('/').at(-1)}`
  return pools.length === 0 ? name : `${name} (pool${pools.length === 1 ? '' : 's'} ${listed(pools)})`
}
