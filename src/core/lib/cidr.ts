import { containsCidr, normalizeCidr } from 'cidr-tools'
import ipaddr from 'ipaddr.js'

/** An address or CIDR as a CIDR: `20.1.2.3` becomes `20.1.2.3/32`. */
export function toCidr(address: string): string {
  if (address.includes('/')) return address
  return `${address}/${address.includes(':') ? 128 : 32}`
}

/** Checked first, because the library takes much longer: most texts are an IPv4 address or CIDR, a host name, or a service tag. */
const PART = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const IPV4 = new RegExp(`^${PART}(\\.${PART}){3}(/(3[0-2]|[12]?\\d))?$`)
const FOUR_PARTS = /^\d+\.\d+\.\d+\.\d+$/

/** Whether the text is an address or a CIDR; service tags are not. */
export function isCidr(text: string): boolean {
  if (IPV4.test(text)) return true
  if (text.includes('/')) return ipaddr.isValidCIDR(text)
  if (text.includes(':')) return ipaddr.IPv6.isValid(text)
  return FOUR_PARTS.test(text) && ipaddr.IPv4.isValidFourPartDecimal(text)
}

/** Whether a prefix contains an address. */
export function holdsAddress(prefix: string, address: string): boolean {
  const isSameFamily = prefix.includes(':') === address.includes(':')
  return isSameFamily && isCidr(prefix) && isCidr(address) && containsCidr(toCidr(prefix), toCidr(address))
}

/** An entry of an allow list in comparable form: a bare address equals its CIDR; a service tag stays as it is. */
export function toEntry(text: string): string {
  return isCidr(text) ? toCidr(text) : text
}

/** The entries of `list`, in its spelling, that are in `wanted`. */
export function matchingEntries(list: string[], wanted: string[]): string[] {
  const entries = wanted.map(toEntry)
  return list.filter((entry) => entries.includes(toEntry(entry)))
}

/** The entries of `wanted` that no entry of `list` contains; an entry that is no CIDR contains only itself. */
export function uncovered(list: string[], wanted: string[]): string[] {
  const cidrs = list.filter(isCidr)
  const isCovered = (item: string) =>
    isCidr(item) ? cidrs.some((entry) => containsCidr(entry, item)) : list.includes(item)
  return wanted.filter((item) => !isCovered(item))
}

/** Whether the block's address is its network address, as AKS requires. */
export function isNetworkAddress(cidr: string): boolean {
  const [address] = toCidr(cidr).split('/')
  const [network] = normalizeCidr(toCidr(cidr)).split('/')
  return normalizeCidr(`${address}/${address?.includes(':') ? 128 : 32}`).split('/')[0] === network
}

/** The number of addresses in a prefix of this length: 2^(32-n) or 2^(128-n). */
export function prefixAddressCount(prefixLength: number, family: 'IPv4' | 'IPv6'): number {
  return 2 ** ((family === 'IPv4' ? 32 : 128) - prefixLength)
}
