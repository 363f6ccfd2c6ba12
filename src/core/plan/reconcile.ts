import { idKey } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isCoveredByPlaceholder, rangesMode } from '../egress/authorized-ranges.ts'
import { customerIpIds, declaredEgress } from '../snapshot/network-profile.ts'
import type { LoadBalancerProfileFacts, NatGatewayProfileFacts, Snapshot } from '../snapshot/snapshot.ts'

/** What a failed change of the outbound type has left, which AKS completes when it reconciles the cluster. */
export interface InterruptedChange {
  /** Addresses of the former outbound type that AKS still shows, and then releases. */
  releases: string[]
  /** AKS does not show every address of the declared outbound type, and creates the others. */
  creates: boolean
}

/**
 * What the cluster shows of an interrupted change. AKS keeps the declared type as its goal, and shows the addresses that are
 * in effect (inferred from recorded changes). Null if nothing is visible. Something may be left all the same.
 */
export function interruptedChange(snapshot: Snapshot): InterruptedChange | null {
  const { cluster } = snapshot
  const { outboundType } = declaredEgress(cluster)
  const balancer = cluster.loadBalancerProfile
  const gateway = cluster.natGatewayProfile
  const former = [
    ...(outboundType === 'loadBalancer' ? [] : managedIds(balancer)),
    ...(outboundType === 'managedNATGateway' ? [] : managedIds(gateway)),
  ]
  const releases = former.map((id) => snapshot.publicIps[idKey(id)]?.address ?? id)
  const creates =
    (outboundType === 'loadBalancer' && lacksAddresses(balancer)) ||
    (outboundType === 'managedNATGateway' && lacksAddresses(gateway))
  return releases.length > 0 || creates ? { releases, creates } : null
}

type Profile = LoadBalancerProfileFacts | NatGatewayProfileFacts | null

function managedIds(profile: Profile): string[] {
  const own = new Set(customerIpIds(profile).map(idKey))
  return (profile?.effectiveOutboundIpIds ?? []).filter((id) => !own.has(idKey(id)))
}

function lacksAddresses(profile: Profile): boolean {
  if (profile === null) return true
  if (customerIpIds(profile).length > 0) return profile.effectiveOutboundIpIds.length === 0
  const wanted = (profile.managedOutboundIpCount ?? 1) + (profile.managedOutboundIpv6Count ?? 0)
  return profile.effectiveOutboundIpIds.length < wanted
}

/** Whether the job must find addresses that AKS creates during the reconcile, and add them to the ranges. */
export function needsReconciledRanges(context: PlanningContext): boolean {
  const { snapshot, request, to, apiServer } = context
  if (rangesMode(snapshot.cluster) !== 'enforced' || request.authorizedRanges !== 'widen') return false
  if (isCoveredByPlaceholder(snapshot.cluster, { to, apiServerPath: apiServer.after })) return false
  return interruptedChange(snapshot)?.creates === true
}

/** Whether the ranges cover the egress after the reconcile; null where access does not depend on them. */
export function rangesCoverReconciled(context: PlanningContext): boolean | null {
  if (context.ranges.mode !== 'enforced') return null
  return context.ranges.missing.length === 0 && interruptedChange(context.snapshot)?.creates !== true
}
