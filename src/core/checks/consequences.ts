import { addressesChange } from '../address-change.ts'
import { awaitsAttachment } from '../awaited-attachment.ts'
import { finding } from '../findings/catalogue.ts'
import type { PlanningContext } from '../planning-context.ts'
import type { Check } from './check.ts'

/** What every change of the type brings with it (rulebook DOWNTIME, NODE_REIMAGE_REQUIRED). */
export const consequences: Check = (context) => {
  const { from, to, transition, request } = context
  if (from === to || transition === null || transition.support === 'unsupported') return []
  return [
    finding('DOWNTIME', { movesPackets: movesPackets(context) }),
    finding('NODE_IMAGE_UPGRADE_NEEDED', { isPlanned: request.upgradeNodeImages === true }),
  ]
}

/** A gateway or route that is still to come moves them too, though not in the plan as it is. */
function movesPackets(context: PlanningContext): boolean {
  const { effective, prepared, target, vnet } = context
  const awaits =
    vnet.kind === 'byo' && prepared.subnets.some((subnet) => awaitsAttachment(subnet, prepared, target))
  return awaits || effective.before !== effective.after || addressesChange(context)
}
