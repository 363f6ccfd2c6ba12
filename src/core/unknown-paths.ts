import { subnetsAfter } from './after-egress.ts'
import { awaitsAttachment } from './awaited-attachment.ts'
import { effectivePathOf } from './effective-egress.ts'
import { addressesOfSubnet, instanceAddresses } from './egress-addresses.ts'
import type { SubnetFacts } from './network-facts.ts'
import type { EffectivePath } from './plan-egress.ts'
import type { PlanningContext } from './planning-context.ts'
import { unseenSubnetIds } from './vnet-kind.ts'

/**
 * The paths after the change whose public addresses nobody can tell from ARM, each once. A subnet that
 * still lacks what the target needs is left out: it has a blocker of its own, and is not going to leave
 * as it would now.
 */
export function unknownPathsAfter(context: PlanningContext): EffectivePath[] {
  const { prepared: snapshot, target, after } = context
  if (!after.unknowable) return []
  const seen = subnetsAfter(snapshot, target)
    .filter((subnet) => !awaitsAttachment(subnet, snapshot, target))
    .flatMap((subnet) => unknownPathsOf(subnet, context))
  const isUnseen = unseenSubnetIds(snapshot.cluster, snapshot.subnets).length > 0
  return [...new Set<EffectivePath>([...seen, ...(isUnseen ? (['unknown'] as const) : [])])]
}

function unknownPathsOf(
  subnet: SubnetFacts,
  { prepared: snapshot, target }: PlanningContext,
): EffectivePath[] {
  const path = effectivePathOf(subnet, snapshot, target.outboundType)
  const isHidden = (addresses: { address: string | null; planned?: number }[]) =>
    addresses.some((each) => each.address === null && each.planned === undefined)
  if (path === 'loadBalancer')
    return isHidden(instanceAddresses(subnet, snapshot)) ? ['instancePublicIp'] : []
  return isHidden(addressesOfSubnet(subnet, snapshot, target.outboundType)) ? [path] : []
}
