import type { EditionVerdict, Support, Transition } from '../../contract/outbound-type.ts'
import { TYPE_KEYS, type TypeKey, VNET_KINDS, type VnetKind } from '../../contract/outbound-type.ts'

import { EDITIONS, type Edition } from './editions.ts'

/**
 * The support of one pair. Executable is what the oldest edition (the one this service is made for)
 * supports, or, where that edition does not know one of the types, what the newest supports. Where the
 * two disagree the pair is `disputed`: executed only when the caller says so.
 * With `pinned`, that edition alone decides.
 */
export function transition(vnet: VnetKind, from: TypeKey, to: TypeKey, pinned: string | null): Transition {
  const support = supportOf(vnet, from, to, pinned)
  return {
    vnet,
    from,
    to,
    support,
    editions: EDITIONS.map((entry) => ({ edition: entry.edition, verdict: entry.verdict(vnet, from, to) })),
    reversible: from !== to && supportOf(vnet, to, from, pinned) === 'supported',
    reason: reasonOf(vnet, from, to, support, pinned),
  }
}

/** Every ordered pair of types, the same type included, for both VNet kinds. */
export function transitionTable(pinned: string | null): Transition[] {
  return VNET_KINDS.flatMap((vnet) =>
    TYPE_KEYS.flatMap((from) => TYPE_KEYS.map((to) => transition(vnet, from, to, pinned))),
  )
}

/** The support alone, for graph searches and lists. */
export function supportOf(vnet: VnetKind, from: TypeKey, to: TypeKey, pinned: string | null): Support {
  if (from === to) return 'sameType'
  const editions = consulted(vnet, from, to, pinned)
  const verdicts = editions.map((entry) => entry.verdict(vnet, from, to) === 'Supported')
  if (!verdicts.some(Boolean)) return 'unsupported'
  return verdicts.every(Boolean) ? 'supported' : 'disputed'
}

/** An edition that does not know one of the types has no say, unless it is the newest. */
function consulted(vnet: VnetKind, from: TypeKey, to: TypeKey, pinned: string | null): Edition[] {
  if (pinned !== null) return EDITIONS.filter((entry) => entry.edition === pinned)
  const newest = EDITIONS.at(-1)
  return EDITIONS.filter((entry) => entry === newest || (entry.knows(vnet, from) && entry.knows(vnet, to)))
}

function reasonOf(
  vnet: VnetKind,
  from: TypeKey,
  to: TypeKey,
  support: Support,
  pinned: string | null,
): string {
  if (support === 'sameType')
    return 'The cluster has this outbound type already; only its parameters can change.'
  const said = consulted(vnet, from, to, pinned)
    .map((entry) => `edition ${entry.edition} ${verdictLabel(entry.verdict(vnet, from, to))}`)
    .join(', ')
  const where = vnet === 'managed' ? 'an AKS-managed VNet' : "the user's own VNet"
  const lead = { supported: 'Supported', disputed: 'The editions disagree', unsupported: 'Not supported' }[
    support
  ]
  return `${lead} from ${from} to ${to} in ${where}: ${said}.${needs(vnet, to)}${support === 'unsupported' ? contradicted(vnet, from, to) : ''}`
}

function verdictLabel(verdict: EditionVerdict): string {
  if (verdict === 'absent') return 'does not list the pair'
  return verdict === 'Supported' ? 'says Supported' : 'says Not Supported'
}

/** Why a whole column is closed in a VNet kind (egress-outboundtype, nat-gateway, concepts-network-isolated). */
function needs(vnet: VnetKind, to: TypeKey): string {
  if (vnet === 'managed' && (to === 'userAssignedNATGateway' || to === 'userDefinedRouting'))
    return ` ${to} needs a VNet of the user's own, and a cluster cannot be moved to another VNet.`
  if (vnet === 'byo' && (to === 'managedNATGateway' || to === 'managedNATGatewayV2' || to === 'block'))
    return ` ${to} is only for clusters in an AKS-managed VNet.`
  return ''
}

/** What another page of Microsoft's says against a closed pair; the matrix decides all the same. */
function contradicted(vnet: VnetKind, from: TypeKey, to: TypeKey): string {
  if (vnet !== 'managed') return ''
  if (from === 'managedNATGatewayV2' && (to === 'none' || to === 'block'))
    return ' The AKS release notes of 2026-05-29 say that it is allowed; try it on a throw-away cluster before you believe them.'
  if (from === 'managedNATGateway' && to === 'userDefinedRouting')
    return ' The page of the matrix still shows a command for it, which its own tables deny.'
  return ''
}

/** The longest way over other types that is worth showing: each hop is an outage of its own. */
const MAX_HOPS = 3

/**
 * Every shortest way from one type to another over supported (undisputed) pairs, each as the list of
 * types with both ends. Empty when there is none within three hops. On paper only: each hop has its own
 * preconditions.
 */
export function transitionPaths(
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
