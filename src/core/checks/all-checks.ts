import { addressChanges } from './address-changes.ts'
import { allowLists } from './allow-lists.ts'
import { authorizedRanges } from './authorized-ranges.ts'
import type { Check } from './check.ts'
import { clusterState } from './cluster-state.ts'
import { consequences } from './consequences.ts'
import { consumers } from './consumers.ts'
import { coverage } from './coverage.ts'
import { effectiveEgress } from './effective-egress.ts'
import { idleTimeout } from './idle-timeout.ts'
import { ingressAsymmetry } from './ingress-asymmetry.ts'
import { isolation } from './isolation.ts'
import { loadBalancerAddresses } from './load-balancer-addresses.ts'
import { loadBalancerDrift } from './load-balancer-drift.ts'
import { loadBalancerPorts } from './load-balancer-ports.ts'
import { loadBalancerTarget } from './load-balancer-target.ts'
import { managedNatGateway } from './managed-nat-gateway.ts'
import { nodePools } from './node-pools.ts'
import { preview } from './preview.ts'
import { snatCapacity } from './snat-capacity.ts'
import { transition } from './transition.ts'
import { userAssignedNatGateway } from './user-assigned-nat-gateway.ts'
import { userDefinedRouting } from './user-defined-routing.ts'
import { wayBack } from './way-back.ts'

/** What is true of the cluster and the pair of types, whether or not the way is open. */
export const STATE_CHECKS: readonly Check[] = [transition, clusterState, nodePools, effectiveEgress, coverage]

/**
 * What the change itself would meet and bring, in the order in which a person wants to read the findings of
 * one severity. Asked only where the matrix opens the way: of a change that cannot be made there is nothing
 * more to say.
 */
export const CHANGE_CHECKS: readonly Check[] = [
  preview,
  loadBalancerDrift,
  loadBalancerTarget,
  loadBalancerAddresses,
  loadBalancerPorts,
  managedNatGateway,
  userAssignedNatGateway,
  userDefinedRouting,
  isolation,
  authorizedRanges,
  addressChanges,
  allowLists,
  consumers,
  ingressAsymmetry,
  wayBack,
  idleTimeout,
  snatCapacity,
  consequences,
]
