import { isIP } from 'node:net'

export type Family = 'IPv4' | 'IPv6'

/** A block of addresses. A single address is a block of full length. */
export interface Block {
  family: Family
  /** The first address, as a number. */
  start: bigint
  /** The prefix length. */
  length: number
}

const WIDTH = { IPv4: 32, IPv6: 128 } as const
/** Route tables repeat the same few texts. The limit only prevents unlimited growth in a long run. */
const MAX_CACHED = 50_000
const cache = new Map<string, Block | undefined>()

/** The block of an address or CIDR, host bits cleared; undefined for any other text, such as a service tag. */
export function parseBlock(text: string): Block | undefined {
  if (cache.has(text)) return cache.get(text)
  if (cache.size >= MAX_CACHED) cache.clear()
  const block = toBlock(text)
  cache.set(text, block)
  return block
}

function toBlock(text: string): Block | undefined {
  const [address = '', suffix] = text.trim().split('/')
  const version = isIP(address)
  if (version === 0) return undefined
  const family = version === 4 ? 'IPv4' : 'IPv6'
  const length = suffix === undefined ? WIDTH[family] : Number(suffix)
  if (!Number.isInteger(length) || length < 0 || length > WIDTH[family]) return undefined
  const host = BigInt(WIDTH[family] - length)
  const number = family === 'IPv4' ? ipv4Number(address) : ipv6Number(address)
  return { family, start: (number >> host) << host, length }
}

function ipv4Number(address: string): bigint {
  return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n)
}

function ipv6Number(address: string): bigint {
  const [head = '', tail] = address.split('::')
  const left = groupsOf(head)
  const right = groupsOf(tail ?? '')
  const zeros = new Array<bigint>(tail === undefined ? 0 : 8 - left.length - right.length).fill(0n)
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) + group, 0n)
}

function groupsOf(text: string): bigint[] {
  return text
    .split(':')
    .filter(Boolean)
    .flatMap((group) => {
      if (!group.includes('.')) return [BigInt(`0x${group}`)]
      const mapped = ipv4Number(group)
      return [mapped >> 16n, mapped & 0xffffn]
    })
}

/** True when every address of `inner` is in `outer`. */
export function containsBlock(outer: Block, inner: Block): boolean {
  if (outer.family !== inner.family || outer.length > inner.length) return false
  const host = BigInt(WIDTH[outer.family] - outer.length)
  return outer.start >> host === inner.start >> host
}

/** True when the blocks together contain every address of `block`. */
export function coversBlock(blocks: readonly Block[], block: Block): boolean {
  if (blocks.some((each) => containsBlock(each, block))) return true
  const parts = blocks.filter((each) => containsBlock(block, each))
  if (parts.length < 2) return false
  const length = block.length + 1
  const half = 1n << BigInt(WIDTH[block.family] - length)
  return [block.start, block.start + half].every((start) => coversBlock(parts, { ...block, start, length }))
}

/** The last address of a block. */
export function lastAddress(block: Block): Block {
  const width = WIDTH[block.family]
  return {
    ...block,
    start: block.start + (1n << BigInt(width - block.length)) - 1n,
    length: width,
  }
}

/** The first address of a block. */
export function firstAddress(block: Block): Block {
  return { ...block, length: WIDTH[block.family] }
}

/** The text of a single address, IPv6 without compression. */
export function formatAddress({ family, start }: Block): string {
  const [count, bits, separator] = family === 'IPv4' ? [4, 8n, '.'] : [8, 16n, ':']
  const parts = Array.from({ length: count }, (_, index) => {
    const part = (start >> (bits * BigInt(count - 1 - index))) & ((1n << bits) - 1n)
    return part.toString(family === 'IPv4' ? 10 : 16)
  })
  return parts.join(separator)
}
