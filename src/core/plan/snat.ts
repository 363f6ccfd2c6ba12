import type { MeasuredResource, MeasuredSnat } from '../../contract/demand.ts'
import type { EffectivePath, Snat, SnatSide } from '../../contract/egress.ts'
import { lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { INTERNET } from '../egress/destinations.ts'
import { hopFirewalls } from '../egress/next-hop-firewall.ts'
import type { EgressPath } from '../egress/paths.ts'
import { gatewayBehind } from '../egress/subnet-attachments.ts'
import { memoize } from '../lib/memoize.ts'
import { formatted } from '../lib/text.ts'
import { countNodes } from '../snapshot/agent-pools.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { managedIpCount } from '../target/egress-profile.ts'
import { measuredResources } from './measured-demand.ts'
import {
  automaticPorts,
  countOf,
  FIREWALL_PORTS,
  MAX_AUTOMATIC_PORTS,
  MIN_FIREWALL_INSTANCES,
  PORTS_PER_FRONTEND,
  PORTS_PER_GATEWAY_ADDRESS,
  type SnatSizing,
  sizeLoadBalancer,
  sizeNatGateway,
} from './snat-sizing.ts'

const FIREWALL_SIZE = `assuming that the Azure Firewall runs ${MIN_FIREWALL_INSTANCES} instances (the minimum) with ${formatted(FIREWALL_PORTS)} ports per address each`

/** SNAT capacity before and after. */
export const assessSnat = memoize((context: PlanningContext): Snat => {
  const { cluster } = context.snapshot
  const { now, peak, unknownPools } = countNodes(cluster.agentPools)
  // With too few nodes, the share of one node would be too large, so it is not calculated.
  const nodes = unknownPools.length === 0 ? peak : null
  const portsBefore = cluster.loadBalancerProfile?.allocatedOutboundPorts ?? 0
  const { target } = context
  const portsAfter = target.outboundType === 'loadBalancer' ? target.loadBalancer.allocatedOutboundPorts : 0
  const { before: pathBefore, after: pathAfter } = hops(context)
  const before = side(pathBefore, countOf(context.internet.before), nodes, portsBefore)
  const after = side(pathAfter, countAfter(context), nodes, portsAfter)
  const measured = measure(context, after, nodes, portsAfter)
  const sizing = nodes === null ? null : sizeForCapacity(before, after, nodes, portsAfter)
  return {
    nodes: { now, peak, unknownPools },
    before,
    after,
    suggestedIpCount: sizing?.ipCount ?? null,
    suggestedPortsPerNode: sizing?.portsPerNode ?? null,
    ...(measured === null ? {} : { measured }),
  }
})

/** The measured demand, with the size of the target that it needs. */
function measure(
  { snapshot }: PlanningContext,
  after: SnatSide,
  nodes: number | null,
  explicitPorts: number,
): MeasuredSnat | null {
  const resources = measuredResources(snapshot)
  const demand = snapshot.surroundings?.demand
  if (resources === null || demand === undefined) return null
  const failures = resources.map(({ failedConnections }) => failedConnections?.lastDay ?? null)
  const portsNeeded = sumOf(
    resources.map(({ connections, exclusive }) => (exclusive === false ? null : (connections?.peak ?? null))),
  )
  const portsPerNodeNeeded = perNodeOf(resources, portsNeeded, nodes)
  const sizing = sizeForDemand(portsNeeded, portsPerNodeNeeded, after, snapshot, explicitPorts)
  return {
    from: demand.from,
    to: demand.to,
    resources,
    portsNeeded,
    portsPerNodeNeeded,
    suggestedIpCount: sizing?.ipCount ?? null,
    suggestedPortsPerNode: sizing?.portsPerNode ?? null,
    failedLastDay: sumOf(failures),
    unknown:
      resources.length === 0
        ? ['Azure Resource Manager shows no resource with metrics on the current egress path.']
        : resources.flatMap(reasonsOf),
  }
}

/**
 * A lower limit of the ports that one node needs: at least one node uses the mean of all nodes or more. The number of
 * nodes at the measured peak is unknown, so the calculation uses the largest number.
 */
function perNodeOf(
  resources: MeasuredResource[],
  portsNeeded: number | null,
  nodes: number | null,
): number | null {
  const mean = portsNeeded === null || nodes === null ? null : Math.ceil(portsNeeded / Math.max(nodes, 1))
  const known = [mean, ...resources.map(({ peakPerNode }) => peakPerNode)].filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}

/** Whether the size is also enough if the current nodes carry the whole peak while the ports are allocated to the maximum number of nodes. */
function sizeForDemand(
  total: number | null,
  perNode: number | null,
  after: SnatSide,
  { cluster }: Snapshot,
  explicitPorts: number,
): SnatSizing | null {
  if (total === null) return null
  if (after.path === 'natGateway') return sizeNatGateway(total)
  const { now, peak, unknownPools } = countNodes(cluster.agentPools)
  if (after.path !== 'loadBalancer' || unknownPools.length > 0) return null
  const mean = Math.ceil(total / Math.max(now, 1))
  return sizeLoadBalancer({ total, perNode: Math.max(perNode ?? 0, mean) }, peak, explicitPorts)
}

function reasonsOf({ id, unknown, exclusive, connections }: MeasuredResource): string[] {
  const name = `\`${lastSegment(id)}\``
  return [
    ...(unknown === null ? [] : [`${name}: ${unknown}`]),
    ...(exclusive === false && connections !== null
      ? [
          `${name}: other clusters or resources also use this resource, so its connections do not show the demand of this cluster.`,
        ]
      : []),
  ]
}

/** The sum of all values; null if there are none, or one is unknown. */
function sumOf(values: (number | null)[]): number | null {
  return values.length === 0 || values.includes(null)
    ? null
    : values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

/** The resource that translates the packets of a path. For an Azure Firewall, it may be a NAT gateway on the subnet of the firewall. */
interface Hop {
  path: EffectivePath
  isBehindGateway: boolean
}

function hops({ effective, paths, snapshot, prepared }: PlanningContext): Record<'before' | 'after', Hop> {
  return {
    before: { path: effective.before, isBehindGateway: areBehindGateways(paths.before, snapshot) },
    after: { path: effective.after, isBehindGateway: areBehindGateways(paths.after, prepared) },
  }
}

/** Whether NAT gateways translate the traffic of all firewalls on the IPv4 paths to the internet. */
function areBehindGateways(paths: EgressPath[], snapshot: Snapshot): boolean {
  const firewalls = paths
    .filter(
      ({ path, destination, family }) =>
        path === 'virtualAppliance' && destination === INTERNET && family === 'IPv4',
    )
    .flatMap((path) => hopFirewalls(path, snapshot))
  return (
    firewalls.length > 0 &&
    firewalls.every((firewall) => firewall !== null && gatewayBehind(firewall, snapshot) !== null)
  )
}

/**
 * The SNAT capacity of a path, before or after the change. `nodes` is null if unknown. `explicitPorts` is the
 * configured number of ports per node, 0 for automatic allocation.
 */
function side(
  { path, isBehindGateway }: Hop,
  addresses: number | null,
  nodes: number | null,
  explicitPorts: number,
): SnatSide {
  const unknown = { path, addresses, ports: null, portsPerNode: null, maxNodes: null }
  switch (path) {
    case 'loadBalancer':
      return addresses === null
        ? { ...unknown, rule: 'The number of addresses is unknown.' }
        : loadBalancerSide(addresses, nodes, explicitPorts)
    case 'natGateway':
      return shared(path, addresses, nodes, PORTS_PER_GATEWAY_ADDRESS, 'shared on demand by all nodes')
    case 'virtualAppliance':
      return isBehindGateway
        ? shared(
            path,
            addresses,
            nodes,
            PORTS_PER_GATEWAY_ADDRESS,
            'because a NAT gateway serves the firewall',
          )
        : shared(path, addresses, nodes, FIREWALL_PORTS * MIN_FIREWALL_INSTANCES, FIREWALL_SIZE)
    case 'mixed':
      return { ...unknown, rule: 'The paths of the subnets or node pools have different capacities.' }
    case 'none':
      return {
        path,
        addresses: 0,
        ports: 0,
        portsPerNode: 0,
        maxNodes: null,
        rule: 'No egress path, so no ports.',
      }
    default:
      return { ...unknown, rule: 'Azure Resource Manager does not show the capacity of this path.' }
  }
}

function loadBalancerSide(addresses: number, nodes: number | null, explicitPorts: number): SnatSide {
  const ports = addresses * PORTS_PER_FRONTEND
  const isExplicit = explicitPorts > 0
  return {
    path: 'loadBalancer',
    addresses,
    ports,
    portsPerNode: isExplicit ? explicitPorts : nodes === null ? null : automaticPorts(nodes, addresses),
    maxNodes: isExplicit ? Math.floor(ports / explicitPorts) : null,
    rule: isExplicit
      ? `${formatted(explicitPorts)} ports per node, out of ${formatted(PORTS_PER_FRONTEND)} ports per address.`
      : `Automatic allocation: ports per node = (AKS default for ${nodes === null ? 'the number of nodes' : `${nodes} node${nodes === 1 ? '' : 's'}`}) × (number of addresses), at most ${formatted(MAX_AUTOMATIC_PORTS)}.`,
  }
}

function shared(
  path: EffectivePath,
  addresses: number | null,
  nodes: number | null,
  each: number,
  how: string,
): SnatSide {
  const ports = addresses === null ? null : addresses * each
  const portsPerNode = ports === null || nodes === null ? null : Math.floor(ports / Math.max(nodes, 1))
  return {
    path,
    addresses,
    ports,
    portsPerNode,
    maxNodes: null,
    rule: `${formatted(each)} ports per address, ${how}.`,
  }
}

/** The size that the target needs so that no node has fewer ports than before. If the former number of ports is unknown, the number in the target counts. */
function sizeForCapacity(
  before: SnatSide,
  after: SnatSide,
  nodes: number,
  explicitPorts: number,
): SnatSizing | null {
  const wanted = before.portsPerNode
  if (after.path === 'natGateway') return wanted === null ? null : sizeNatGateway(wanted * nodes)
  if (after.path !== 'loadBalancer') return null
  const ownPorts = explicitPorts > 0 ? explicitPorts : MAX_AUTOMATIC_PORTS
  return sizeLoadBalancer({ perNode: wanted ?? ownPorts, total: 0 }, nodes, explicitPorts)
}

/** If AKS releases some of the addresses, the number in the target stays, regardless of which addresses stay. */
function countAfter({ internet: { after }, target }: PlanningContext): number | null {
  if (after.unknowable) return null
  const known = countOf(after.known)
  const isReduced = after.undecided.some((address) => address.family === 'IPv4')
  const left = isReduced ? managedIpCount(target, 'IPv4') : 0
  const prepared = after.prepared.reduce(
    (sum, address) => sum + (address.family === 'IPv4' ? (address.planned ?? 0) : 0),
    0,
  )
  return known === null ? null : known + left + prepared + after.created.IPv4
}
