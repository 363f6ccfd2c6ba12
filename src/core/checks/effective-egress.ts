import { subnetsAfter } from '../after-egress.ts'
import { isOpen } from '../derive-context.ts'
import { declaredPathOf, effectivePathOf } from '../effective-egress.ts'
import { finding } from '../findings/catalogue.ts'
import type { EffectivePath } from '../plan-egress.ts'
import type { PlanningContext } from '../planning-context.ts'
import { nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

interface SubnetPath {
  subnet: string
  effective: EffectivePath
}

/** The cluster says one thing and its subnets do another (EFFECTIVE_DIFFERS_FROM_DECLARED; needs N18). */
export const effectiveEgress: Check = (context) => {
  const { snapshot, declared, effective } = context
  if (declared === null || snapshot.subnets.length === 0) return []
  const expected = declaredPathOf(declared)
  const paths = snapshot.subnets.map((subnet) => ({
    subnet: nameOf(subnet.id),
    effective: effectivePathOf(subnet, snapshot, declared),
  }))
  const differing = paths.filter((each) => each.effective !== 'unknown' && !expected.includes(each.effective))
  if (differing.length === 0) return []
  return [
    finding('EFFECTIVE_DIFFERS_FROM_DECLARED', {
      declared,
      effective: effective.before,
      subnets: differing,
      meaning: meaningOf(context, differing),
    }),
  ]
}

/** What the difference means for this very change (needs N18). */
function meaningOf(context: PlanningContext, differing: SubnetPath[]): string | null {
  if (context.isNoChange || !isOpen(context)) return null
  const { ledger, effective, to } = context
  const isKept = differing.every((each) => each.effective === pathAfter(each.subnet, context))
  const moved = ledger.filter((each) => each.change !== 'kept').length
  if (moved === 0)
    return `As the network is now, this change moves no address: packets go on leaving as they do, and only the declaration becomes ${to}.`
  if (isKept && (effective.before === 'mixed' || effective.after === 'mixed'))
    return 'This change leaves these packets on their path; what changes are addresses of others: read the ledger.'
  if (!isKept && effective.before === 'mixed')
    return 'This change ends the difference: which addresses go, of these packets and of others, stands in the ledger.'
  return isKept
    ? 'This change leaves the path as it is, and yet some addresses change: read the ledger.'
    : 'This change ends the difference: the addresses in the ledger, and not those of the declared type, are the ones that go.'
}

/** The path of the subnet of this name once the target is reached. */
function pathAfter(name: string, { prepared, target }: PlanningContext): EffectivePath | null {
  const subnet = subnetsAfter(prepared, target).find((each) => nameOf(each.id) === name)
  return subnet === undefined ? null : effectivePathOf(subnet, prepared, target.outboundType)
}
