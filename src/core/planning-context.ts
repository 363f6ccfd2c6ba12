import type { AfterEgress } from './after-egress.ts'
import type { AllowListsPlan } from './allow-lists/plan-allow-lists.ts'
import type { CleanUp } from './clean-up/clean-up.ts'
import type { EgressAddress } from './egress-addresses.ts'
import type { RequiredEndpoints } from './endpoints/required-endpoint.ts'
import type { OutboundType, TypeKey } from './outbound-type.ts'
import type { AuthorizedRangesPlan, EffectivePath, EgressIpChange } from './plan-egress.ts'
import type { Preparation } from './preparation/preparation.ts'
import type { Snapshot } from './snapshot.ts'
import type { SubnetRouting } from './subnet-routing.ts'
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
  /** What the plan makes before the cut-over; empty where nothing was asked for. */
  preparation: Preparation
  /** What the plan takes away; empty in every plan that changes the egress. */
  cleanUp: CleanUp
  /** The snapshot as it will be when all that is done: what the target's own rules are asked about. */
  prepared: Snapshot
  transition: TransitionRow | null
  /** Same type, and every parameter is as wanted already. */
  isNoChange: boolean
  effective: { before: EffectivePath; after: EffectivePath }
  before: EgressAddress[]
  after: AfterEgress
  ledger: EgressIpChange[]
  /** What AKS releases with the type although no packet leaves by it; beside the ledger. */
  released: EgressAddress[]
  ranges: AuthorizedRangesPlan
  /** How every subnet is routed when the preparation is done. */
  routing: SubnetRouting[]
  /** What nodes must reach by an appliance; null where none stands in their way. */
  requiredEndpoints: RequiredEndpoints | null
  allowLists: AllowListsPlan
}
