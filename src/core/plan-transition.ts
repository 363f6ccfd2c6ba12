import { TYPE_KEYS, type TypeKey } from './outbound-type.ts'
import type { PlanTransition, Support } from './plan.ts'
import type { PlanningContext } from './planning-context.ts'
import { routesBetween } from './routes-between.ts'
import { supportOf } from './transitions.ts'

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
      reason: `No edition knows the outbound type ${String(snapshot.cluster.outboundType)}.`,
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
    routes: isClosed ? routesBetween(vnet.kind, from, to, policy.pinnedEdition) : [],
  }
}

function alternativesOf(
  vnet: PlanTransition['vnet'],
  from: TypeKey,
  to: TypeKey,
  pinned: string | null,
): { target: TypeKey; support: Support }[] {
  return TYPE_KEYS.filter((key) => key !== to)
    .map((target) => ({ target, support: supportOf(vnet, from, target, pinned) }))
    .filter(({ support }) => support === 'supported' || support === 'disputed')
}
