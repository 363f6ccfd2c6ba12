import { lostAddresses } from '../address-change.ts'
import { asCidr, uncovered } from '../cidr.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { EffectivePath } from '../plan-egress.ts'
import type { PlanningContext } from '../planning-context.ts'
import type { Check } from './check.ts'

/** Whom the authorized ranges concern beside the nodes of the load balancer's pool (rulebook 6). */
export const rangeUsers: Check = (context) => {
  if (context.isNoChange) return []
  return [...publicNodes(context), ...insiders(context)]
}

/** Paths that outrank the nodes' own addresses (NOV). */
const OUTRANKING: EffectivePath[] = ['virtualAppliance', 'virtualNetworkGateway', 'natGateway']

/** Nodes that leave by an address of their own that nobody can list before (KARP; AR wants a prefix). */
function publicNodes({ ranges, snapshot: { cluster }, to, effective }: PlanningContext): Finding[] {
  const leaveByThem = (to === 'loadBalancer' || to === 'none') && !OUTRANKING.includes(effective.after)
  if (ranges.mode !== 'enforced' || !leaveByThem) return []
  const pools = cluster.agentPools
    .filter((pool) => pool.enableNodePublicIP && pool.nodePublicIpPrefixId === null)
    .map((pool) => pool.name)
  return pools.length === 0 ? [] : [finding('AUTHORIZED_NODE_PIP', { pools })]
}

/**
 * Pipelines and tools inside reach the public endpoint by the cluster's egress. They lose it where the former
 * address was listed and the new ones are neither covered nor added before the switch.
 */
function insiders(context: PlanningContext): Finding[] {
  const { ranges, after } = context
  if (ranges.mode !== 'enforced' && ranges.mode !== 'nodesPrivate') return []
  const lost = lostAddresses(context).map(asCidr)
  const uncoveredLost = new Set(uncovered(ranges.current, lost))
  const listed = lost.filter((each) => !uncoveredLost.has(each))
  if (listed.length === 0) return []
  const come = after.known.flatMap((each) => (each.address === null ? [] : [asCidr(each.address)]))
  const admitted = [...ranges.current, ...ranges.add]
  const shutOut = uncovered(admitted, come)
  const unknown = after.created.IPv4 + after.created.IPv6 + (after.unknowable ? 1 : 0)
  if (shutOut.length + unknown === 0) return []
  return [
    finding('AUTHORIZED_SELF_LOCKOUT', { former: listed, notAdmitted: shutOut, notKnownYet: unknown > 0 }),
  ]
}
