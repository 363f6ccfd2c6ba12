import type { EgressChange } from '../world/operation.ts'
import { isManagedNat } from './cluster-facts.ts'

/** Simulated seconds that operations take, as recorded (recordings README, "The long-running operation"). */
const OUTBOUND_TYPE_CHANGE = 172
const NAT_GATEWAY_CHANGE = 114
const LOAD_BALANCER_CHANGE = 104
const OTHER_UPDATE = 82
export const CREATE_SECONDS = 209
/** Not recorded to its end; inferred. */
export const DELETE_SECONDS = 180
export const ABORT_SECONDS = 10
/** Of a small pool; not recorded. */
export const NODE_IMAGE_SECONDS = 240

/** How long a cluster update takes, by what it changes. */
export function updateSeconds(change: EgressChange): number {
  if (change.from !== change.to) return OUTBOUND_TYPE_CHANGE
  const { before } = change
  if (change.to === 'loadBalancer' && differs(change.loadBalancerProfile, before.loadBalancerProfile))
    return LOAD_BALANCER_CHANGE
  if (isManagedNat(change.to) && differs(change.natGatewayProfile, before.natGatewayProfile))
    return NAT_GATEWAY_CHANGE
  return OTHER_UPDATE
}

function differs(wanted: unknown, before: unknown): boolean {
  return canonical(wanted) !== canonical(before)
}

function canonical(profile: unknown): string {
  const entries = Object.entries((profile ?? {}) as Record<string, unknown>)
  return JSON.stringify(
    entries.filter(([member]) => member !== 'effectiveOutboundIPs').sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
