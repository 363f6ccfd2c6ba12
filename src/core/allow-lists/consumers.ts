import type { ConsumerRequest } from '../target.ts'
import { type AddressRange, contains, rangeOf } from './address-range.ts'
import { goingIn, type MovingAddresses } from './moving-addresses.ts'
import type { Consumer } from './plan-allow-lists.ts'

/**
 * What each consumer has to do: drop what names only addresses that go for certain, add what comes. Who has
 * named no addresses is told all of ours.
 */
export function consumersToTell(requested: ConsumerRequest[], moving: MovingAddresses): Consumer[] {
  const lost = moving.going.filter(({ change }) => change === 'lost')
  return requested.map(({ name, contact, note, addresses }) => {
    const ranges = addresses.flatMap((text) => rangeOf({ cidr: text }) ?? [])
    return {
      name,
      contact,
      note,
      addresses,
      drop: addresses.length === 0 ? lost.map(({ address }) => address) : addresses.filter(isOf(lost)),
      add: moving.coming
        .filter(({ range }) => !ranges.some((each) => contains(each, range)))
        .map(({ address }) => address),
      addLater: moving.comingLater[4] + moving.comingLater[6],
    }
  })
}

/** Whether any of what they know of us goes, or may go: only then is there something to tell. */
export function isConcerned({ addresses }: Consumer, moving: MovingAddresses): boolean {
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
    return range !== null && lost.some((each) => contains(each.range, range))
  }
}
