import { TYPE_KEYS, type TypeKey, type VnetKind } from './outbound-type.ts'
import { supportOf } from './transitions.ts'

/** The longest way over other types that is worth showing: each hop is an outage of its own. */
const MAX_HOPS = 3

/**
 * Every shortest way from one type to another over supported (undisputed) pairs, each as the list of
 * types with both ends. Empty when there is none within three hops. On paper only: each hop has its own
 * preconditions (rulebook 11).
 */
export function routesBetween(
  vnet: VnetKind,
  from: TypeKey,
  to: TypeKey,
  pinned: string | null,
): TypeKey[][] {
  let frontier: TypeKey[][] = [[from]]
  for (let hop = 1; hop <= MAX_HOPS; hop++) {
    frontier = frontier.flatMap((path) => extend(vnet, path, pinned))
    const arrived = frontier.filter((path) => path.at(-1) === to)
    if (arrived.length > 0) return arrived
  }
  return []
}

function extend(vnet: VnetKind, path: TypeKey[], pinned: string | null): TypeKey[][] {
  const last = path.at(-1)
  if (last === undefined) return []
  return TYPE_KEYS.filter(
    (next) => !path.includes(next) && supportOf(vnet, last, next, pinned) === 'supported',
  ).map((next) => [...path, next])
}
