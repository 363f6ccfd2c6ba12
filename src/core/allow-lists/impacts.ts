import { idKey } from '../resource-id.ts'
import { type AddressRange, contains, isEverything, rangeOf } from './address-range.ts'
import type { AllowListEntry, AllowListResource } from './facts.ts'
import { goingIn, type MovingAddresses } from './moving-addresses.ts'
import type { AllowListImpact } from './plan-allow-lists.ts'

interface Entry extends AllowListEntry {
  range: AddressRange
}

/**
 * The entries that name an address which goes, by containment and never by text: wider ranges count, and an
 * entry for the whole internet does not, because it names nobody. The cluster's own ranges are the plan's
 * `authorizedRanges`.
 */
export function allowListImpacts(
  resources: AllowListResource[],
  moving: MovingAddresses,
  ownId: string,
): AllowListImpact[] {
  if (moving.going.length === 0) return []
  return resources
    .filter(({ id }) => idKey(id) !== idKey(ownId))
    .flatMap((resource) => {
      const entries = resource.entries.flatMap(withRange)
      return entries.flatMap((entry) => impactOf(resource, entry, entries, moving))
    })
}

function withRange(entry: AllowListEntry): Entry[] {
  const range = rangeOf(entry.block)
  return range === null ? [] : [{ ...entry, range }]
}

function impactOf(
  { id, type }: AllowListResource,
  entry: Entry,
  entries: Entry[],
  moving: MovingAddresses,
): AllowListImpact[] {
  const going = isEverything(entry.range) ? [] : goingIn(entry.range, moving)
  if (going.length === 0) return []
  const { place, rule, text, effect, inForce, range } = entry
  const needsMore = effect !== 'deny' && going.some((each) => each.isUsed)
  const isOursAlone = going.some((each) => each.change === 'lost' && contains(each.range, range))
  return [
    {
      resourceId: id,
      type,
      place,
      rule,
      entry: text,
      effect,
      inForce,
      covers: going.map(({ address, change }) => ({ address, change })),
      add: needsMore
        ? missingIn(
            entries.filter((each) => isSameList(each, entry)),
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
    .filter(({ range }) => range.version === version && !list.some((each) => contains(each.range, range)))
    .map(({ address }) => address)
}

/** One list is what stands side by side, such as the firewall rules of a server or the values of one condition. */
function isSameList(one: Entry, other: Entry): boolean {
  return one.effect === other.effect && listPlace(one) === listPlace(other)
}

function listPlace({ place }: Entry): string {
  return place.slice(0, place.lastIndexOf('/'))
}
