import { declaredPathOf } from './effective-egress.ts'
import type { CutOver } from './plan.ts'
import type { EgressIpChange } from './plan-egress.ts'
import type { Step } from './plan-steps.ts'
import type { PlanningContext } from './planning-context.ts'

/**
 * The step at which packets take their new path. With a gateway or route of the user's that is its attachment
 * (rulebook UANAT_ATTACH_IS_THE_CUTOVER, UDR_CUTOVER_IS_ROUTE); otherwise the PUT of the cluster, unless the path
 * is the same before and after.
 */
export function cutOverOf(context: PlanningContext, steps: Step[]): CutOver {
  const { preparation, effective, ledger, target } = context
  const attach = preparation.writes.find((each) => each.movesTraffic)
  if (attach !== undefined && steps.length > 0)
    return { step: `prepare-${attach.key}`, because: attach.because }
  const moving = context.cleanUp.detachments.findIndex((each) => each.movesTraffic)
  const detached = steps.find(({ key }) => moving >= 0 && key === `clean-up-detach-${moving + 1}`)
  if (detached !== undefined)
    return { step: detached.key, because: 'Packets leave by the present type as soon as nothing shadows it.' }
  const change = steps.find((step) => step.key === 'change-outbound-type')
  if (change === undefined) return { step: null, because: 'Nothing is to be changed.' }
  // The addresses behind an appliance may be unknown; that packets still go to it is not.
  const isSame = ({ change: fate }: EgressIpChange) =>
    fate === 'kept' || (fate === 'unknown' && effective.after === 'virtualAppliance')
  const isSamePath = effective.before === effective.after && ledger.every(isSame)
  if (isSamePath && effective.before !== 'unknown' && effective.before !== 'mixed')
    return {
      step: null,
      because: declaredPathOf(target.outboundType).includes(effective.after)
        ? `Packets leave by the path of ${target.outboundType} already; only the declaration changes.`
        : `What stands on the subnets outranks ${target.outboundType}: packets go on leaving as they do.`,
    }
  return { step: change.key, because: 'AKS moves the traffic when it carries out the change of the cluster.' }
}
