import { entry, listed } from './entry.ts'

/** By precedence: what a route leads away does not leave by the gateway. */
function staleGateway(subnets: string[], routed: string[]): string {
  const first = subnets.filter((each) => !routed.includes(each))
  const keeps =
    first.length === 0
      ? ''
      : `A NAT gateway stays attached to ${listed(first)} and outranks the load balancer: egress keeps the gateway's addresses.`
  const waits =
    routed.length === 0
      ? ''
      : `A NAT gateway stays attached to ${listed(routed)}, where a route outranks it for now: it would take over from the load balancer as soon as the route is gone.`
  return [keeps, waits].filter((each) => each !== '').join(' ')
}

/** The target loadBalancer. Source: rulebook 3.1 and 9. */
export const LOAD_BALANCER_FINDINGS = {
  LB_IP_UNREADABLE: entry<{ resources: string[] }>({
    severity: 'blocker',
    message: (f) => `These addresses do not exist or may not be read: ${listed(f.resources)}.`,
    remedy: () => 'Name existing public IPs or prefixes that the planning identity may read.',
    confidence: 'documented',
    source: 'LoadBalancerProfileOutboundIPNotExist (RPERR)',
  }),
  LB_IP_NOT_STANDARD: entry<{ resources: string[] }>({
    severity: 'blocker',
    message: (f) => `These addresses are not of SKU Standard: ${listed(f.resources)}.`,
    remedy: () =>
      'The load balancer takes Standard addresses only; StandardV2 addresses fit NAT gateways alone.',
    confidence: 'documented',
    source: 'load-balancer-standard (LB1); BLOG',
  }),
  LB_IP_WRONG_REGION: entry<{ resources: string[]; location: string }>({
    severity: 'blocker',
    message: (f) => `These addresses are not in ${f.location}: ${listed(f.resources)}.`,
    remedy: (f) => `Name addresses in ${f.location}.`,
    confidence: 'observed',
    source: 'LoadBalancerProfileOutboundIPNotInTheSameRegion (RPERR)',
  }),
  LB_IP_AKS_OWNED: entry<{ resources: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `AKS made these addresses itself, they cannot be used as own ones: ${listed(f.resources)}.`,
    remedy: () => 'Create addresses of your own outside the node resource group.',
    confidence: 'documented',
    source: 'LB1; LB2',
  }),
  IP_IN_USE: entry<{ resources: { id: string; by: string }[] }>({
    severity: 'blocker',
    message: (f) =>
      `Addresses are in use: ${listed(f.resources.map((each) => `${each.id.split('/').at(-1)} by ${each.by}`))}. An address of a former or other outbound configuration must not be used again while it is attached.`,
    remedy: () => 'Free the addresses in a step of its own, or name others.',
    confidence: 'documented',
    source: 'EO',
  }),
  LB_PORTS_INFEASIBLE: entry<{
    allocatedOutboundPorts: number
    nodesAtPeak: number
    addresses: number
    maxNodes: number
  }>({
    severity: 'blocker',
    message: (f) =>
      `${f.allocatedOutboundPorts} ports for each of ${f.nodesAtPeak} nodes at peak need more than the ${64000 * f.addresses} ports of ${f.addresses} address${f.addresses === 1 ? '' : 'es'}; that is enough for ${f.maxNodes} node${f.maxNodes === 1 ? '' : 's'}.`,
    remedy: () => 'Ask for more addresses or for fewer ports per node.',
    confidence: 'documented',
    source: 'configure-load-balancer-standard (LB2)',
  }),
  LB_AUTO_PORTS_SHRINK: entry<{ nodes: number; nodesAtPeak: number; portsNow: number; portsAtPeak: number }>({
    severity: 'warning',
    message: (f) =>
      `With automatic allocation each of ${f.nodes} nodes has ${f.portsNow} source ports, but only ${f.portsAtPeak} when there are ${f.nodesAtPeak} at peak; connections drop when the share falls.`,
    remedy: () => 'Ask for allocatedOutboundPorts that fit the peak, with enough addresses for them.',
    confidence: 'documented',
    source: 'LB2; load-balancer-outbound-connections (LBO)',
  }),
  LB_WINDOWS_OUTBOUNDNAT_DISABLED: entry<{ pools: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `Windows pools have OutboundNAT disabled, which loadBalancer does not allow: ${listed(f.pools)}.`,
    remedy: () => 'Replace these pools by ones with OutboundNAT enabled first.',
    confidence: 'documented',
    source: 'NG; AKS release notes 2023-09-03',
  }),
  LB_STALE_NATGW: entry<{ subnets: string[]; routed: string[] }>({
    severity: 'warning',
    message: (f) => staleGateway(f.subnets, f.routed),
    remedy: () => 'Detach the NAT gateway after the change if the load balancer is to carry the traffic.',
    confidence: 'inferred',
    source: 'NOV; AKS release notes 2022-05-01',
  }),
  LB_STALE_DEFAULT_ROUTE: entry<{ subnets: string[] }>({
    severity: 'warning',
    message: (f) =>
      `A default route on ${listed(f.subnets)} outranks the load balancer: egress stays on the appliance, and replies of public Services too.`,
    remedy: () => 'Remove the default route after the change if the load balancer is to carry the traffic.',
    confidence: 'inferred',
    source: 'NOV; limit-egress-traffic (FW)',
  }),
}
