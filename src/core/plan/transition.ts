import { type PlanTransition, TYPE_KEYS, type TypeKey } from '../../contract/outbound-type.ts'
import type { PlanFrom } from '../../contract/target.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { supportOf, transitionPaths } from '../support-matrix/transitions.ts'

/** The egress before the change, in the words of the contract. */
export function planFrom({ snapshot: { cluster }, declared, from, effective }: PlanningContext): PlanFrom {
  const { loadBalancerProfile: balancer, natGatewayProfile: gateway } = cluster
  return {
    outboundType: declared ?? String(cluster.outboundType),
    natGatewaySku:
      from === 'managedNATGatewayV2' ? 'StandardV2' : from === 'managedNATGateway' ? 'Standard' : null,
    effective: effective.before,
    loadBalancer:
      balancer === null
        ? null
        : {
            managedOutboundIpCount: balancer.managedCount,
            managedOutboundIpv6Count: balancer.managedCountIpv6,
            outboundIpIds: balancer.outboundIpIds,
            outboundIpPrefixIds: balancer.outboundIpPrefixIds,
            allocatedOutboundPorts: balancer.allocatedOutboundPorts,
            idleTimeoutInMinutes: balancer.idleTimeoutInMinutes,
          },
    natGateway:
      gateway === null
        ? null
        : {
            managedOutboundIpCount: gateway.managedCount,
            managedOutboundIpv6Count: gateway.managedCountIpv6,
            outboundIpIds: gateway.outboundIpIds,
            outboundIpPrefixIds: gateway.outboundIpPrefixIds,
            idleTimeoutInMinutes: gateway.idleTimeoutInMinutes,
          },
  }
}

/** The verdict of the matrix, and where to go instead when the way is closed. */
export function planTransition({
  transition,
  vnet,
  from,
  to,
  policy,
  snapshot,
}: PlanningContext): PlanTransition {
  if (transition === null || from === null) {
    return {
      vnet: vnet.kind,
      from: null,
      to,
      support: 'unsupported',
      editions: [],
      reversible: false,
      reason: `No edition of the support matrix lists the outbound type ${String(snapshot.cluster.outboundType)}.`,
      alternatives: [],
      routes: [],
    }
  }
  const isClosed = transition.support === 'unsupported'
  return {
    vnet: vnet.kind,
    from,
    to,
    support: transition.support,
    editions: transition.editions,
    reversible: transition.reversible,
    reason: transition.reason,
    alternatives: alternativesOf(vnet.kind, from, to, policy.pinnedEdition),
    routes: isClosed ? transitionPaths(vnet.kind, from, to, policy.pinnedEdition) : [],
  }
}

function alternativesOf(
  vnet: PlanTransition['vnet'],
  from: TypeKey,
  to: TypeKey,
  pinned: string | null,
): PlanTransition['alternatives'] {
  return TYPE_KEYS.filter((key) => key !== to)
    .map((target) => ({ target, support: supportOf(vnet, from, target, pinned) }))
    .filter(({ support }) => support === 'supported' || support === 'disputed')
}
