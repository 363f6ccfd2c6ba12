import type { Finding } from '../../contract/finding.ts'
import { distinctIds, idKey, lastSegment, namesOf } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import {
  frontendAddress,
  releasedByLoadBalancer,
  releasedFrontends,
  serviceLabel,
} from '../context/service-frontends.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { effectivePathOf } from '../egress/effective-path.ts'
import { aksLoadBalancer, manualFrontends, manualOutboundRules } from '../egress/outbound-resources.ts'
import { natGatewayIdOf, routesToAppliance } from '../egress/subnet-attachments.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { agree, counted, formatted, listed, listedAs, named, these } from '../lib/text.ts'
import { automaticPorts } from '../plan/snat-sizing.ts'
import { documented, inferred, observed } from '../references/references.ts'
import { countNodes, type NodeCount, poolNames } from '../snapshot/agent-pools.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

export const LB_WINDOWS_OUTBOUNDNAT_DISABLED = rule<{ pools: string[] }>('LB_WINDOWS_OUTBOUNDNAT_DISABLED', {
  severity: 'blocker',
  message: (f) =>
    `OutboundNAT is disabled on ${named('Windows node pool', f.pools)}, but the outbound type \`loadBalancer\` requires OutboundNAT on Windows node pools.`,
  remedy: (f) =>
    `Replace ${these('node pool', f.pools)} with ${agree(f.pools, 'a node pool that has', 'node pools that have')} OutboundNAT enabled, then create a new plan.`,
  source: documented('nat-gateway', 'AKS release notes 2023-09-03'),
})

export const LB_STALE_NATGW = rule<{
  subnets: string[]
  routed: string[]
  /** Omitted for a single gateway. */
  gateways?: string[]
}>('LB_STALE_NATGW', {
  severity: 'warning',
  message: (f) => staleGateway(f.subnets, f.routed, f.gateways ?? ['']),
  remedy: (f) =>
    `If the traffic of ${these('subnet', f.subnets)} must use the load balancer, add the addresses of the load balancer to all allow lists. After the change, detach the NAT gateway${agree(f.gateways ?? [''], '', 's')} from the subnet${agree(f.subnets, '', 's')} or virtual network, which moves the traffic immediately.`,
  source: inferred('nat-overview', 'AKS release notes 2022-05-01'),
})

export const LB_STALE_DEFAULT_ROUTE = rule<{ subnets: string[] }>('LB_STALE_DEFAULT_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `A default route on ${named('subnet', f.subnets)} overrides the load balancer, so egress and the replies of public Services still use the next hop of this route.`,
  remedy: (f) =>
    `If the traffic of ${these('subnet', f.subnets)} must use the load balancer, add the addresses of the load balancer to all allow lists. Then remove the default route after the change. The traffic then moves immediately.`,
  source: inferred('nat-overview', 'limit-egress-traffic'),
})

/** Reports blockers of a change to `loadBalancer`, and resources that override the load balancer after it. */
export const checkLoadBalancerTarget: Check = ({ snapshot, from, to }) => {
  if (to !== 'loadBalancer' || from === to) return []
  const { subnets, cluster } = snapshot
  const onGateway = subnets.filter(
    (subnet) => natGatewayIdOf(subnet, snapshot) !== null && !isAksOwned(subnet.natGatewayId ?? '', snapshot),
  )
  const gateways = distinctIds(onGateway.flatMap((subnet) => natGatewayIdOf(subnet, snapshot) ?? []))
  return [
    ...LB_WINDOWS_OUTBOUNDNAT_DISABLED.ifAny({
      pools: poolNames(cluster, (pool) => pool.disableOutboundNat === true),
    }),
    // If a route overrides the gateway, egress does not use the gateway either.
    ...LB_STALE_NATGW.ifAny({
      subnets: namesOf(onGateway),
      routed: namesOf(onGateway.filter((subnet) => !leavesByGateway(subnet, snapshot))),
      ...(gateways.length > 1 ? { gateways: gateways.map(lastSegment) } : {}),
    }),
    ...LB_STALE_DEFAULT_ROUTE.ifAny({
      subnets: namesOf(subnets.filter((subnet) => routesToAppliance(subnet, snapshot))),
    }),
  ]
}

/** A route table that could not be read does not prove that the gateway is overridden. */
function leavesByGateway(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  return ['natGateway', 'unknown'].includes(effectivePathOf(subnet, snapshot, 'loadBalancer'))
}

/** SNAT ports of one frontend address of a load balancer (configure-load-balancer-standard, outbound-rules). */
const PORTS_PER_ADDRESS = 64_000

