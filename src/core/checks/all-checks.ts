import { addressChanges } from './address-changes.ts'
import { allowLists } from './allow-lists.ts'
import { askBeforehand } from './ask-beforehand.ts'
import { authorizedRanges } from './authorized-ranges.ts'
import type { Check } from './check.ts'
import { cleanUp } from './clean-up.ts'
import { clusterFeatures } from './cluster-features.ts'
import { clusterState } from './cluster-state.ts'
import { consequences } from './consequences.ts'
import { consumers } from './consumers.ts'
import { coverage } from './coverage.ts'
import { effectiveEgress } from './effective-egress.ts'
import { firewallPath } from './firewall-path.ts'
import { formerEgressAddresses } from './former-egress-addresses.ts'
import { idleTimeout } from './idle-timeout.ts'
import { imageUpgradeEgress } from './image-upgrade-egress.ts'
import { ingressAsymmetry } from './ingress-asymmetry.ts'
import { isolation } from './isolation.ts'
import { keptInCode } from './kept-in-code.ts'
import { keyVaultReach } from './key-vault-reach.ts'
import { kubenetRoutes } from './kubenet-routes.ts'
import { leftOver } from './left-over.ts'
import { loadBalancerAddresses } from './load-balancer-addresses.ts'
import { loadBalancerDrift } from './load-balancer-drift.ts'
import { loadBalancerPorts } from './load-balancer-ports.ts'
import { loadBalancerTarget } from './load-balancer-target.ts'
import { managedNatGateway } from './managed-nat-gateway.ts'
import { managedNetwork } from './managed-network.ts'
import { natGatewayAddresses } from './nat-gateway-addresses.ts'
import { natGatewayAttachment } from './nat-gateway-attachment.ts'
import { nodeEgress } from './node-egress.ts'
import { nodePools } from './node-pools.ts'
import { oncePrepared } from './once-prepared.ts'
import { ownAddressForm } from './own-address-form.ts'
import { preflight } from './preflight.ts'
import { preparation } from './preparation.ts'
import { preview } from './preview.ts'
import { profileAddresses } from './profile-addresses.ts'
import { rangeUsers } from './range-users.ts'
import { securityGroups } from './security-groups.ts'
import { serviceTagRoutes } from './service-tag-routes.ts'
import { sharedNetwork } from './shared-network.ts'
import { snatCapacity } from './snat-capacity.ts'
import { transition } from './transition.ts'
import { userAssignedNatGateway } from './user-assigned-nat-gateway.ts'
import { userDefinedRouting } from './user-defined-routing.ts'
import { wayBack } from './way-back.ts'
import { windowsPools } from './windows-pools.ts'

/** What is true of the cluster and the pair of types, whether or not the way is open. */
export const STATE_CHECKS: readonly Check[] = [
  transition,
  clusterState,
  nodePools,
  preparation,
  cleanUp,
  effectiveEgress,
  coverage,
]

/**
 * What the change itself would meet and bring, in the order in which a person wants to read the findings of
 * one severity. Asked only where the matrix opens the way: of a change that cannot be made there is nothing
 * more to say.
 */
export const CHANGE_CHECKS: readonly Check[] = [
  preview,
  preflight,
  loadBalancerDrift,
  profileAddresses,
  managedNetwork,
  loadBalancerTarget,
  oncePrepared(loadBalancerAddresses),
  formerEgressAddresses,
  oncePrepared(ownAddressForm),
  loadBalancerPorts,
  managedNatGateway,
  oncePrepared(userAssignedNatGateway),
  oncePrepared(natGatewayAttachment),
  oncePrepared(natGatewayAddresses),
  oncePrepared(userDefinedRouting),
  oncePrepared(kubenetRoutes),
  oncePrepared(firewallPath),
  imageUpgradeEgress,
  oncePrepared(serviceTagRoutes),
  securityGroups,
  isolation,
  authorizedRanges,
  rangeUsers,
  addressChanges,
  allowLists,
  consumers,
  ingressAsymmetry,
  wayBack,
  idleTimeout,
  snatCapacity,
  nodeEgress,
  windowsPools,
  clusterFeatures,
  sharedNetwork,
  keptInCode,
  consequences,
  keyVaultReach,
  leftOver,
  askBeforehand,
]
