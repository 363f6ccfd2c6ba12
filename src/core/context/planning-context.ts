import type { AllowListsPlan } from '../../contract/allow-lists.ts'
import type { AuthorizedRangesPlan, EffectivePath, EgressIpChange } from '../../contract/egress.ts'
import type { OutboundType, Transition, TypeKey } from '../../contract/outbound-type.ts'
import type { RequiredEndpoints, SubnetRouting } from '../../contract/routing.ts'
import type { Target } from '../../contract/target.ts'
import type { Cleanup } from '../cleanup/cleanup.ts'
import type { EgressAddress } from '../egress/addresses.ts'
import type { ProjectedEgress } from '../egress/projected-egress.ts'
import type { Preparation } from '../preparation/preparation.ts'
import type { PlanningRequest } from '../request/plan-request.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { VnetReading } from '../snapshot/vnet-kind.ts'

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
  request: PlanningRequest
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
  cleanUp: Cleanup
  /** The snapshot as it will be when all that is done: what the target's own rules are asked about. */
  prepared: Snapshot
  transition: Transition | null
  /** Same type, and every parameter is as wanted already. */
  isNoChange: boolean
  effective: { before: EffectivePath; after: EffectivePath }
  before: EgressAddress[]
  after: ProjectedEgress
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
