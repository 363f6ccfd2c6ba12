import type { AllowListImpact, AllowListsPlan, Consumer, LostAddress } from '../../contract/allow-lists.ts'
import type { EgressIpChange } from '../../contract/egress.ts'
import type { ConsumerRequest } from '../../contract/plan-request.ts'
import { idKey } from '../arm/resource-id.ts'
import { type AddressMove, gainedAddresses } from '../egress/address-moves.ts'
import { addressKey, distinctAddresses, type EgressAddress, isUnknown } from '../egress/addresses.ts'
import type { ProjectedEgress } from '../egress/projected-egress.ts'
import { type OverriddenPrefix, prefixRow } from '../egress/static-gateway.ts'
import type { AllowListEntry, AllowListResource } from '../snapshot/allow-list-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type AddressRange, contains, isEverything, overlaps, rangeOf } from './address-range.ts'
import { ineffectiveRules } from './ineffective-rules.ts'

/** The facts of a change that matter for allow lists. */
export interface AddressesChange {
  ledger: EgressIpChange[]
  after: ProjectedEgress
  released: EgressAddress[]
  overriddenPrefixes: OverriddenPrefix[]
  moves: AddressMove[]
}

interface Ranged {
  address: string
  range: AddressRange
}

/** The addresses of a change, prepared for comparison. */
export interface MovingAddresses {
  /** Addresses that are lost or may be lost. */
  going: (LostAddress & Ranged)[]
  /** Addresses that the cluster uses or may use after the change. */
  staying: Ranged[]
  /** Current addresses. */
  present: Ranged[]
  moves: (AddressMove & { from: (Ranged & { source: EgressAddress })[] })[]
}

/** The result if nothing changes. */
const NOTHING_MOVES: MovingAddresses = { going: [], staying: [], present: [], moves: [] }

/** The changing addresses in the form that allow lists need. An address that AKS releases is removed, even if no packet used it. */
export function movingOf(change: AddressesChange | null): MovingAddresses {
  if (change === null) return NOTHING_MOVES
  const { overriddenPrefixes, after, released, moves } = change
  const prefixes = overriddenPrefixes.map(prefixRow)
  const ledger = [...change.ledger, ...prefixes]
  const going = ledger.flatMap(({ address, ...row }) => {
    const fate = fateInLists(row)
    return fate === null ? [] : ranged(address).map((item) => ({ ...item, change: fate }))
  })
  const unused = released
    .flatMap(({ address }) => ranged(address))
    .map((item) => ({ ...item, change: 'lost' as const }))
  return {
    going: [...going, ...unused],
    staying: [...after.known, ...after.undecided, ...prefixes.filter(isKept)].flatMap(({ address }) =>
      ranged(address),
    ),
    present: ledger.flatMap((row) => (row.change === 'added' ? [] : ranged(row.address))),
    moves: moves.map((move) => ({
      ...move,
      from: move.before.flatMap((source) => ranged(source.address).map((item) => ({ ...item, source }))),
    })),
  }
}

function isKept({ change }: EgressIpChange): boolean {
  return change === 'kept'
}

/** Whether a list can lose an address: never certainly, if other resources may use it. Null if it stays in use. */
export function fateInLists({
  change,
  isShared,
}: Pick<EgressIpChange, 'change' | 'isShared'>): 'lost' | 'unknown' | null {
  if (change !== 'lost' && change !== 'unknown') return null
  return isShared === true ? 'unknown' : change
}

/** The addresses that overlap a range: a list may contain only a part of a prefix of the cluster. */
function within<T extends Ranged>(range: AddressRange, addresses: T[]): T[] {
  return addresses.filter((address) => overlaps(range, address.range))
}

function ranged(address: string | null): Ranged[] {
  const range = address === null ? null : rangeOf({ cidr: address })
  return address === null || range === null ? [] : [{ address, range }]
}

/** What replaces or joins the addresses in a range as the source of the same packets. */
function gainsOf(range: AddressRange, { moves }: MovingAddresses): EgressAddress[] {
  return distinctAddresses(
    moves.flatMap((move) => within(range, move.from).flatMap(({ source }) => gainedAddresses(move, source))),
  )
}