export const LB_PORTS_INFEASIBLE = rule<{
  allocatedOutboundPorts: number
  nodesAtPeak: number
  addresses: number
  maxNodes: number
}>('LB_PORTS_INFEASIBLE', {
  severity: 'blocker',
  message: (f) =>
    `With ${counted(f.allocatedOutboundPorts, 'port')} per node, the ${formatted(PORTS_PER_ADDRESS * f.addresses)} ports of ${counted(f.addresses, 'address')} are enough for only ${counted(f.maxNodes, 'node')}, but the cluster can have up to ${counted(f.nodesAtPeak, 'node')}.`,
  remedy:
    'Request more outbound addresses with `loadBalancer.managedOutboundIpCount` or `loadBalancer.outboundIpIds`, or lower `loadBalancer.allocatedOutboundPorts`.',
  source: documented('configure-load-balancer-standard'),
})

/** Explicit ports must be enough for every node, including the surge of an upgrade. */
export const checkLoadBalancerPorts: Check = (context) => {
  const { target, snapshot } = context
  if (target.outboundType !== 'loadBalancer') return []
  const { allocatedOutboundPorts } = target.loadBalancer
  const addresses = addressCount(context)
  if (addresses === 0) return []
  // Nodes with public IPs use no ports of the load balancer (Karpenter Azure provider, node public IPs).
  const nodes = countNodes(snapshot.cluster.agentPools.filter((pool) => !pool.enableNodePublicIP))
  if (allocatedOutboundPorts === 0) return automaticShare(nodes, addresses)
  const nodesAtPeak = nodes.peak
  const maxNodes = Math.floor((PORTS_PER_ADDRESS * addresses) / allocatedOutboundPorts)
  return LB_PORTS_INFEASIBLE.when(nodesAtPeak > maxNodes, {
    allocatedOutboundPorts,
    nodesAtPeak,
    addresses,
    maxNodes,
  })
}

export const LB_AUTO_PORTS_SHRINK = rule<{
  nodes: number
  nodesAtPeak: number
  portsNow: number
  portsAtPeak: number
}>('LB_AUTO_PORTS_SHRINK', {
  severity: 'warning',
  message: (f) =>
    `Connections drop when the cluster grows from ${f.nodes} to ${f.nodesAtPeak} nodes, because automatic allocation lowers the SNAT ports per node from ${formatted(f.portsNow)} to ${formatted(f.portsAtPeak)}.`,
  remedy:
    'Set `loadBalancer.allocatedOutboundPorts` to the number of SNAT ports that each node needs, and provide enough outbound addresses for the maximum number of nodes.',
  source: documented('configure-load-balancer-standard', 'load-balancer-outbound-connections'),
})

/**
 * Automatic allocation gives fewer ports per node above 50, 100, 200, 400 and 800 nodes, so ports that are enough today
 * may not be enough at peak (configure-load-balancer-standard, load-balancer-outbound-connections).
 */
function automaticShare(
  { now: nodes, peak: nodesAtPeak, unknownPools }: NodeCount,
  addresses: number,
): Finding[] {
  // NODE_COUNT_UNKNOWN reports what cannot be compared.
  if (unknownPools.length > 0) return []
  const [portsNow, portsAtPeak] = [automaticPorts(nodes, addresses), automaticPorts(nodesAtPeak, addresses)]
  return LB_AUTO_PORTS_SHRINK.when(portsAtPeak < portsNow, { nodes, nodesAtPeak, portsNow, portsAtPeak })
}

function addressCount({ target, snapshot }: PlanningContext): number {
  if (target.outboundType !== 'loadBalancer') return 0
  const { managedOutboundIpCount, outboundIpIds, outboundIpPrefixIds } = target.loadBalancer
  const inPrefixes = outboundIpPrefixIds.map((id) => {
    const prefix = snapshot.publicIpPrefixes[idKey(id)]
    return prefix?.version === 'IPv4' ? prefixAddressCount(prefix.prefixLength, 'IPv4') : 0
  })
  const ips = outboundIpIds.filter((id) => snapshot.publicIps[idKey(id)]?.version !== 'IPv6')
  return inPrefixes.reduce((sum, count) => sum + count, (managedOutboundIpCount ?? 0) + ips.length)
}

type ManualParts = { loadBalancer: string; outboundRules: string[]; frontends: string[] }

export const LB_DRIFT_MANUAL_RULES = rule<ManualParts>('LB_DRIFT_MANUAL_RULES', {
  severity: 'blocker',
  message: (f) =>
    `The change may fail because of the manually created ${manualParts(f)}: users report that AKS cannot reconcile the load balancer \`${f.loadBalancer}\` or the node pools while such rules exist.`,
  remedy: (f) =>
    `Remove the manually created outbound rules and frontends from the load balancer \`${f.loadBalancer}\`, which closes connections through these rules. Then create a new plan.`,
  source: observed('Azure/AKS issue 5634', 'configure-load-balancer-standard'),
})

