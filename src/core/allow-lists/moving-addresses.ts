import type { AfterEgress } from '../after-egress.ts'
import type { EgressAddress } from '../egress-addresses.ts'
import type { EgressIpChange } from '../plan-egress.ts'
import { type AddressRange, overlaps, rangeOf } from './address-range.ts'
import type { LostAddress } from './plan-allow-lists.ts'

/** The addresses that come and go with a change, ready to be compared. */
export interface MovingAddresses {
  /** Lost, or possibly lost; those that nothing leaves by need no successor. */
  going: (LostAddress & { range: AddressRange; isUsed: boolean })[]
  coming: { address: string; range: AddressRange }[]
  /** How many come that nobody knows before, by family; one where not even the number is known. */
  comingLater: { 4: number; 6: number }
}

/**
 * The ledger as an allow-list sees it. What AKS may keep is not new to anyone, so it does not come; what it releases
 * although nothing left by it goes as well.
 */
export function movingAddresses(
  ledger: EgressIpChange[],
  after: AfterEgress,
  released: EgressAddress[] = [],
): MovingAddresses {
  const going = ledger.flatMap(({ address, change }) => {
    const isGoing = change === 'lost' || change === 'unknown'
    return isGoing ? ranged(address).map((each) => ({ ...each, change, isUsed: true })) : []
  })
  const unused = released
    .flatMap(({ address }) => ranged(address))
    .map((each) => ({ ...each, change: 'lost' as const, isUsed: false }))
  return {
    going: [...going, ...unused],
    coming: ledger.flatMap(({ address, change }) => (change === 'added' ? ranged(address) : [])),
    comingLater: {
      4: after.created.IPv4 + after.prepared.length + (after.unknowable ? 1 : 0),
      6: after.created.IPv6,
    },
  }
}

/** Where nothing is going to change. */
export const NOTHING_MOVES: MovingAddresses = { going: [], coming: [], comingLater: { 4: 0, 6: 0 } }

/** Those of the going addresses that a range touches: a list may name a part of a prefix of ours. */
export function goingIn(range: AddressRange, { going }: MovingAddresses): MovingAddresses['going'] {
  return going.filter((each) => overlaps(range, each.range))
}

function ranged(address: string | null): { address: string; range: AddressRange }[] {
  const range = address === null ? null : rangeOf({ cidr: address })
  return address === null || range === null ? [] : [{ address, range }]
}
