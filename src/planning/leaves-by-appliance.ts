import type { Around } from './look-around.ts'

/** Whether a plan could come of it that sends nodes out by an appliance: only then is it asked what stands there. */
export function mayLeaveByAppliance({ request }: Around): boolean {
  if (request === null) return true
  return request.target.outboundType === 'userDefinedRouting' || request.upgradeNodeImages === true
}
