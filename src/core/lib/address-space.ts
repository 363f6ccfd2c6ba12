import { containsCidr, mergeCidr, overlapCidr } from 'cidr-tools'
import ipaddr from 'ipaddr.js'
import { isCidr, toCidr } from './cidr.ts'

/** Whether something is true: completely, possibly or partly, or not. */
export type Match = 'yes' | 'maybe' | 'no'

const ORDER: readonly Match[] = ['no', 'maybe', 'yes']

/** The weakest of several conditions that must all be true; `yes` without conditions. */
export function weakestMatch(matches: Match[]): Match {
  return ORDER.find((match) => matches.includes(match)) ?? 'yes'
}

/** The strongest of several conditions of which one is enough; `no` without conditions. */
export function strongestMatch(matches: Match[]): Match {
  return ORDER.toReversed().find((match) => matches.includes(match)) ?? 'no'
}

/**
 * Whether addresses as rules write them (`*`, an address, a CIDR, a range `a-b`) hold a whole CIDR together, or overlap
 * it. Any other text, such as a service tag, may contain any address.
 */
export function matchCidr(entries: string[], cidr: string): Match {
  if (entries.includes('*')) return 'yes'
  const cidrs = entries.flatMap((entry) => (isCidr(entry) ? [toCidr(entry)] : (rangeCidrs(entry) ?? [])))
  const sameFamily = cidrs.filter((item) => item.includes(':') === cidr.includes(':'))
  if (sameFamily.length > 0 && containsCidr(mergeCidr(sameFamily), cidr)) return 'yes'
  if (sameFamily.some((network) => overlapCidr(network, cidr))) return 'maybe'
  return entries.some((entry) => entry !== '' && !isCidr(entry) && rangeCidrs(entry) === null)
    ? 'maybe'
    : 'no'
}

/** The IPv4 prefixes of a list, because Azure Firewall supports no IPv6. */
export function ipv4Of(prefixes: string[]): string[] {
  return prefixes.filter((prefix) => !prefix.includes(':'))
}

/** Whether every address of it is one of a private network (RFC 1918) or of carrier-grade NAT (RFC 6598). */
export function isPrivate(entry: string): boolean {
  const cidrs = isCidr(entry) ? [toCidr(entry)] : rangeCidrs(entry)
  return (
    cidrs?.every((cidr) => PRIVATE.some((block) => !cidr.includes(':') && containsCidr(block, cidr))) === true
  )
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']

/** The CIDRs that together equal `10.0.0.1-10.0.0.9`; null for a text that is no IPv4 range. */
function rangeCidrs(entry: string): string[] | null {
  const [from, to, ...more] = entry.split('-')
  if (from === undefined || to === undefined || more.length > 0) return null
  if (!ipaddr.IPv4.isValidFourPartDecimal(from) || !ipaddr.IPv4.isValidFourPartDecimal(to)) return null
  return blocksBetween(numberOf(from), numberOf(to))
}

/** Repeatedly takes the largest block that starts at the current address and does not exceed the end. */
function blocksBetween(from: number, to: number): string[] {
  const blocks: string[] = []
  for (let start = from; start <= to; ) {
    let size = 1
    while (size < 2 ** 32 && start % (size * 2) === 0 && start + size * 2 - 1 <= to) size *= 2
    blocks.push(`${addressOf(start)}/${32 - Math.log2(size)}`)
    start += size
  }
  return blocks
}

function numberOf(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0)
}

function addressOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

/** Whether ports as rules write them (`443`, `1-1024`, `*`) hold a port. */
export function includesPort(entries: string[], port: number): boolean {
  return entries.some((entry) => {
    const [from, to = from] = entry.split('-').map(Number)
    return entry === '*' || (from !== undefined && to !== undefined && from <= port && port <= to)
  })
}
