import type { Snat } from '../../contract/egress.ts'
import type { Finding } from '../../contract/finding.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { counted, formatted } from '../lib/text.ts'
import { assessSnat } from '../plan/snat.ts'
import { documented } from '../references/references.ts'
import { type Check, rule } from './rule.ts'

/** Above this number of nodes, one address is not enough (best-practices-performance-scale-large). */
const LARGE_CLUSTER_NODES = 1000

/** Concurrent connections of one NAT gateway address to one destination (nat-gateway-resource, nat-sku). */
const PER_DESTINATION = 50_000

/** If a node has fewer source ports, connections may start to fail days later. */
export const checkSnatCapacity: Check = (context) => {
  if (context.isNoChange) return []
  const snat = assessSnat(context)
  return [
    ...drop(snat, { allocatedOutboundPorts: allocatedPorts(context), ...cleanupFact(context) }),
    ...tooFew(snat),
    ...hotspot(snat),
  ]
}

export const SNAT_DROPS = rule<
  {
    before: number
    after: number
    nodesAtPeak: number
  } & TargetSize
>('SNAT_DROPS', {
  severity: 'warning',
  message: (f) =>
    `With the maximum of ${counted(f.nodesAtPeak, 'node')}, the SNAT ports per node fall from ${formatted(f.before)} to ${formatted(f.after)}.`,
  remedy: (f) =>
    enlargeTarget(
      f,
      (change) => `${change} so that each node has at least ${formatted(f.before)} SNAT ports.`,
    ) ?? 'Check that the target has enough SNAT ports for all concurrent connections of the cluster.',
  source: documented(
    'configure-load-balancer-standard',
    'load-balancer-outbound-connections',
    'nat-gateway-resource',
    'integrate-with-nat-gateway',
  ),
})

function drop(
  { before, after, nodes, suggestedIpCount, suggestedPortsPerNode }: Snat,
  target: Pick<TargetSize, 'allocatedOutboundPorts' | 'isCleanup'>,
): Finding[] {
  if (before.portsPerNode === null || after.portsPerNode === null) return []
  // Without egress there are no ports to exhaust; ISO_WORKLOADS_LOSE_INTERNET reports it.
  return SNAT_DROPS.when(after.path !== 'none' && after.portsPerNode < before.portsPerNode, {
    before: before.portsPerNode,
    after: after.portsPerNode,
    nodesAtPeak: nodes.peak,
    suggestedIpCount,
    suggestedPortsPerNode: suggestedPortsPerNode ?? null,
    addressesAfter: after.addresses,
    ...target,
  })
}

export const SNAT_NAT_SIZING = rule<{ nodesAtPeak: number; addresses: number }>('SNAT_NAT_SIZING', {
  severity: 'warning',
  message: (f) =>
    `The NAT gateway has ${f.addresses === 1 ? 'one address' : 'no address'} for up to ${formatted(f.nodesAtPeak)} nodes, but a large cluster should have two or more addresses.`,
  remedy: (f) =>
    `Create ${f.addresses === 1 ? 'a second public IP address' : 'two or more public IP addresses'}, and add ${f.addresses === 1 ? 'it' : 'them'} to all allow lists. Then attach ${f.addresses === 1 ? 'it' : 'them'} to the NAT gateway, which uses every address immediately. Each address has 64,512 SNAT ports, and allows at most 50,000 concurrent connections to one destination.`,
  source: documented('best-practices-performance-scale-large', 'nat-gateway', 'nat-gateway-resource'),
})

export const SNAT_LB_LARGE = rule<{ nodesAtPeak: number; addresses: number }>('SNAT_LB_LARGE', {
  severity: 'warning',
  message: (f) =>
    `The load balancer has ${f.addresses === 1 ? 'one outbound address' : 'no outbound address'} for up to ${formatted(f.nodesAtPeak)} nodes, but a large cluster should have two or more addresses.`,
  remedy: (f) =>
    `Request ${f.addresses === 1 ? 'a second outbound address' : 'two or more outbound addresses'} with \`loadBalancer.managedOutboundIpCount\` or \`loadBalancer.outboundIpIds\`, or use a NAT gateway.`,
  source: documented('best-practices-performance-scale-large'),
})

