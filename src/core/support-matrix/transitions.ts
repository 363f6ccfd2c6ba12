import type { EditionVerdict, Support, Transition } from '../../contract/outbound-type.ts'
import { TYPE_KEYS, type TypeKey, VNET_KINDS, type VnetKind } from '../../contract/outbound-type.ts'
import { memoizeWords } from '../lib/memoize.ts'
import { EDITIONS, type Edition, STATEMENTS } from './editions.ts'

/**
 * The support of one pair. The newest edition decides, together with every older edition and every statement that lists
 * the pair. If they disagree, the pair is `disputed`, and executing the change requires acknowledgement. With `pinned`,
 * only that edition counts.
 */
export const transition = memoizeWords(
  (vnet: VnetKind, from: TypeKey, to: TypeKey, pinned: string | null): Transition => {
    const support = supportOf(vnet, from, to, pinned)
    return {
      vnet,
      from,
      to,
      support,
      editions: [...EDITIONS, ...statementsOn(vnet, from, to)].map((entry) => ({
        edition: entry.edition,
        verdict: entry.verdict(vnet, from, to),
      })),
      reversible: from !== to && supportOf(vnet, to, from, pinned) === 'supported',
      reason: reasonOf(vnet, from, to, support, pinned),
    }
  },
)

/** Every ordered pair of types, the same type included, for both VNet kinds. */
export function transitionTable(pinned: string | null): Transition[] {
  return VNET_KINDS.flatMap((vnet) =>
    TYPE_KEYS.flatMap((from) => TYPE_KEYS.map((to) => transition(vnet, from, to, pinned))),
  )
}

/** The support alone, for graph searches and lists. */
export const supportOf = memoizeWords(
  (vnet: VnetKind, from: TypeKey, to: TypeKey, pinned: string | null): Support => {
    if (from === to) return 'sameType'
    const editions = consulted(vnet, from, to, pinned)
    const verdicts = editions.map((entry) => entry.verdict(vnet, from, to) === 'Supported')
    if (!verdicts.some(Boolean)) return 'unsupported'
    return verdicts.every(Boolean) ? 'supported' : 'disputed'
  },
)

/** An edition that does not list the pair does not count, unless it is the newest. */
function consulted(vnet: VnetKind, from: TypeKey, to: TypeKey, pinned: string | null): Edition[] {
  if (pinned !== null) return EDITIONS.filter((entry) => entry.edition === pinned)
  const newest = EDITIONS.at(-1)
  const editions = EDITIONS.filter((entry) => entry === newest || entry.verdict(vnet, from, to) !== 'absent')
  return [...editions, ...statementsOn(vnet, from, to)]
}

function statementsOn(vnet: VnetKind, from: TypeKey, to: TypeKey): Edition[] {
  return STATEMENTS.filter((entry) => entry.verdict(vnet, from, to) !== 'absent')
}

function reasonOf(
  vnet: VnetKind,
  from: TypeKey,
  to: TypeKey,
  support: Support,
  pinned: string | null,
): string {
  if (support === 'sameType')
    return 'The cluster already has this outbound type, so a plan can change only the parameters of this type.'
  const said = consulted(vnet, from, to, pinned)
    .map(
      (entry) =>
        `${EDITIONS.includes(entry) ? 'support matrix of ' : 'AKS '}${entry.edition}: ${verdictLabel(entry.verdict(vnet, from, to))}`,
    )
    .join(', ')
  const where = vnet === 'managed' ? 'an AKS-managed VNet' : 'a customer-managed VNet'
  const lead = {
    supported: 'AKS supports',
    disputed: 'Sources disagree on whether AKS supports',
    unsupported: 'AKS does not support',
  }[support]
  return `${lead} the change from ${from} to ${to} in ${where} (${said}).${needs(vnet, to)}${support === 'unsupported' ? contradicted(vnet, from, to) : ''}`
}

function verdictLabel(verdict: EditionVerdict): string {
  if (verdict === 'absent') return 'not listed'
  return verdict === 'Supported' ? 'Supported' : 'Not Supported'
}

/**
 * The requirement of a target type that a VNet kind does not meet (egress-outboundtype, nat-gateway,
 * concepts-network-isolated).
 */
function needs(vnet: VnetKind, to: TypeKey): string {
  if (vnet === 'managed' && (to === 'userAssignedNATGateway' || to === 'userDefinedRouting'))
    return ` ${to} requires a customer-managed VNet, and a cluster cannot be moved to another VNet.`
  if (vnet === 'byo' && (to === 'managedNATGateway' || to === 'managedNATGatewayV2' || to === 'block'))
    return ` ${to} requires an AKS-managed VNet.`
  return ''
}

/** A statement of another Microsoft page that contradicts an unsupported pair. The matrix takes precedence. */
function contradicted(vnet: VnetKind, from: TypeKey, to: TypeKey): string {
  if (vnet === 'managed' && from === 'managedNATGateway' && to === 'userDefinedRouting')
    return ' The page with the matrix still shows a command for this change, which contradicts the tables on that page.'
  return ''
}

/** The maximum number of hops, because each hop causes an outage. */
const MAX_HOPS = 3

/**
 * The shortest paths from one type to another over supported (undisputed) pairs, each as the list of types with both
 * ends. Empty if there is none within three hops. The paths are theoretical, because each hop has its own
 * prerequisites.
 */
export const transitionPaths = memoizeWords(
  (vnet: VnetKind, from: TypeKey, to: TypeKey, pinned: string | null): TypeKey[][] => {
    let frontier: TypeKey[][] = [[from]]
    for (let hop = 1; hop <= MAX_HOPS; hop++) {
      frontier = frontier.flatMap((path) => extend(vnet, path, pinned))
      const arrived = frontier.filter((path) => path.at(-1) === to)
      if (arrived.length > 0) return arrived
    }
    return []
  },
)

function extend(vnet: VnetKind, path: TypeKey[], pinned: string | null): TypeKey[][] {
  const last = path.at(-1)
  if (last === undefined) return []
  return TYPE_KEYS.filter(
    (next) => !path.includes(next) && supportOf(vnet, last, next, pinned) === 'supported',
  ).map((next) => [...path, next])
}
