import { addressesIn } from '../cidr.ts'
import { finding } from '../findings/catalogue.ts'
import { nodesAtPeak } from '../node-count.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey } from '../resource-id.ts'
import type { AgentPoolFacts } from '../snapshot.ts'
import { automaticPorts } from '../snat.ts'
import type { Check } from './check.ts'

/** SNAT ports that one frontend address of a load balancer has (LB2, LBR). */
const PORTS_PER_ADDRESS = 64_000

/** Explicit ports must be enough for every node, the surge of an upgrade included (LB_PORTS_INFEASIBLE, LB_AUTO_PORTS_SHRINK). */
export const loadBalancerPorts: Check = (context) => {
  const { target, snapshot } = context
  if (target.outboundType !== 'loadBalancer') return []
  const { allocatedOutboundPorts } = target.loadBalancer
  const addresses = addressCount(context)
  if (addresses === 0) return []
  // Nodes with public IPs of their own take no ports of the load balancer (KARP; rulebook 7).
  const agentPools = snapshot.cluster.agentPools.filter((pool) => !pool.enableNodePublicIP)
  const nodes = nodesAtPeak({ ...snapshot.cluster, agentPools })
  if (allocatedOutboundPorts === 0) return shrinking(agentPools, nodes, addresses)
  const maxNodes = Math.floor((PORTS_PER_ADDRESS * addresses) / allocatedOutboundPorts)
  if (nodes <= maxNodes) return []
  return [finding('LB_PORTS_INFEASIBLE', { allocatedOutboundPorts, nodesAtPeak: nodes, addresses, maxNodes })]
}

/** The automatic share falls at 50, 100, 200, 400 and 800 nodes; what fits today may not at the peak (LB2, LBO). */
function shrinking(agentPools: AgentPoolFacts[], peak: number, addresses: number): Finding[] {
  const now = agentPools.reduce((sum, pool) => sum + pool.count, 0)
  const [portsNow, portsAtPeak] = [automaticPorts(now, addresses), automaticPorts(peak, addresses)]
  if (portsAtPeak >= portsNow) return []
  return [finding('LB_AUTO_PORTS_SHRINK', { nodes: now, nodesAtPeak: peak, portsNow, portsAtPeak })]
}

function addressCount({ target, snapshot }: PlanningContext): number {
  if (target.outboundType !== 'loadBalancer') return 0
  const { managedOutboundIpCount, outboundIpIds, outboundIpPrefixIds } = target.loadBalancer
  const inPrefixes = outboundIpPrefixIds.map((id) => {
    const prefix = snapshot.publicIpPrefixes[idKey(id)]
    return prefix?.version === 'IPv4' ? addressesIn(prefix.prefixLength, 'IPv4') : 0
  })
  const ips = outboundIpIds.filter((id) => snapshot.publicIps[idKey(id)]?.version !== 'IPv6')
  return (managedOutboundIpCount ?? 0) + ips.length + inPrefixes.reduce((sum, each) => sum + each, 0)
}
