import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { aksLoadBalancer, manualFrontends, manualOutboundRules } from '../egress/outbound-resources.ts'
import { effectivePathOf, routesToAppliance } from '../egress/paths.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { listed } from '../lib/text.ts'
import { automaticPorts } from '../plan/snat.ts'
import { nodesAtPeak } from '../snapshot/agent-pools.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

export const LB_WINDOWS_OUTBOUNDNAT_DISABLED = rule<{ pools: string[] }>('LB_WINDOWS_OUTBOUNDNAT_DISABLED', {
  severity: 'blocker',
  message: (f) =>
    `Windows pools have OutboundNAT disabled, which loadBalancer does not allow: ${listed(f.pools)}.`,
  remedy: () => 'Replace these pools by ones with OutboundNAT enabled first.',
  confidence: 'documented',
  source: 'NG; AKS release notes 2023-09-03',
})

export const LB_STALE_NATGW = rule<{ subnets: string[]; routed: string[] }>('LB_STALE_NATGW', {
  severity: 'warning',
  message: (f) => staleGateway(f.subnets, f.routed),
  remedy: () => 'Detach the NAT gateway after the change if the load balancer is to carry the traffic.',
  confidence: 'inferred',
  source: 'NOV; AKS release notes 2022-05-01',
})

export const LB_STALE_DEFAULT_ROUTE = rule<{ subnets: string[] }>('LB_STALE_DEFAULT_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `A default route on ${listed(f.subnets)} outranks the load balancer: egress stays on the appliance, and replies of public Services too.`,
  remedy: () => 'Remove the default route after the change if the load balancer is to carry the traffic.',
  confidence: 'inferred',
  source: 'NOV; limit-egress-traffic (FW)',
})

/** What stands in the way of a load balancer, or goes on outranking it. */
export const checkLoadBalancerTarget: Check = ({ snapshot, from, to }) => {
  if (to !== 'loadBalancer' || from === to) return []
  const findings: Finding[] = []
  const pools = snapshot.cluster.agentPools.filter((pool) => pool.disableOutboundNat === true)
  if (pools.length > 0)
    findings.push(LB_WINDOWS_OUTBOUNDNAT_DISABLED.finding({ pools: pools.map((pool) => pool.name) }))
  const gated = snapshot.subnets.filter(
    (subnet) => subnet.natGatewayId !== null && !isAksOwned(subnet.natGatewayId, snapshot),
  )
  if (gated.length > 0) {
    // A route outranks the gateway in its turn: then egress is not the gateway's either.
    const routed = gated.filter((subnet) => !leavesByGateway(subnet, snapshot))
    findings.push(
      LB_STALE_NATGW.finding({ subnets: gated.map(nameOfSubnet), routed: routed.map(nameOfSubnet) }),
    )
  }
  const routed = snapshot.subnets.filter((subnet) => routesToAppliance(subnet, snapshot))
  if (routed.length > 0) findings.push(LB_STALE_DEFAULT_ROUTE.finding({ subnets: routed.map(nameOfSubnet) }))
  return findings
}

/** A table that could not be read proves nothing against the gateway. */
function leavesByGateway(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  return ['natGateway', 'unknown'].includes(effectivePathOf(subnet, snapshot, 'loadBalancer'))
}

function nameOfSubnet({ id }: SubnetFacts): string {
  return lastSegment(id)
}

/** SNAT ports that one frontend address of a load balancer has (configure-load-balancer-standard, outbound-rules). */
const PORTS_PER_ADDRESS = 64_000

export const LB_PORTS_INFEASIBLE = rule<{
  allocatedOutboundPorts: number
  nodesAtPeak: number
  addresses: number
  maxNodes: number
}>('LB_PORTS_INFEASIBLE', {
  severity: 'blocker',
  message: (f) =>
    `${f.allocatedOutboundPorts} ports for each of ${f.nodesAtPeak} nodes at peak need more than the ${64000 * f.addresses} ports of ${f.addresses} address${f.addresses === 1 ? '' : 'es'}; that is enough for ${f.maxNodes} node${f.maxNodes === 1 ? '' : 's'}.`,
  remedy: () => 'Ask for more addresses or for fewer ports per node.',
  confidence: 'documented',
  source: 'configure-load-balancer-standard (LB2)',
})

/** Explicit ports must be enough for every node, the surge of an upgrade included. */
export const checkLoadBalancerPorts: Check = (context) => {
  const { target, snapshot } = context
  if (target.outboundType !== 'loadBalancer') return []
  const { allocatedOutboundPorts } = target.loadBalancer
  const addresses = addressCount(context)
  if (addresses === 0) return []
  // Nodes with public IPs of their own take no ports of the load balancer (Karpenter Azure provider, node public IPs).
  const agentPools = snapshot.cluster.agentPools.filter((pool) => !pool.enableNodePublicIP)
  const nodes = nodesAtPeak({ ...snapshot.cluster, agentPools })
  if (allocatedOutboundPorts === 0) return shrinking(agentPools, nodes, addresses)
  const maxNodes = Math.floor((PORTS_PER_ADDRESS * addresses) / allocatedOutboundPorts)
  if (nodes <= maxNodes) return []
  return [LB_PORTS_INFEASIBLE.finding({ allocatedOutboundPorts, nodesAtPeak: nodes, addresses, maxNodes })]
}

