import { hash } from 'node:crypto'

/** The tenant of this simulated Azure. */
export const TENANT = '22222222-2222-2222-2222-222222222222'

/** A GUID that is computed from a number: runs are reproducible, and different numbers give different GUIDs. */
export function guidOf(number: number): string {
  const hex = hash('sha256', `aks-egress-simulator:${number}`, 'hex')
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4]
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

/** Blocks of real public addresses of Azure, so that addresses pass every check for a global address. */
const FIRST_OCTETS = [20, 40, 52] as const

/**
 * The public IPv4 address with a given number; undefined where the number falls on an address ending in 0 or 255.
 * Multiplying by an odd constant modulo 2^22 is a bijection: addresses look scattered and are still all different.
 */
export function ipv4Of(number: number): string | undefined {
  const scattered = (Math.imul(Math.floor(number / 3), 2_654_435_761) >>> 0) & 0x3f_ff_ff
  const last = scattered & 255
  if (last === 0 || last === 255) return undefined
  return `${FIRST_OCTETS[number % 3]}.${64 + (scattered >> 16)}.${(scattered >> 8) & 255}.${last}`
}

/** The public IPv6 address with a given number. */
export function ipv6Of(number: number): string {
  return `2603:1030:20e:${(number >> 16).toString(16)}::${((number & 0xffff) + 1).toString(16)}`
}

/** The public prefix with a given number; every number owns a block of 16 (IPv4) or of 2^8 (IPv6) addresses. */
export function prefixOf(number: number, length: number, family: string): string {
  if (family === 'IPv6') return `2603:1040:${number.toString(16)}::/${length}`
  return `13.${64 + ((number >> 12) & 63)}.${(number >> 4) & 255}.${(number & 15) * 16}/${length}`
}

const MAX_CACHED_DIGITS = 50_000
const cachedDigits = new Map<string, string>()

/** Eight digits that are computed from a text, like the digits in the names of a managed VNet and its resources. */
export function digitsOf(text: string): string {
  const known = cachedDigits.get(text)
  if (known !== undefined) return known
  const number = hash('sha256', text.toLowerCase(), 'buffer').readUInt32BE(0)
  const digits = String(10_000_000 + (number % 90_000_000))
  if (cachedDigits.size >= MAX_CACHED_DIGITS) cachedDigits.clear()
  cachedDigits.set(text, digits)
  return digits
}

/** The resource type inside an id, lower case; resource groups have their own. */
export function typeOfKey(key: string): string {
  const start = key.lastIndexOf('/providers/')
  if (start < 0) return 'microsoft.resources/resourcegroups'
  const segments = key.slice(start + '/providers/'.length).split('/')
  return [segments[0], ...segments.filter((_, index) => index % 2 === 1)].join('/')
}