/** The new addresses that exist, and the minimum number of those that are unknown at plan time. */
function toAdd(gains: EgressAddress[], allowed: AddressRange[]): Pick<Consumer, 'add' | 'addLater'> {
  const known = gains
    .filter(({ isUndecided }) => isUndecided !== true)
    .flatMap(({ address }) => ranged(address))
  const created = gains.reduce((sum, item) => sum + (item.created ?? 0), 0)
  const prepared = gains.filter(({ planned }) => planned !== undefined).length
  return {
    add: known
      .filter(({ range }) => !allowed.some((entry) => contains(entry, range)))
      .map(({ address }) => address),
    addLater: created + prepared + (gains.some(isUnknown) ? 1 : 0),
  }
}

/** Whether a range contains only addresses that are certain to be lost, and none that the cluster uses afterwards. */
function isLost(range: AddressRange, { going, staying }: MovingAddresses): boolean {
  const isGone = going.some((item) => item.change === 'lost' && contains(item.range, range))
  return isGone && within(range, staying).length === 0
}

/**
 * What each consumer must do: remove entries that name only addresses that are certain to be removed, and add the new
 * addresses of its traffic. A consumer that names no addresses of the cluster gets all new addresses.
 */
function consumersToNotify(requested: ConsumerRequest[], moving: MovingAddresses): Consumer[] {
  return requested.map(({ name, contact = null, note = null, addresses = [] }) => {
    const ranges = addresses.flatMap((text) => rangeOf({ cidr: text }) ?? [])
    const lost = moving.going.filter(({ range }) => isLost(range, moving)).map(({ address }) => address)
    return {
      name,
      contact,
      note,
      addresses,
      drop: addresses.length === 0 ? lost : addresses.filter((text) => isLostEntry(text, moving)),
      ...toAdd(gainsOfConsumer(ranges, moving), ranges),
    }
  })
}

function isLostEntry(text: string, moving: MovingAddresses): boolean {
  const range = rangeOf({ cidr: text })
  return range !== null && isLost(range, moving)
}

/**
 * Traffic from addresses that ARM does not show may be traffic to any consumer. A consumer that lists only known
 * addresses does not receive it. A consumer that lists a known address receives no traffic that has no path before the change.
 */
function gainsOfConsumer(ranges: AddressRange[], moving: MovingAddresses): EgressAddress[] {
  const isIdentified = ranges.some((range) => within(range, moving.present).length > 0)
  const isKnown =
    isIdentified && ranges.every((range) => moving.present.some((item) => contains(item.range, range)))
  const others = moving.moves.filter(({ before }) => !isKnown && (!isIdentified || before.some(isUnknown)))
  return distinctAddresses([
    ...ranges.flatMap((range) => gainsOf(range, moving)),
    ...others.flatMap((move) => gainedAddresses(move)),
  ])
}

/** Whether the consumer allows an address that the cluster loses or may lose, or that some traffic no longer uses. */
export function allowsFormerAddress({ addresses }: Consumer, { going, moves }: MovingAddresses): boolean {
  const isReplaced = (range: AddressRange) =>
    moves.some((move) => within(range, move.from).some(({ source }) => isReplacedBy(move, source)))
  if (addresses.length === 0) return going.length > 0 || moves.some(replacesAny)
  return addresses.some((text) => {
    const range = rangeOf({ cidr: text })
    return range !== null && (within(range, going).length > 0 || isReplaced(range))
  })
}

function replacesAny(move: AddressMove): boolean {
  return move.before.some((source) => isReplacedBy(move, source))
}

function isReplacedBy({ after }: AddressMove, source: EgressAddress): boolean {
  return !after.some((address) => addressKey(address) === addressKey(source))
}

/** Whether the consumer knows an address that is or may be removed, or from which traffic moves. Only then must it be informed. */
export function isAffected({ addresses, add, addLater }: Consumer, moving: MovingAddresses): boolean {
  if (addresses.length === 0) return moving.going.length > 0 || add.length + addLater > 0
  return addresses.some((text) => {
    const range = rangeOf({ cidr: text })
    if (range === null) return false
    const isMoved = within(range, moving.present).length > 0 && add.length + addLater > 0
    return isMoved || within(range, moving.going).length > 0
  })
}

