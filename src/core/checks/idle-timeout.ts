import { disruptionOf } from '../disruption.ts'
import { finding } from '../findings/catalogue.ts'
import type { Check } from './check.ts'

/** A load balancer waits 30 minutes by default, a NAT gateway 4 (IDLE_TIMEOUT_SHRINKS; needs N17). */
export const idleTimeout: Check = (context) => {
  const { before, after } = disruptionOf(context).idleTimeoutInMinutes
  if (before === null || after === null || after >= before) return []
  const isOwnGateway = context.to === 'userAssignedNATGateway'
  return [finding('IDLE_TIMEOUT_SHRINKS', { before, after, isOwnGateway })]
}