function tooFew({ after, nodes }: Snat): Finding[] {
  if (nodes.peak <= LARGE_CLUSTER_NODES || after.addresses === null || after.addresses >= 2) return []
  const facts = { nodesAtPeak: nodes.peak, addresses: after.addresses }
  return [
    ...SNAT_NAT_SIZING.when(after.path === 'natGateway', facts),
    ...SNAT_LB_LARGE.when(after.path === 'loadBalancer', facts),
  ]
}

export const SNAT_DEST_HOTSPOT = rule<{ before: number; after: number }>('SNAT_DEST_HOTSPOT', {
  severity: 'info',
  message: (f) =>
    `The NAT gateway supports ${formatted(f.after)} concurrent connections from all nodes to one destination, but the load balancer supports ${formatted(f.before)}.`,
  remedy:
    'If many nodes connect to one destination, such as one database, give the NAT gateway more addresses, and add these addresses to all allow lists.',
  source: documented('nat-sku'),
})

/** A load balancer gives each node separate ports to every destination; a NAT gateway limits one destination for all nodes. */
function hotspot({ before, after, nodes }: Snat): Finding[] {
  if (before.path !== 'loadBalancer' || after.path !== 'natGateway') return []
  if (before.portsPerNode === null || after.addresses === null) return []
  const facts = { before: before.portsPerNode * nodes.peak, after: PER_DESTINATION * after.addresses }
  return SNAT_DEST_HOTSPOT.when(facts.after < facts.before, facts)
}

/** The size of a target, and the size that it needs. */
export type TargetSize = {
  suggestedIpCount: number | null
  suggestedPortsPerNode: number | null
  addressesAfter: number | null
  /** The ports per node that the load balancer is set to; 0 for automatic allocation, and for other targets. */
  allocatedOutboundPorts: number
  /** A cleanup takes no target. */
  isCleanup?: true
}

/** Whether the remedy must name another plan, because the plan has no target that the caller can change. */
export function cleanupFact({ request }: PlanningContext): Pick<TargetSize, 'isCleanup'> {
  return request.cleanUp === undefined ? {} : { isCleanup: true }
}

/** How a firewall gets more SNAT ports. */
export const ENLARGE_FIREWALL =
  'Add the addresses of new public IPs or of a NAT gateway to all allow lists. Then add the public IPs to the firewall, or attach the NAT gateway to the subnet of the firewall. Both actions immediately change the source addresses of all traffic through the firewall.'

/** Azure chooses the public IPs of a firewall in a virtual hub, and the hub has no subnet for a NAT gateway. */
export const ENLARGE_HUB_FIREWALL =
  'Increase the number of public IPs of the firewall in the virtual hub, and add the new addresses to all allow lists immediately: the firewall uses all its addresses.'

export const BEFORE_CLEANUP = 'Execute a plan for the current outbound type before the cleanup.'

/** The ports per node that a load balancer target is set to; 0 for automatic allocation, and for other targets. */
export function allocatedPorts({ target }: PlanningContext): number {
  return target.outboundType === 'loadBalancer' ? target.loadBalancer.allocatedOutboundPorts : 0
}

/** The change that gives a target the size that it needs; null if it has that size already, or none is enough. */
export function enlargeTarget(
  { suggestedIpCount, suggestedPortsPerNode, addressesAfter, allocatedOutboundPorts, isCleanup }: TargetSize,
  toRemedy: (change: string) => string,
): string | null {
  if (suggestedIpCount === null) return null
  const ports =
    suggestedPortsPerNode === null || suggestedPortsPerNode === allocatedOutboundPorts
      ? []
      : [`set \`loadBalancer.allocatedOutboundPorts\` to ${suggestedPortsPerNode}`]
  const addresses =
    addressesAfter !== null && suggestedIpCount <= addressesAfter
      ? []
      : [`give the target ${suggestedIpCount} public address${suggestedIpCount === 1 ? '' : 'es'} in total`]
  const change = [...ports, ...addresses].join(' and ')
  if (change === '') return null
  return toRemedy(
    isCleanup === true
      ? `${BEFORE_CLEANUP} In that plan, ${change}`
      : `${change[0]?.toUpperCase()}${change.slice(1)}`,
  )
}
