import { assessDisruption } from '../plan/disruption.ts'
import { AKS_SDK, documented } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

export const TCP_RESET_SEMANTICS = rule('TCP_RESET_SEMANTICS', {
  severity: 'info',
  message:
    'Unlike the load balancer of AKS, a NAT gateway resets a timed-out connection only when its next packet arrives; it carries no fragments, and ICMP only with `StandardV2`.',
  remedy: 'Use TCP keep-alives, and expect ping and fragmented UDP to fail.',
  source: documented('configure-load-balancer-standard', 'nat-gateway-resource', 'nat-sku'),
})

export const IDLE_TIMEOUT_SHRINKS = rule<{ before: number; after: number; isOwnGateway: boolean }>(
  'IDLE_TIMEOUT_SHRINKS',
  {
    severity: 'warning',
    message: (f) =>
      `TCP connections that are idle for longer than ${f.after} min are closed, because the idle timeout falls from ${f.before} min to ${f.after} min.`,
    remedy: (f) =>
      `Set ${f.isOwnGateway ? `the idle timeout of the customer-managed NAT gateway to ${f.before} min` : `\`idleTimeoutInMinutes\` to ${f.before} in the target`}, or use TCP keep-alives with an interval below ${f.after} min.`,
    source: documented(AKS_SDK, 'configure-load-balancer-standard', 'nat-gateway-resource'),
  },
)

/** The default idle timeout is 30 min on a load balancer and 4 min on a NAT gateway, which also resets differently. */
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
