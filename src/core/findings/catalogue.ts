import type { Finding } from '../plan.ts'
import { ADDRESS_FINDINGS } from './address-findings.ts'
import { ALLOW_LIST_FINDINGS } from './allow-list-findings.ts'
import { CLUSTER_FINDINGS } from './cluster-findings.ts'
import type { CatalogueEntry, Facts } from './entry.ts'
import { ISOLATION_FINDINGS } from './isolation-findings.ts'
import { LOAD_BALANCER_FINDINGS } from './load-balancer-findings.ts'
import { NAT_GATEWAY_FINDINGS } from './nat-gateway-findings.ts'
import { RANGE_FINDINGS } from './range-findings.ts'
import { ROUTING_FINDINGS } from './routing-findings.ts'
import { TRANSITION_FINDINGS } from './transition-findings.ts'

/**
 * The closed catalogue of findings: what a plan can say is here and nowhere else. A check gives a code and
 * the facts of the case; severity, text, remedy, confidence and source come from the row.
 */
export const CATALOGUE = {
  ...TRANSITION_FINDINGS,
  ...CLUSTER_FINDINGS,
  ...LOAD_BALANCER_FINDINGS,
  ...NAT_GATEWAY_FINDINGS,
  ...ROUTING_FINDINGS,
  ...ISOLATION_FINDINGS,
  ...ADDRESS_FINDINGS,
  ...RANGE_FINDINGS,
  ...ALLOW_LIST_FINDINGS,
}

export type FindingCode = keyof typeof CATALOGUE
export const FINDING_CODES = Object.keys(CATALOGUE) as FindingCode[]

type FactsOf<C extends FindingCode> = (typeof CATALOGUE)[C] extends CatalogueEntry<infer F> ? F : never

/** Makes a finding of the facts of one case. */
export function finding<C extends FindingCode>(code: C, facts: FactsOf<C>): Finding {
  const row = CATALOGUE[code] as unknown as CatalogueEntry<Facts>
  return {
    code,
    severity: row.severity,
    message: row.message(facts),
    remedy: row.remedy(facts),
    facts,
    confidence: row.confidence,
    source: row.source,
  }
}
