import { namesOf } from '../arm/resource-id.ts'
import type { PathPair } from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { gatewaysOn, isStandardV2 } from '../egress/outbound-resources.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'

/** Why IPv6 packets have no egress path: the resource that could carry IPv6 has no IPv6 address. */
type Ipv6Cause = 'loadBalancer' | 'natGateway'

/** The facts of IPV6_EGRESS_LOST. */
export type LostIpv6 = {
  subnets: string[]
  destinations: string[]
  /** Whether the subnets keep no path for IPv4 either. */
  losesBoth?: true
  /** Destinations whose separate routes keep a path although the internet path ends. */
  except?: string[]
  cause?: Ipv6Cause
}

/** Routes may leave the other destinations a path. */
export function lostIpv6(context: PlanningContext, lost: PathPair[], pairs: PathPair[]): LostIpv6 {
  const subnets = lost.map(({ subnet }) => subnet)
  const cause = ipv6Cause(context, subnets)
  const isPartial = lost.every(({ internet }) => internet !== null)
  const ids = new Set(subnets.map(({ id }) => id))
  const kept = pairs.filter(({ subnet, after }) => ids.has(subnet.id) && after.path !== 'none')
  const ofFamily = (family: string) => kept.filter(({ after }) => after.family === family)
  const except = [...new Set(ofFamily('IPv6').map(({ after }) => after.destination))]
  return {
    subnets: [...new Set(namesOf(subnets))],
    destinations: isPartial ? [...new Set(lost.map(({ before }) => before.destination))] : [],
    ...(ofFamily('IPv4').length > 0 ? {} : { losesBoth: true as const }),
    ...(isPartial || except.length === 0 ? {} : { except }),
    ...(cause === null ? {} : { cause }),
  }
}

/** The cause; null if no resource after the change can carry IPv6. */
function ipv6Cause({ to, prepared }: PlanningContext, subnets: SubnetFacts[]): Ipv6Cause | null {
  if (to === 'loadBalancer') return 'loadBalancer'
  if (to === 'managedNATGatewayV2') return 'natGateway'
  const ids = new Set(subnets.map(({ id }) => id))
  const later = prepared.subnets.filter(({ id }) => ids.has(id))
  const gateways = to === 'userAssignedNATGateway' ? gatewaysOn(later, prepared) : []
  return gateways.length > 0 && gateways.every(isStandardV2) ? 'natGateway' : null
}

/** The cause as the end of a sentence. */
export function ipv6Reason(cause: Ipv6Cause | undefined): string {
  switch (cause) {
    case 'loadBalancer':
      return 'because the load balancer then has no outbound IPv6 address'
    case 'natGateway':
      return 'because the NAT gateway then has no IPv6 address'
    case undefined:
      return 'because the remaining egress paths carry only IPv4'
  }
}

/** What gives the packets an egress path. */
export function ipv6Remedy(cause: Ipv6Cause | undefined): string {
  const check = 'Check whether a workload depends on IPv6 destinations. If so,'
  switch (cause) {
    case 'loadBalancer':
      return `${check} request at least one outbound IPv6 address for the load balancer (\`loadBalancer.managedOutboundIpv6Count\`).`
    case 'natGateway':
      return `${check} add an IPv6 address to the NAT gateway. For an AKS-managed NAT gateway, set \`natGateway.managedOutboundIpv6Count\`.`
    case undefined:
      return `${check} add a route for \`::/0\` to an appliance that supports IPv6, or use a StandardV2 NAT gateway with IPv6 addresses.`
  }
}
