import type { EffectivePath } from '../../contract/egress.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'

/** The paths that belong to each declared type. */
export function declaredPathOf(declared: OutboundType): EffectivePath[] {
  switch (declared) {
    case 'loadBalancer':
      return ['loadBalancer']
    case 'managedNATGateway':
    case 'userAssignedNATGateway':
      return ['natGateway']
    case 'userDefinedRouting':
      return ['virtualAppliance', 'virtualNetworkGateway']
    case 'none':
    case 'block':
      return ['none']
  }
}

/** A path in a sentence, after "leave through". */
const PATH_LABELS: Record<EffectivePath, string> = {
  virtualAppliance: 'a virtual appliance',
  virtualNetworkGateway: 'a virtual network gateway',
  natGateway: 'a NAT gateway',
  instancePublicIp: 'the public IPs of the nodes',
  loadBalancer: 'the load balancer',
  defaultOutbound: 'Azure default outbound access',
  none: 'no egress path',
  mixed: 'several paths',
  unknown: 'an unknown path',
}

export function pathLabel(path: EffectivePath): string {
  return PATH_LABELS[path]
}

/** `uses a NAT gateway`, `has no egress path`. */
export function usingLabel(path: EffectivePath): string {
  return path === 'none' ? 'has no egress path' : `uses ${PATH_LABELS[path]}`
}

/** `leave through a NAT gateway`, `have no egress path`. */
export function leavingLabel(path: EffectivePath): string {
  return path === 'none' ? 'have no egress path' : `leave through ${PATH_LABELS[path]}`
}