export const LB_AUTO_PORTS_SHRINK = rule<{
  nodes: number
  nodesAtPeak: number
  portsNow: number
  portsAtPeak: number
}>('LB_AUTO_PORTS_SHRINK', {
  severity: 'warning',
  message: (f) =>
    `With automatic allocation each of ${f.nodes} nodes has ${f.portsNow} source ports, but only ${f.portsAtPeak} when there are ${f.nodesAtPeak} at peak; connections drop when the share falls.`,
  remedy: () => 'Ask for allocatedOutboundPorts that fit the peak, with enough addresses for them.',
  confidence: 'documented',
  source: 'LB2; load-balancer-outbound-connections (LBO)',
})

/** The automatic share falls at 50, 100, 200, 400 and 800 nodes; what fits today may not at the peak (configure-load-balancer-standard, load-balancer-outbound-connections). */
function shrinking(agentPools: AgentPoolFacts[], peak: number, addresses: number): Finding[] {
  const now = agentPools.reduce((sum, pool) => sum + pool.count, 0)
  const [portsNow, portsAtPeak] = [automaticPorts(now, addresses), automaticPorts(peak, addresses)]
  if (portsAtPeak >= portsNow) return []
  return [LB_AUTO_PORTS_SHRINK.finding({ nodes: now, nodesAtPeak: peak, portsNow, portsAtPeak })]
}

function addressCount({ target, snapshot }: PlanningContext): number {
  if (target.outboundType !== 'loadBalancer') return 0
  const { managedOutboundIpCount, outboundIpIds, outboundIpPrefixIds } = target.loadBalancer
  const inPrefixes = outboundIpPrefixIds.map((id) => {
    const prefix = snapshot.publicIpPrefixes[idKey(id)]
    return prefix?.version === 'IPv4' ? prefixAddressCount(prefix.prefixLength, 'IPv4') : 0
  })
  const ips = outboundIpIds.filter((id) => snapshot.publicIps[idKey(id)]?.version !== 'IPv6')
  return (managedOutboundIpCount ?? 0) + ips.length + inPrefixes.reduce((sum, each) => sum + each, 0)
}

export const LB_DRIFT_MANUAL_RULES = rule<{
  loadBalancer: string
  outboundRules: string[]
  frontends: string[]
}>('LB_DRIFT_MANUAL_RULES', {
  severity: 'blocker',
  message: (f) =>
    `The load balancer ${f.loadBalancer} holds what AKS did not make: ${handMade(f)}. Reconciling it is known to fail and to take every pool down with it.`,
  remedy: () => 'Remove what was made by hand, then plan again.',
  confidence: 'observed',
  source: 'Azure/AKS issue 5634; LB2',
})

export const LB_DRIFT_ELSEWHERE = rule<{
  loadBalancer: string
  outboundRules: string[]
  frontends: string[]
}>('LB_DRIFT_ELSEWHERE', {
  severity: 'warning',
  message: (f) =>
    `The load balancer ${f.loadBalancer} holds what AKS did not make: ${handMade(f)}. AKS undoes such edits whenever it reconciles the load balancer.`,
  remedy: () => 'Remove what was made by hand; nothing should depend on it.',
  confidence: 'observed',
  source: 'Azure/AKS issue 5634; LB2',
})

/**
 * Hand-made outbound rules and frontends break the reconcile that entering or leaving loadBalancer needs
 * (Azure/AKS 5634); with any other change they are only known to be overwritten.
 */
export const checkLoadBalancerDrift: Check = ({ snapshot, from, to }) => {
  const balancer = aksLoadBalancer(snapshot)
  if (balancer === null) return []
  const outboundRules = manualOutboundRules(balancer)
  const frontends = manualFrontends(balancer, snapshot)
  if (outboundRules.length + frontends.length === 0) return []
  const isReconciled = from === 'loadBalancer' || to === 'loadBalancer'
  const said = isReconciled ? LB_DRIFT_MANUAL_RULES : LB_DRIFT_ELSEWHERE
  return [said.finding({ loadBalancer: balancer.name, outboundRules, frontends })]
}

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

function handMade({ outboundRules, frontends }: { outboundRules: string[]; frontends: string[] }): string {
  return listed([
    ...(outboundRules.length === 0 ? [] : [`outbound rules ${listed(outboundRules)}`]),
    ...(frontends.length === 0 ? [] : [`frontends ${listed(frontends)}`]),
  ])
}
