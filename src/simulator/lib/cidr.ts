import { isIP, isIPv6 } from 'node:net'

/** A block of addresses as an interval of numbers; `isAligned` says that its address is the first one of the block. */
export interface Block {
  family: 4 | 6
  first: bigint
  last: bigint
  isAligned: boolean
}

/** The block that a CIDR names; undefined for any other text. */
export function parseCidr(text: string): Block | undefined {
  const [address = '', length = '', ...rest] = text.split('/')
  const family = isIP(address) as 0 | 4 | 6
  const bits = family === 6 ? 128 : 32
  if (family === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length) || Number(length) > bits) return undefined
  const size = 1n << BigInt(bits - Number(length))
  const value = toNumber(address)
  const first = (value / size) * size
  return { family, first, last: first + size - 1n, isAligned: first === value }
}

/** True when every address of `inner` is in `outer`. */
export function contains(outer: Block, inner: Block): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last
}

/** True when two blocks share an address. */
export function overlaps(a: Block, b: Block): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last
}

function toNumber(address: string): bigint {
  if (!isIPv6(address)) return address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n)
  const [head = '', tail] = address.split('::')
  const groups = (part: string | undefined) => (part ? part.split(':') : [])
  const left = groups(head)
  const right = groups(tail)
  const zeros = tail === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group || '0'}`), 0n)
}
