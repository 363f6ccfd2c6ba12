import { type PlanTransition, TYPE_KEYS, type TypeKey } from '../../contract/outbound-type.ts'
import type { PlanFrom } from '../../contract/target.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { declaredType } from '../snapshot/network-profile.ts'
import { supportOf, transitionPaths } from '../support-matrix/transitions.ts'
import { addressesOf } from '../target/egress-profile.ts'

/** The egress before the change, as a shape of the contract. */
export function planFrom({ snapshot: { cluster }, effective }: PlanningContext): PlanFrom {
  const { loadBalancerProfile: balancer, natGatewayProfile: gateway } = cluster
  return {
    ...declaredType(cluster),
    effective: effective.before,
    loadBalancer: balancer && {
      ...addressesOf(balancer),
      allocatedOutboundPorts: balancer.allocatedOutboundPorts,
      idleTimeoutInMinutes: balancer.idleTimeoutInMinutes,
    },
    natGateway: gateway && { ...addressesOf(gateway), idleTimeoutInMinutes: gateway.idleTimeoutInMinutes },
  }
}

/** The verdict of the support matrix, and the supported targets if it does not allow the change. */
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
      reason: `The AKS support matrix does not list the outbound type ${String(snapshot.cluster.outboundType)}.`,
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
