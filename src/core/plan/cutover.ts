import type { EffectivePath, EgressIpChange } from '../../contract/egress.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import type { Cutover } from '../../contract/plan.ts'
import type { Step } from '../../contract/steps.ts'
import { lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { declaredPathOf } from '../egress/paths.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { listed } from '../lib/text.ts'

/**
 * The step at which packets take their new path. With a gateway or route of the user's that is its attachment
 * (UDR_CUTOVER_IS_ROUTE); otherwise the PUT of the cluster, unless the path
 * is the same before and after.
 */
export function resolveCutover(context: PlanningContext, steps: Step[]): Cutover {
  const { preparation, effective, ledger, target } = context
  const attach = preparation.writes.find((write) => write.movesTraffic && write.isOutranked !== true)
  if (attach !== undefined && steps.length > 0)
    return { step: `prepare-${attach.key}`, because: attach.because }
  const moving = context.cleanUp.detachments.findIndex((detachment) => detachment.movesTraffic)
  const detached = steps.find(({ key }) => moving >= 0 && key === `clean-up-detach-${moving + 1}`)
  if (detached !== undefined)
    return { step: detached.key, because: 'Packets leave by the present type as soon as nothing shadows it.' }
  const change = steps.find((step) => step.key === 'change-outbound-type')
  if (change === undefined) return { step: null, because: unmoved(steps) }
  const awaiting = awaitedOf(context)
  if (awaiting !== null) return { step: null, because: awaiting }
  // The addresses behind an appliance may be unknown; that packets still go to it is not.
  const isSame = ({ change: fate }: EgressIpChange) =>
    fate === 'kept' || (fate === 'unknown' && effective.after === 'virtualAppliance')
  const isSamePath = effective.before === effective.after && ledger.every(isSame)
  if (isSamePath && effective.before !== 'unknown' && effective.before !== 'mixed')
    return { step: null, because: samePath(effective.after, target.outboundType) }
  return { step: change.key, because: 'AKS moves the traffic when it carries out the change of the cluster.' }
}

/** A clean-up may well change something, though nothing that a packet passes. */
function unmoved(steps: Step[]): string {
  return steps.some(({ key }) => key.startsWith('clean-up-'))
    ? 'What is taken away carries nothing: no packet takes another way by it.'
    : 'Nothing is to be changed.'
}

/** Where the plan is blocked because a gateway or route is not there yet: whoever puts it there moves the traffic. */
function awaitedOf({ prepared, target, vnet, isNoChange }: PlanningContext): string | null {
  if (vnet.kind !== 'byo' || isNoChange) return null
  const awaiting = prepared.subnets.filter((subnet) => hasPendingAttachment(subnet, prepared, target))
  if (awaiting.length === 0) return null
  const missing =
    target.outboundType === 'userDefinedRouting'
      ? 'a default route to an appliance or gateway is put there'
      : 'a NAT gateway is attached there'
  const subnets = listed(awaiting.map((item) => lastSegment(item.id)))
  return `Packets of ${subnets} move when ${missing}, before anything is changed on the cluster. This plan does not do that; one with prepare can.`
}

function samePath(path: EffectivePath, outboundType: OutboundType): string {
  if (path === 'none') return 'No packet leaves for the internet, before the change or after it.'
  if (declaredPathOf(outboundType).includes(path))
    return `Packets leave by the path of ${outboundType} already; only the declaration changes.`
  return outboundType === 'none' || outboundType === 'block'
    ? `${outboundType} takes nothing off the subnets: packets go on leaving as they do.`
    : `What stands on the subnets outranks ${outboundType}: packets go on leaving as they do.`
}
