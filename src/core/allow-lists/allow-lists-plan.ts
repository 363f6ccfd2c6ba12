import type { AllowListImpact, AllowListsPlan, Consumer, LostAddress } from '../../contract/allow-lists.ts'
import type { EgressIpChange } from '../../contract/egress.ts'
import type { ConsumerRequest } from '../../contract/plan-request.ts'
import { idKey } from '../arm/resource-id.ts'
import type { EgressAddress } from '../egress/addresses.ts'
import type { ProjectedEgress } from '../egress/projected-egress.ts'
import { type GatewayPrefix, lostPrefix } from '../egress/static-gateway.ts'
import type { AllowListEntry, AllowListResource } from '../snapshot/allow-list-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type AddressRange, contains, isEverything, overlaps, rangeOf } from './address-range.ts'
import { ineffectiveRules } from './ineffective-rules.ts'

/** The addresses that a change adds and removes, prepared for comparison. */
interface MovingAddresses {
  /** Addresses that are lost or may be lost. Unused addresses need no replacement. */
  going: (LostAddress & { range: AddressRange; isUsed: boolean })[]
  coming: { address: string; range: AddressRange }[]
  /** How many added addresses are unknown at plan time, by family. A family is also listed if even the number is unknown. */
  comingLater: { 4: number; 6: number }
}

/**
 * The ledger in the form that allow lists need. An address that AKS may keep is not new, so it is not added. An address
 * that AKS releases is removed, even if no packet used it.
 */
export function findMovingAddresses(
  ledger: EgressIpChange[],
  after: ProjectedEgress,
  released: EgressAddress[] = [],
): MovingAddresses {
  const going = ledger.flatMap(({ address, ...row }) => {
    const change = fateInLists(row)
    return change === null ? [] : ranged(address).map((item) => ({ ...item, change, isUsed: true }))
  })
  const unused = released
    .flatMap(({ address }) => ranged(address))
    .map((item) => ({ ...item, change: 'lost' as const, isUsed: false }))
  return {
    going: [...going, ...unused],
    coming: ledger.flatMap(({ address, change }) => (change === 'added' ? ranged(address) : [])),
    comingLater: {
      4: after.created.IPv4 + after.prepared.length + (after.unknowable ? 1 : 0),
      6: after.created.IPv6,
    },
  }
}

/** Whether a list can lose an address: never certainly, if other resources may use it. Null if it stays in use. */
export function fateInLists({
  change,
  isShared,
}: Pick<EgressIpChange, 'change' | 'isShared'>): LostAddress['change'] | null {
  if (change !== 'lost' && change !== 'unknown') return null
  return isShared === true ? 'unknown' : change
}

/** The result if nothing changes. */
const NOTHING_MOVES: MovingAddresses = { going: [], coming: [], comingLater: { 4: 0, 6: 0 } }

/** The removed addresses that overlap a range: a list may contain only a part of a prefix of the cluster. */
function goingIn(range: AddressRange, { going }: MovingAddresses): MovingAddresses['going'] {
  return going.filter((address) => overlaps(range, address.range))
}

function ranged(address: string | null): { address: string; range: AddressRange }[] {
  const range = address === null ? null : rangeOf({ cidr: address })
  return address === null || range === null ? [] : [{ address, range }]
}

/**
 * What each consumer must do: remove entries that name only addresses that are certain to be removed, and add the new
 * addresses. A consumer that names no addresses gets all addresses of the cluster.
 */
function consumersToNotify(requested: ConsumerRequest[], moving: MovingAddresses): Consumer[] {
  const lost = moving.going.filter(({ change }) => change === 'lost')
  return requested.map(({ name, contact = null, note = null, addresses = [] }) => {
    const ranges = addresses.flatMap((text) => rangeOf({ cidr: text }) ?? [])
    return {
      name,
      contact,
      note,
      addresses,
      drop: addresses.length === 0 ? lost.map(({ address }) => address) : addresses.filter(isOf(lost)),
      add: moving.coming
        .filter(({ range }) => !ranges.some((item) => contains(item, range)))
        .map(({ address }) => address),
      addLater: moving.comingLater[4] + moving.comingLater[6],
    }
  })
}

/** Whether an address that the consumer knows is or may be removed. Only then must the consumer be informed. */
export function isAffected({ addresses }: Consumer, moving: MovingAddresses): boolean {
  if (moving.going.length === 0) return false
  if (addresses.length === 0) return true
  return addresses.some((text) => {
    const range = rangeOf({ cidr: text })
    return range !== null && goingIn(range, moving).length > 0
  })
}

function isOf(lost: { range: AddressRange }[]): (text: string) => boolean {
  return (text) => {
    const range = rangeOf({ cidr: text })
    return range !== null && lost.some((item) => contains(item.range, range))
  }
}

interface Entry extends AllowListEntry {
  range: AddressRange
}

/**
 * The entries that contain a lost address. Ranges are compared, not text. A wider range counts; an entry for the whole
 * internet does not, because it identifies no address. The ranges of the cluster itself are in `authorizedRanges` of
 * the plan.
 */
export function allowListImpacts(
  resources: AllowListResource[],
  moving: MovingAddresses,
  ownId: string,
  ineffectiveIn: (resource: AllowListResource) => AllowListImpact['ineffective'] = () => null,
): AllowListImpact[] {
  if (moving.going.length === 0) return []
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
  const going = isEverything(entry.range) ? [] : goingIn(entry.range, moving)
  if (going.length === 0) return []
  const { place, rule, text, effect, inForce, range } = entry
  const isIgnored = ineffective?.forAll === true
  const needsMore = effect !== 'deny' && !isIgnored && going.some((address) => address.isUsed)
  const isOursAlone = going.some((address) => address.change === 'lost' && contains(address.range, range))
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
      covers: going.map(({ address, change }) => ({ address, change })),
      add: needsMore
        ? missingIn(
            entries.filter((item) => isSameList(item, entry)),
            range,
            moving,
          )
        : [],
      addLater: needsMore ? moving.comingLater[range.version] : 0,
      removeLater: isOursAlone ? [text] : [],
    },
  ]
}

/** New addresses of the entry's family that no entry of its list names yet. */
function missingIn(list: Entry[], { version }: AddressRange, { coming }: MovingAddresses): string[] {
  return coming
    .filter(({ range }) => range.version === version && !list.some((entry) => contains(entry.range, range)))
    .map(({ address }) => address)
}

/** One list is a set of sibling entries, such as the firewall rules of a server or the values of one condition. */
function isSameList(left: Entry, right: Entry): boolean {
  return left.effect === right.effect && listPlace(left) === listPlace(right)
}

function listPlace({ place }: Entry): string {
  return place.slice(0, place.lastIndexOf('/'))
}

/** The facts of a change that matter for allow lists. */
export interface AddressesChange {
  ledger: EgressIpChange[]
  after: ProjectedEgress
  released: EgressAddress[]
  overriddenPrefixes: GatewayPrefix[]
}

/**
 * The allow lists of other resources that contain addresses which this change removes; null if nothing changes. The
 * coverage names the lists that were not read.
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

/** The addresses that the plan adds and removes; none if nothing changes. */
export function movingOf(change: AddressesChange | null): MovingAddresses {
  if (change === null) return NOTHING_MOVES
  const { ledger, overriddenPrefixes, after, released } = change
  return findMovingAddresses([...ledger, ...overriddenPrefixes.map(lostPrefix)], after, released)
}
