import type { PlanningContext } from '../planning-context.ts'
import { consumersToTell } from './consumers.ts'
import { allowListImpacts } from './impacts.ts'
import { type MovingAddresses, movingAddresses, NOTHING_MOVES } from './moving-addresses.ts'
import type { AllowListsPlan } from './plan-allow-lists.ts'

type Change = Pick<
  PlanningContext,
  'snapshot' | 'request' | 'ledger' | 'released' | 'after' | 'isNoChange' | 'transition'
>

/**
 * Who elsewhere names addresses that this change takes away. Where nobody has looked, the coverage says so;
 * a change that cannot or need not be made takes nothing away.
 */
export function allowListsPlan(context: Change): AllowListsPlan {
  const facts = context.snapshot.surroundings?.allowLists
  const moving = movingOf(context)
  return {
    coverage: {
      complete: facts !== undefined && facts.unread.length === 0,
      searched: facts?.searched ?? [],
      unread: facts?.unread ?? [],
    },
    impacts: allowListImpacts(facts?.resources ?? [], moving, context.snapshot.cluster.id),
    consumers: consumersToTell(context.request.consumers ?? [], moving),
  }
}

/** The addresses that come and go when the plan is carried out. */
export function movingOf({ ledger, released, after, isNoChange, transition }: Change): MovingAddresses {
  const isChange = !isNoChange && transition !== null && transition.support !== 'unsupported'
  return isChange ? movingAddresses(ledger, after, released) : NOTHING_MOVES
}
