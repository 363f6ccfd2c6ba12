import type { EffectivePath } from './plan-egress.ts'

/** A path in a sentence, after "leave by". */
const SPOKEN: Record<EffectivePath, string> = {
  virtualAppliance: 'a virtual appliance',
  virtualNetworkGateway: 'a virtual network gateway',
  natGateway: 'a NAT gateway',
  instancePublicIp: 'public IPs of the nodes',
  loadBalancer: 'the load balancer',
  defaultOutbound: "Azure's default outbound access",
  none: 'no path',
  mixed: 'several paths',
  unknown: 'an unknown path',
}

export function spokenPath(path: EffectivePath): string {
  return SPOKEN[path]
}

/** `leave by a NAT gateway`, `have no way out`. */
export function spokenLeaving(path: EffectivePath): string {
  return path === 'none' ? 'have no way out' : `leave by ${SPOKEN[path]}`
}
