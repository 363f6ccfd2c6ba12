import { ADDRESS_CASES } from './address-cases.ts'
import { ALLOW_LIST_CASES } from './allow-list-cases.ts'
import type { FindingCase, FindingCases } from './case.ts'
import { CLUSTER_CASES } from './cluster-cases.ts'
import { FEATURE_CASES } from './feature-cases.ts'
import { GATEWAY_CASES } from './gateway-cases.ts'
import { NETWORK_CASES } from './network-cases.ts'
import { PREFLIGHT_CASES } from './preflight-cases.ts'
import { PREPARATION_CASES } from './preparation-cases.ts'
import { ROUTING_CASES } from './routing-cases.ts'
import { STATE_CASES } from './state-cases.ts'

/** For each code of the catalogue a snapshot and a request that yield it. */
const ALL: FindingCases = {
  ...CLUSTER_CASES,
  ...ALLOW_LIST_CASES,
  ...NETWORK_CASES,
  ...ROUTING_CASES,
  ...PREPARATION_CASES,
  ...PREFLIGHT_CASES,
  ...STATE_CASES,
  ...ADDRESS_CASES,
  ...GATEWAY_CASES,
  ...FEATURE_CASES,
}

export const FINDING_CASES = Object.entries(ALL) as [keyof typeof ALL, FindingCase][]
