import type { AfterEgress } from './after-egress.ts'
import type { AllowListsPlan } from './allow-lists/plan-allow-lists.ts'
import type { EgressAddress } from './egress-addresses.ts'
import type { OutboundType, TypeKey } from './outbound-type.ts'
import type { AuthorizedRangesPlan, EffectivePath, EgressIpChange } from './plan-egress.ts'
import type { Snapshot } from './snapshot.ts'
import type { PlanRequest, Target } from './target.ts'
import type { TransitionRow } from './transitions.ts'
import type { VnetReading } from './vnet-kind.ts'

/** Choices of the operator that plans obey; from the configuration. */
export interface PlanningPolicy {
  /** One edition of the matrix that alone decides; null consults all. */
  pinnedEdition: string | null
  /** A preview API version that knows `block`; null when none is configured. */
  previewApiVersion: string | null
}

/** Everything that is derived once from snapshot and request, and that checks and builders share. */
export interface PlanningContext {
  snapshot: Snapshot
  request: PlanRequest
  policy: PlanningPolicy
  vnet: VnetReading
  /** null when ARM shows an outbound type that no edition knows. */
  declared: OutboundType | null
  from: TypeKey | null
  to: TypeKey
  target: Target
  transition: TransitionRow | null
  /** Same type, and every parameter is as wanted already. */
  isNoChange: boolean
  effective: { before: EffectivePath; after: EffectivePath }
  before: EgressAddress[]
  after: AfterEgress
  ledger: EgressIpChange[]
  ranges: AuthorizedRangesPlan
  allowLists: AllowListsPlan
}
