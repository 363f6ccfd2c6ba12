import type { EffectivePath } from '../../contract/egress.ts'
import { namesOf } from '../arm/resource-id.ts'
import type { PathPair } from '../context/path-pairs.ts'
import { addressKey, type EgressAddress, isUnknown } from '../egress/addresses.ts'
import { pathLabel } from '../egress/path-labels.ts'
import type { EgressPath } from '../egress/paths.ts'
import { named } from '../lib/text.ts'

/** The packets to one destination that has a separate route, with their paths before and after the change. */
export type ExceptionMove = {
  destination: string
  before: EffectivePath
  after: EffectivePath
  /** What differs if both paths are of one kind. Default: the source addresses. */
  differs?: 'carrier' | 'moreAddresses' | 'fewerAddresses'
  family?: 'IPv6'
  /** The subnets of the packets, if packets from other subnets to this destination do not move, or move elsewhere. */
  subnets?: string[]
}

/** The moves of these pairs, each once. `pairs` also contains the packets that do not move. */
export function exceptionMovesOf(moved: PathPair[], pairs: PathPair[]): ExceptionMove[] {
  const groups = new Map<string, { move: ExceptionMove; members: PathPair[] }>()
  for (const pair of moved) {
    const move = toMove(pair)
    const key = JSON.stringify(move)
    const { members } = groups.get(key) ?? { members: [] }
    groups.set(key, { move, members: [...members, pair] })
  }
  return [...groups.values()].map(({ move, members }) => {
    const isSameClass = ({ before }: PathPair) =>
      before.destination === move.destination && before.family === (move.family ?? 'IPv4')
    const isOnly = pairs.filter(isSameClass).length === members.length
    return isOnly ? move : { ...move, subnets: namesOf(members.map(({ subnet }) => subnet)) }
  })
}

function toMove({ before, after }: PathPair): ExceptionMove {
  const move = { destination: before.destination, before: usedPath(before), after: usedPath(after) }
  const differs = move.before === move.after ? differenceOf(before, after) : undefined
  return {
    ...move,
    ...(differs === undefined ? {} : { differs }),
    ...(before.family === 'IPv6' ? { family: before.family } : {}),
  }
}

/** On a path without egress, only the public IPs of nodes are source addresses: pools without them have none. */
function usedPath({ path, addresses }: EgressPath): EffectivePath {
  return path === 'none' && addresses.length > 0 ? 'instancePublicIp' : path
}

function differenceOf(before: EgressPath, after: EgressPath): ExceptionMove['differs'] {
  if (isOtherCarrier(before, after)) return 'carrier'
  if (gainedOnPath({ before, after }).length === 0) return 'fewerAddresses'
  const kept = keysOf(after.addresses.filter(({ isUndecided }) => isUndecided !== true))
  return before.addresses.every((address) => kept.has(addressKey(address))) ? 'moreAddresses' : undefined
}

/** Whether none of the appliances or gateways carries the packets before and after the change. */
function isOtherCarrier(before: EgressPath, after: EgressPath): boolean {
  if (after.path !== 'virtualAppliance' && after.path !== 'natGateway') return false
  const carriers = (via: string | null) => (via ?? '').toLowerCase().split(', ')
  const later = new Set(carriers(after.via))
  if (carriers(before.via).some((carrier) => later.has(carrier))) return false
  const kept = keysOf(after.addresses.filter((address) => !isUnknown(address)))
  return (
    after.path === 'virtualAppliance' || !before.addresses.some((address) => kept.has(addressKey(address)))
  )
}

function keysOf(addresses: EgressAddress[]): Set<string> {
  return new Set(addresses.map(addressKey))
}

/** The source addresses that the packets get. Addresses of another carrier are others, even if they are unknown. */
export function gainedOnPath({ before, after }: Pick<PathPair, 'before' | 'after'>): EgressAddress[] {
  const former = keysOf(before.addresses)
  const isElsewhere = before.path !== after.path || isOtherCarrier(before, after)
  return after.addresses.filter(
    (address) => !former.has(addressKey(address)) || (isElsewhere && isUnknown(address)),
  )
}

/** The move as a clause. */
export function moveClause({ destination, before, after, differs, family, subnets }: ExceptionMove): string {
  const origin = subnets === undefined ? '' : ` from ${named('subnet', subnets)}`
  const packets = `${family === undefined ? '' : `${family} `}packets${origin} to \`${destination}\``
  if (before === after) {
    const label = pathLabel(after)
    if (differs === 'carrier') return `${packets} leave through ${label.replace(/^an? /, 'another ')}`
    return `${packets} leave through ${label} as before, with ${ADDRESSES[differs ?? 'otherAddresses']}`
  }
  if (after === 'none') return `${packets} lose their egress path through ${pathLabel(before)}`
  if (before === 'none') return `${packets} get an egress path through ${pathLabel(after)}`
  if (after === 'unknown') return `${packets} may no longer leave through ${pathLabel(before)}`
  if (before === 'unknown') return `${packets} leave through ${pathLabel(after)}`
  return `${packets} leave through ${pathLabel(after)} instead of ${pathLabel(before)}`
}

const ADDRESSES = {
  otherAddresses: 'other source addresses',
  moreAddresses: 'additional source addresses',
  fewerAddresses: 'fewer source addresses',
}
