import { disruptionOf } from '../disruption.ts'
import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/** A load balancer waits 30 minutes by default, a NAT gateway 4, and ends in another way (IDLE_TIMEOUT_SHRINKS, TCP_RESET_SEMANTICS; needs N17). */
export const idleTimeout: Check = (context) => {
  const { effective, to } = context
  const isNewToNat = effective.before === 'loadBalancer' && effective.after === 'natGateway'
  const semantics = isNewToNat ? [finding('TCP_RESET_SEMANTICS', {})] : []
  const { before, after } = disruptionOf(context).idleTimeoutInMinutes
  if (before === null || after === null || after >= before) return semantics
  const isOwnGateway = to === 'userAssignedNATGateway'
  return [finding('IDLE_TIMEOUT_SHRINKS', { before, after, isOwnGateway }), ...semantics]
}
