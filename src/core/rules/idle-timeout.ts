import { namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { gatewaysOn } from '../egress/outbound-resources.ts'
import { capitalized, named } from '../lib/text.ts'
import { assessDisruption } from '../plan/disruption.ts'
import { AKS_SDK, documented } from '../references/references.ts'
import { type Check, rule } from './rule.ts'
import { BEFORE_CLEANUP, cleanupFact } from './snat-capacity.ts'

export const IDLE_TIMEOUT_SHRINKS = rule<{
  before: number
  after: number
  isOwnGateway: boolean
  /** Existing gateways with a shorter timeout than before. */
  gateways?: string[]
  /** Whether the job creates a gateway with a shorter timeout. */
  isCreated?: true
  isCleanup?: true
}>('IDLE_TIMEOUT_SHRINKS', {
  severity: 'warning',
  message: (f) =>
    `TCP connections that are idle for longer than ${f.after} min are closed, because the idle timeout falls from ${f.before} min to ${f.after} min.`,
  remedy: (f) =>
    `${f.isOwnGateway ? gatewayRemedy(f) : targetRemedy(f)}, or use TCP keep-alives with an interval below ${f.after} min.`,
  source: documented(AKS_SDK, 'configure-load-balancer-standard', 'nat-gateway-resource'),
})

function targetRemedy({ before, isCleanup }: { before: number; isCleanup?: true }): string {
  const lead = isCleanup === true ? `${BEFORE_CLEANUP} In that plan, set` : 'Set'
  return `${lead} \`idleTimeoutInMinutes\` to ${before} in the target`
}

function gatewayRemedy(f: { before: number; gateways?: string[]; isCreated?: true }): string {
  const { gateways = [] } = f
  const actions = [
    ...(f.isCreated === true ? [`set \`prepare.natGateway.idleTimeoutInMinutes\` to ${f.before}`] : []),
    ...(gateways.length === 0
      ? []
      : [
          `run \`az network nat gateway update --idle-timeout ${f.before}\` for ${named('NAT gateway', gateways)}`,
        ]),
  ]
  return capitalized(actions.join(' and '))
}

/** The default idle timeout is 30 min on a load balancer and 4 min on a NAT gateway. */
export const checkIdleTimeout: Check = (context) => {
  const { before, after } = assessDisruption(context).idleTimeoutInMinutes
  if (before === null || after === null || after >= before) return []
  return [
    IDLE_TIMEOUT_SHRINKS.finding({
      before,
      after,
      ...shorterGateways(context, before),
      ...cleanupFact(context),
    }),
  ]
}

/** The customer-managed gateways that shorten the timeout. They can also override another outbound type. */
function shorterGateways({ prepared, preparation, target, effective }: PlanningContext, before: number) {
  if (effective.after !== 'natGateway' || target.outboundType === 'managedNATGateway')
    return { isOwnGateway: false }
  const shorter = gatewaysOn(prepared.subnets, prepared).filter((item) => item.idleTimeoutInMinutes < before)
  const isNew = ({ id }: { id: string }) =>
    preparation.writes.some((write) => write.body !== null && equalsArm(write.id, id))
  const gateways = namesOf(shorter.filter((gateway) => !isNew(gateway)))
  return {
    isOwnGateway: true,
    ...(gateways.length === 0 ? {} : { gateways }),
    ...(shorter.some(isNew) ? { isCreated: true as const } : {}),
  }
}
