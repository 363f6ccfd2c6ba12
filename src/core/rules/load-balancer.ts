import type { Finding } from '../../contract/finding.ts'
import { idKey, namesOf } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { aksLoadBalancer, manualFrontends, manualOutboundRules } from '../egress/outbound-resources.ts'
import { effectivePathOf, routesToAppliance } from '../egress/paths.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { listed } from '../lib/text.ts'
import { automaticPorts } from '../plan/snat.ts'
import { documented, inferred, observed } from '../references/references.ts'
import { nodesAtPeak as peakNodes, poolNames } from '../snapshot/agent-pools.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

export const LB_WINDOWS_OUTBOUNDNAT_DISABLED = rule<{ pools: string[] }>('LB_WINDOWS_OUTBOUNDNAT_DISABLED', {
  severity: 'blocker',
  message: (f) =>
    `Windows pools have OutboundNAT disabled, which loadBalancer does not allow: ${listed(f.pools)}.`,
  remedy: 'Replace these pools by ones with OutboundNAT enabled first.',
  source: documented('nat-gateway', 'AKS release notes 2023-09-03'),
})

export const LB_STALE_NATGW = rule<{ subnets: string[]; routed: string[] }>('LB_STALE_NATGW', {
  severity: 'warning',
  message: (f) => staleGateway(f.subnets, f.routed),
  remedy: 'Detach the NAT gateway after the change if the load balancer is to carry the traffic.',
  source: inferred('nat-overview', 'AKS release notes 2022-05-01'),
})

export const LB_STALE_DEFAULT_ROUTE = rule<{ subnets: string[] }>('LB_STALE_DEFAULT_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `A default route on ${listed(f.subnets)} outranks the load balancer: egress stays on the appliance, and replies of public Services too.`,
  remedy: 'Remove the default route after the change if the load balancer is to carry the traffic.',
  source: inferred('nat-overview', 'limit-egress-traffic'),
})

/** What blocks a change to loadBalancer, or overrides the load balancer after it. */
export const checkLoadBalancerTarget: Check = ({ snapshot, from, to }) => {
  if (to !== 'loadBalancer' || from === to) return []
  const { subnets, cluster } = snapshot
  const onGateway = subnets.filter(
    ({ natGatewayId }) => natGatewayId !== null && !isAksOwned(natGatewayId, snapshot),
  )
  return [
    ...LB_WINDOWS_OUTBOUNDNAT_DISABLED.ifAny({
      pools: poolNames(cluster, (pool) => pool.disableOutboundNat === true),
    }),
    // A route overrides the gateway in turn: then egress does not use the gateway either.
    ...LB_STALE_NATGW.ifAny({
      subnets: namesOf(onGateway),
      routed: namesOf(onGateway.filter((subnet) => !leavesByGateway(subnet, snapshot))),
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
  remedy: 'Ask for more addresses or for fewer ports per node.',
  source: documented('configure-load-balancer-standard'),
})

/** Explicit ports must be enough for every node, the surge of an upgrade included. */
export const checkLoadBalancerPorts: Check = (context) => {
  const { target, snapshot } = context
  if (target.outboundType !== 'loadBalancer') return []
  const { allocatedOutboundPorts } = target.loadBalancer
  const addresses = addressCount(context)
  if (addresses === 0) return []
  // Nodes with public IPs use no ports of the load balancer (Karpenter Azure provider, node public IPs).
  const agentPools = snapshot.cluster.agentPools.filter((pool) => !pool.enableNodePublicIP)
  const nodesAtPeak = peakNodes({ ...snapshot.cluster, agentPools })
  if (allocatedOutboundPorts === 0) return automaticShare(agentPools, nodesAtPeak, addresses)
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
    `With automatic allocation each of ${f.nodes} nodes has ${f.portsNow} source ports, but only ${f.portsAtPeak} when there are ${f.nodesAtPeak} at peak; connections drop when the share falls.`,
  remedy: 'Ask for allocatedOutboundPorts that fit the peak, with enough addresses for them.',
  source: documented('configure-load-balancer-standard', 'load-balancer-outbound-connections'),
})

/** The automatic share falls at 50, 100, 200, 400 and 800 nodes; what fits today may not at the peak (configure-load-balancer-standard, load-balancer-outbound-connections). */
function automaticShare(agentPools: AgentPoolFacts[], nodesAtPeak: number, addresses: number): Finding[] {
  const nodes = agentPools.reduce((sum, pool) => sum + pool.count, 0)
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

type Drift = { loadBalancer: string; outboundRules: string[]; frontends: string[] }

export const LB_DRIFT_MANUAL_RULES = rule<Drift>('LB_DRIFT_MANUAL_RULES', {
  severity: 'blocker',
  message: (f) =>
    `The load balancer ${f.loadBalancer} holds what AKS did not make: ${manualParts(f)}. Reconciling it is known to fail and to take every pool down with it.`,
  remedy: 'Remove what was made by hand, then plan again.',
  source: observed('Azure/AKS issue 5634', 'configure-load-balancer-standard'),
})

export const LB_DRIFT_ELSEWHERE = rule<Drift>('LB_DRIFT_ELSEWHERE', {
  severity: 'warning',
  message: (f) =>
    `The load balancer ${f.loadBalancer} holds what AKS did not make: ${manualParts(f)}. AKS undoes such edits whenever it reconciles the load balancer.`,
  remedy: 'Remove what was made by hand; nothing should depend on it.',
  source: observed('Azure/AKS issue 5634', 'configure-load-balancer-standard'),
})

/**
 * Manual outbound rules and frontends break the reconcile that a change from or to loadBalancer needs (Azure/AKS issue
 * 5634). With any other change they are only known to be overwritten.
 */
export const checkLoadBalancerDrift: Check = ({ snapshot, from, to }) => {
  const balancer = aksLoadBalancer(snapshot)
  if (balancer === null) return []
  const outboundRules = manualOutboundRules(balancer)
  const frontends = manualFrontends(balancer, snapshot)
  const isReconciled = from === 'loadBalancer' || to === 'loadBalancer'
  const drift = isReconciled ? LB_DRIFT_MANUAL_RULES : LB_DRIFT_ELSEWHERE
  return drift.ifAny({ loadBalancer: balancer.name, outboundRules, frontends })
}

/** A route overrides the gateway, and the gateway overrides the load balancer. */
function staleGateway(subnets: string[], routed: string[]): string {
  const unrouted = subnets.filter((name) => !routed.includes(name))
  return [
    ...(unrouted.length === 0
      ? []
      : [
          `A NAT gateway stays attached to ${listed(unrouted)} and outranks the load balancer: egress keeps the gateway's addresses.`,
        ]),
    ...(routed.length === 0
      ? []
      : [
          `A NAT gateway stays attached to ${listed(routed)}, where a route outranks it for now: it would take over from the load balancer as soon as the route is gone.`,
        ]),
  ].join(' ')
}

function manualParts({ outboundRules, frontends }: Drift): string {
  return listed([
    ...(outboundRules.length === 0 ? [] : [`outbound rules ${listed(outboundRules)}`]),
    ...(frontends.length === 0 ? [] : [`frontends ${listed(frontends)}`]),
  ])
}
