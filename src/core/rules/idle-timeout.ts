import { assessDisruption } from '../plan/disruption.ts'
import { AKS_SDK, documented } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

export const TCP_RESET_SEMANTICS = rule('TCP_RESET_SEMANTICS', {
  severity: 'info',
  message:
    'A NAT gateway tells of an idle connection only when its next packet comes, where the load balancer of AKS resets it at the time-out; it carries no fragments, and ICMP only on StandardV2.',
  remedy: 'Use TCP keep-alives, and expect ping and fragmented UDP not to work.',
  source: documented('configure-load-balancer-standard', 'nat-gateway-resource', 'nat-sku'),
})

export const IDLE_TIMEOUT_SHRINKS = rule<{ before: number; after: number; isOwnGateway: boolean }>(
  'IDLE_TIMEOUT_SHRINKS',
  {
    severity: 'warning',
    message: (f) =>
      `The idle time-out falls from ${f.before} to ${f.after} minutes: long idle TCP connections start to die.`,
    remedy: (f) =>
      `${f.isOwnGateway ? `Set the idle time-out of your NAT gateway to ${f.before} minutes` : `Ask for idleTimeoutInMinutes ${f.before}`}, or use TCP keep-alives shorter than ${f.after} minutes.`,
    source: documented(AKS_SDK, 'configure-load-balancer-standard', 'nat-gateway-resource'),
  },
)

/** The default idle timeout is 30 minutes on a load balancer and 4 minutes on a NAT gateway, which also resets differently. */
export const checkIdleTimeout: Check = (context) => {
  const { effective, to } = context
  const isNewToNat = effective.before === 'loadBalancer' && effective.after === 'natGateway'
  const { before, after } = assessDisruption(context).idleTimeoutInMinutes
  const isShorter = before !== null && after !== null && after < before
  const isOwnGateway = to === 'userAssignedNATGateway'
  return [
    ...(isShorter ? [IDLE_TIMEOUT_SHRINKS.finding({ before, after, isOwnGateway })] : []),
    ...TCP_RESET_SEMANTICS.when(isNewToNat, {}),
  ]
}
