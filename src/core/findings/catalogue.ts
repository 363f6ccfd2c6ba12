import type { Finding } from '../plan.ts'
import { spellSources } from '../sources/spell-sources.ts'
import { ADDRESS_FINDINGS } from './address-findings.ts'
import { AFTERMATH_FINDINGS } from './aftermath-findings.ts'
import { ALLOW_LIST_FINDINGS } from './allow-list-findings.ts'
import { CAPACITY_FINDINGS } from './capacity-findings.ts'
import { CLUSTER_FINDINGS } from './cluster-findings.ts'
import type { CatalogueEntry, Facts } from './entry.ts'
import { FEATURE_FINDINGS } from './feature-findings.ts'
import { FIREWALL_FINDINGS } from './firewall-findings.ts'
import { ISOLATION_FINDINGS } from './isolation-findings.ts'
import { KUBENET_FINDINGS } from './kubenet-findings.ts'
import { LOAD_BALANCER_FINDINGS } from './load-balancer-findings.ts'
import { NAT_GATEWAY_FINDINGS } from './nat-gateway-findings.ts'
import { NETWORK_STATE_FINDINGS } from './network-state-findings.ts'
import { OWN_ADDRESS_FINDINGS } from './own-address-findings.ts'
import { PREFLIGHT_FINDINGS } from './preflight-findings.ts'
import { PREPARATION_FINDINGS } from './preparation-findings.ts'
import { RANGE_FINDINGS } from './range-findings.ts'
import { ROUTING_FINDINGS } from './routing-findings.ts'
import { TRANSITION_FINDINGS } from './transition-findings.ts'
import { USER_GATEWAY_FINDINGS } from './user-gateway-findings.ts'

/**
 * The closed catalogue of findings: what a plan can say is here and nowhere else. A check gives a code and
 * the facts of the case; severity, text, remedy, confidence and source come from the row.
 */
export const CATALOGUE = {
  ...TRANSITION_FINDINGS,
  ...CLUSTER_FINDINGS,
  ...NETWORK_STATE_FINDINGS,
  ...LOAD_BALANCER_FINDINGS,
  ...OWN_ADDRESS_FINDINGS,
  ...NAT_GATEWAY_FINDINGS,
  ...USER_GATEWAY_FINDINGS,
  ...ROUTING_FINDINGS,
  ...KUBENET_FINDINGS,
  ...FIREWALL_FINDINGS,
  ...ISOLATION_FINDINGS,
  ...PREPARATION_FINDINGS,
  ...ADDRESS_FINDINGS,
  ...CAPACITY_FINDINGS,
  ...FEATURE_FINDINGS,
  ...RANGE_FINDINGS,
  ...PREFLIGHT_FINDINGS,
  ...AFTERMATH_FINDINGS,
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
    severity: row.milder?.(facts) ?? row.severity,
    message: row.message(facts),
    remedy: row.remedy(facts),
    facts,
    confidence: row.confidence,
    source: spellSources(row.source),
  }
}
