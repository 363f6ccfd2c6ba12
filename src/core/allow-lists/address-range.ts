import { parseCidr } from 'cidr-tools'
import { isCidr } from '../lib/cidr.ts'
import type { AddressBlock } from '../snapshot/allow-list-facts.ts'

/** A block of addresses as numbers, both ends included. */
export interface AddressRange {
  version: 4 | 6
  start: bigint
  end: bigint
}

/** The block as numbers; null if it is no address, its ends have different families, or they are swapped. */
export function rangeOf(block: AddressBlock): AddressRange | null {
  if ('cidr' in block) return isCidr(block.cidr) ? numbersOf(block.cidr) : null
  const { first, last } = block
  if (!isAddress(first) || !isAddress(last)) return null
  const [start, end] = [numbersOf(first), numbersOf(last)]
  if (start.version !== end.version || end.end < start.start) return null
  return { version: start.version, start: start.start, end: end.end }
}

export function overlaps(left: AddressRange, right: AddressRange): boolean {
  return left.version === right.version && left.start <= right.end && right.start <= left.end
}

/** Whether two addresses or prefixes have an address in common; false if one of them is invalid. */
export function sharesAddress(left: string, right: string): boolean {
  const [one, other] = [rangeOf({ cidr: left }), rangeOf({ cidr: right })]
  return one !== null && other !== null && overlaps(one, other)
}

export function contains(outer: AddressRange, inner: AddressRange): boolean {
  return outer.version === inner.version && outer.start <= inner.start && inner.end <= outer.end
}

/** Whether the block is all of IPv4 or IPv6. Such an entry allows or denies everyone and identifies no address. */
export function isEverything({ version, start, end }: AddressRange): boolean {
  return start === 0n && end === (version === 4 ? 2n ** 32n : 2n ** 128n) - 1n
}

function isAddress(text: string): boolean {
  return isCidr(text) && !text.includes('/')
}

function numbersOf(text: string): AddressRange {
  const { version, start, end } = parseCidr(text)
  return { version, start, end }
}
