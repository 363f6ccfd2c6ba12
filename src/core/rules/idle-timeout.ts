import { assessDisruption } from '../plan/disruption.ts'
import { AKS_SDK, documented } from '../references/references.ts'
import { type Check, rule } from './rule.ts'
import { BEFORE_CLEANUP, cleanupFact } from './snat-capacity.ts'

export const IDLE_TIMEOUT_SHRINKS = rule<{
  before: number
  after: number
  isOwnGateway: boolean
  isCleanup?: true
}>('IDLE_TIMEOUT_SHRINKS', {
  severity: 'warning',
  message: (f) =>
    `TCP connections that are idle for longer than ${f.after} min are closed, because the idle timeout falls from ${f.before} min to ${f.after} min.`,
  remedy: (f) =>
    `${f.isCleanup === true ? `${BEFORE_CLEANUP} In that plan, set` : 'Set'} ${f.isOwnGateway ? `the idle timeout of the customer-managed NAT gateway to ${f.before} min (\`az network nat gateway update --idle-timeout\`, or \`prepare.natGateway.idleTimeoutInMinutes\` if the job creates the gateway)` : `\`idleTimeoutInMinutes\` to ${f.before} in the target`}, or use TCP keep-alives with an interval below ${f.after} min.`,
  source: documented(AKS_SDK, 'configure-load-balancer-standard', 'nat-gateway-resource'),
})

/** The default idle timeout is 30 min on a load balancer and 4 min on a NAT gateway. */
export const checkIdleTimeout: Check = (context) => {
  const { before, after } = assessDisruption(context).idleTimeoutInMinutes
  if (before === null || after === null || after >= before) return []
  return [
    IDLE_TIMEOUT_SHRINKS.finding({
      before,
      after,
      isOwnGateway: context.to === 'userAssignedNATGateway',
      ...cleanupFact(context),
    }),
  ]
}