export const LB_DRIFT_ELSEWHERE = rule<ManualParts>('LB_DRIFT_ELSEWHERE', {
  severity: 'warning',
  message: (f) =>
    `AKS overwrites the manually created ${manualParts(f)} whenever it reconciles the load balancer \`${f.loadBalancer}\`.`,
  remedy:
    'Make sure that nothing depends on the manually created outbound rules and frontends, and then remove them.',
  source: observed('Azure/AKS issue 5634', 'configure-load-balancer-standard'),
})

/**
 * Manual outbound rules and frontends break the reconciliation that a change from or to `loadBalancer` needs (Azure/AKS issue
 * 5634). During other changes, AKS is only known to overwrite them.
 */
export const checkLoadBalancerDrift: Check = ({ snapshot, from, to }) => {
  const balancer = aksLoadBalancer(snapshot)
  if (balancer === null) return []
  const outboundRules = manualOutboundRules(balancer)
  const frontends = manualFrontends(balancer, snapshot)
  const isReconciled = from === 'loadBalancer' || to === 'loadBalancer'
  const driftRule = isReconciled ? LB_DRIFT_MANUAL_RULES : LB_DRIFT_ELSEWHERE
  return driftRule.ifAny({ loadBalancer: balancer.name, outboundRules, frontends })
}

type SharedFrontend = { address: string; services: string[]; ports: string[] }

export const SERVICE_SHARES_EGRESS_IP = rule<{
  frontends: SharedFrontend[]
  isCertain: boolean
  isReconcile?: true
}>('SERVICE_SHARES_EGRESS_IP', {
  severity: 'blocker',
  // A reconcile repairs the cluster, so no blocker prevents it.
  severityOverride: (f) => (f.isCertain && f.isReconcile !== true ? null : 'acknowledge'),
  message: (f) =>
    `The ${f.isReconcile === true ? 'reconcile' : 'change'} fails or a Service loses its address${f.isCertain ? ', because' : ' if'} AKS releases ${listed(f.frontends.map((frontend) => `the outbound address ${frontend.address} (also used by ${serviceLabel(frontend)})`))}.`,
  remedy: (f) =>
    `Give ${f.frontends.length === 1 && (f.frontends[0]?.services.length ?? 0) <= 1 ? 'the Service another public IP' : 'the Services other public IPs'} first, for example with the annotation \`service.beta.kubernetes.io/azure-pip-name\`, then create a new plan.`,
  source: observed('Azure/AKS issue 5275', 'AKS release notes 2020-07-06'),
})

/**
 * A managed outbound address can be the frontend of a Service as well (AKS release notes 2020-07-06). A customer-provided
 * address in that position stays attached to the load balancer.
 */
export const checkSharedFrontends: Check = (context) => {
  const frontends = releasedFrontends(context).map((frontend) => {
    const { services, ports } = frontend
    return { address: frontendAddress(frontend), services, ports }
  })
  const { isCertain } = releasedByLoadBalancer(context)
  return SERVICE_SHARES_EGRESS_IP.when(frontends.length > 0, {
    frontends,
    isCertain,
    ...(context.request.reconcile === true ? { isReconcile: true as const } : {}),
  })
}

/** A route overrides the gateway, and the gateway overrides the load balancer. */
function staleGateway(subnets: string[], routed: string[], gateways: string[]): string {
  const unrouted = subnets.filter((name) => !routed.includes(name))
  const count = (clause: string[]) => (clause.length === 1 ? [''] : gateways)
  const served = (clause: string[]) =>
    `${agree(count(clause), 'A NAT gateway still serves', 'NAT gateways still serve')} ${named('subnet', clause)}`
  const verb = (clause: string[], one: string) => agree(count(clause), `${one}s`, one)
  const clauses = [
    ...(unrouted.length === 0
      ? []
      : [
          `${served(unrouted)} and ${verb(unrouted, 'override')} the load balancer, so egress keeps the ${agree(count(unrouted), "gateway's", "gateways'")} addresses`,
        ]),
    ...(routed.length === 0
      ? []
      : [
          `${served(routed)} and ${agree(count(routed), 'carries', 'carry')} the egress instead of the load balancer as soon as the current route is removed`,
        ]),
  ]
  return `${clauses.map((clause, index) => (index === 0 ? clause : clause.replace(/^A /, 'a '))).join('; ')}.`
}

function manualParts({ outboundRules, frontends }: ManualParts): string {
  return listed([
    ...(outboundRules.length === 0 ? [] : [listedAs('outbound rule', outboundRules)]),
    ...(frontends.length === 0 ? [] : [listedAs('frontend', frontends)]),
  ])
}
