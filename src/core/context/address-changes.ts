import type { EffectivePath } from '../../contract/egress.ts'
import { addressesOfSubnet, instanceAddresses, isUnknown } from '../egress/addresses.ts'
import { effectivePathOf } from '../egress/paths.ts'
import { hasPendingAttachment, projectedSubnets } from '../egress/projected-egress.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import type { PlanningContext } from './planning-context.ts'

/**
 * Whether the cluster leaves by other addresses afterwards: one comes or goes, or it leaves another way and
 * nobody can say by which. The same way out is taken to have the same addresses, seen or not.
 */
export function doAddressesChange({ ledger, effective }: PlanningContext): boolean {
  return ledger.some(
    ({ change, address }) =>
      change === 'lost' ||
      change === 'added' ||
      (change === 'unknown' && (address !== null || effective.before !== effective.after)),
  )
}

/** Whether packets take another path or leave from other addresses afterwards, as far as that can be told. */
export function mayTrafficMove(context: PlanningContext): boolean {
  const { before, after } = context.effective
  return before !== after || before === 'unknown' || before === 'mixed' || doAddressesChange(context)
}

/** The known addresses that the cluster leaves by now and not afterwards. */
export function lostAddresses({ ledger }: PlanningContext): string[] {
  return ledger.flatMap((entry) => (entry.change === 'lost' && entry.address !== null ? [entry.address] : []))
}

/**
 * The paths after the change whose public addresses nobody can tell from ARM, each once. A subnet that
 * still lacks what the target needs is left out: it has a blocker of its own, and is not going to leave
 * as it would now.
 */
export function unresolvedPaths(context: PlanningContext): EffectivePath[] {
  const { prepared: snapshot, target, after } = context
  if (!after.unknowable) return []
  const seen = projectedSubnets(snapshot, target)
    .filter((subnet) => !hasPendingAttachment(subnet, snapshot, target))
    .flatMap((subnet) => unresolvedPathsOf(subnet, context))
  const isUnseen = unseenSubnetIds(snapshot.cluster, snapshot.subnets).length > 0
  return [...new Set<EffectivePath>([...seen, ...(isUnseen ? (['unknown'] as const) : [])])]
}

function unresolvedPathsOf(
  subnet: SubnetFacts,
  { prepared: snapshot, target }: PlanningContext,
): EffectivePath[] {
  const path = effectivePathOf(subnet, snapshot, target.outboundType)
  if (path === 'loadBalancer')
    return instanceAddresses(subnet, snapshot).some(isUnknown) ? ['instancePublicIp'] : []
  return addressesOfSubnet(subnet, snapshot, target.outboundType).some(isUnknown) ? [path] : []
}