interface Entry extends AllowListEntry {
  range: AddressRange
}

/**
 * The entries that contain an address that is lost, or from which packets move. Ranges are compared, not text. A wider
 * range counts; an entry for the whole internet does not, because it identifies no address. The ranges of the cluster
 * itself are in `authorizedRanges` of the plan.
 */
export function allowListImpacts(
  resources: AllowListResource[],
  moving: MovingAddresses,
  ownId: string,
  ineffectiveIn: (resource: AllowListResource) => AllowListImpact['ineffective'] = () => null,
): AllowListImpact[] {
  if (moving.going.length + moving.moves.length === 0) return []
  return resources
    .filter(({ id }) => idKey(id) !== idKey(ownId))
    .flatMap((resource) => {
      const entries = resource.entries.flatMap(withRange)
      const ineffective = ineffectiveIn(resource)
      return entries.flatMap((entry) => impactOf({ ...resource, ineffective }, entry, entries, moving))
    })
}

function withRange(entry: AllowListEntry): Entry[] {
  const range = rangeOf(entry.block)
  return range === null ? [] : [{ ...entry, range }]
}

function impactOf(
  { id, type, ineffective }: AllowListResource & Pick<AllowListImpact, 'ineffective'>,
  entry: Entry,
  entries: Entry[],
  moving: MovingAddresses,
): AllowListImpact[] {
  const { place, rule, text, effect, inForce, range } = entry
  if (isEverything(range)) return []
  const going = within(range, moving.going)
  const needsMore = effect !== 'deny' && ineffective?.forAll !== true
  const gains = needsMore ? gainsOf(range, moving) : []
  const list = entries.filter((item) => isSameList(item, entry)).map((item) => item.range)
  const { add, addLater } = toAdd(gains, list)
  if (going.length === 0 && add.length + addLater === 0) return []
  const covers = [
    ...going.map(({ address, change }) => ({ address, change })),
    ...keptIn(range, moving).map((address) => ({ address, change: 'kept' as const })),
  ]
  const removeLater = isLost(range, moving) ? [text] : []
  return [
    {
      resourceId: id,
      type,
      place,
      rule,
      entry: text,
      effect,
      inForce,
      ineffective,
      covers,
      add,
      addLater,
      removeLater,
    },
  ]
}

/** The addresses in a range that stay in use although some of their packets move, or may also leave from other addresses. */
function keptIn(range: AddressRange, { going, moves }: MovingAddresses): string[] {
  const gone = new Set(going.map(({ address }) => address))
  const moved = moves.flatMap((move) =>
    within(range, move.from).filter(({ source }) => gainedAddresses(move, source).length > 0),
  )
  return [...new Set(moved.map(({ address }) => address))].filter((address) => !gone.has(address))
}

/** One list is a set of sibling entries, such as the firewall rules of a server or the values of one condition. */
function isSameList(left: Entry, right: Entry): boolean {
  return left.effect === right.effect && listPlace(left) === listPlace(right)
}

function listPlace({ place }: Entry): string {
  return place.slice(0, place.lastIndexOf('/'))
}

/**
 * The allow lists of other resources that contain addresses that this change removes, or from which it moves packets. The
 * change is null if nothing changes. The coverage names the lists that were not read.
 */
export function buildAllowListsPlan(
  snapshot: Snapshot,
  consumers: ConsumerRequest[],
  change: AddressesChange | null,
): AllowListsPlan {
  const { cluster, surroundings } = snapshot
  const facts = surroundings?.allowLists
  const moving = movingOf(change)
  return {
    coverage: {
      complete: facts !== undefined && facts.unread.length === 0,
      searched: facts?.searched ?? [],
      unread: facts?.unread ?? [],
    },
    impacts: allowListImpacts(facts?.resources ?? [], moving, cluster.id, (resource) =>
      change === null ? null : ineffectiveRules(resource, snapshot, change.after),
    ),
    consumers: consumersToNotify(consumers, moving),
  }
}
