import ipaddr from 'ipaddr.js'
import type { Attempt, AttemptOutcome } from '../../contract/delivery.ts'
import { SECRET_PATTERN } from '../../contract/webhook.ts'

/**
 * The virtual address of the Azure platform in every virtual machine (DHCP, DNS, the channel of the agent). It looks
 * public, but it is not. Source: learn.microsoft.com, "What is IP address 168.63.129.16?".
 */
const AZURE_PLATFORM = '168.63.129.16'
/** The IPv6 range that IANA allocates for global unicast. The library uses `unicast` for every range without another name. */
const GLOBAL_UNICAST = '2000::/3'

/**
 * Whether messages may be sent to this address. Public unicast addresses and the addresses in `allowed` (CIDRs or
 * single addresses of the operator) are allowed. Every other range (loopback, private, link-local, carrier-grade NAT,
 * IPv4 inside IPv6) contains hosts that the owner of a webhook may not reach otherwise. An invalid address is rejected.
 */
export function isReachableReceiver(address: string, allowed: readonly string[]): boolean {
  if (!ipaddr.isValid(address)) return false
  if (isAllowedByOperator(address, allowed)) return true
  const parsed = plain(address)
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(ipaddr.IPv6.parseCIDR(GLOBAL_UNICAST))) return false
  return parsed.range() === 'unicast' && parsed.toString() !== AZURE_PLATFORM
}

/** Whether an operator has explicitly allowed this address. Such receivers may be called without TLS. */
export function isAllowedByOperator(address: string, allowed: readonly string[]): boolean {
  return ipaddr.isValid(address) && allowed.some((network) => isInside(plain(address), network))
}

/** The address ::ffff:10.0.0.1 is the same host as 10.0.0.1. */
function plain(address: string): ipaddr.IPv4 | ipaddr.IPv6 {
  const parsed = ipaddr.parse(address)
  return parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed
}

function isInside(address: ipaddr.IPv4 | ipaddr.IPv6, network: string): boolean {
  const cidr = ipaddr.parseCIDR(
    network.includes('/') ? network : `${network}/${network.includes(':') ? 128 : 32}`,
  )
  return address.kind() === cidr[0].kind() && address.match(cidr)
}

/**
 * Seconds between two attempts, as Standard Webhooks recommends. They grow, over about three days in all (75 h 35 min),
 * so a receiver that is down for a weekend loses no message.
 */
const WAIT_SECONDS = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
/** The first attempt and one after each wait. */
export const MAX_ATTEMPTS = WAIT_SECONDS.length + 1
/** The maximum random part that is added to a wait, so that deliveries that failed together are not retried together. */
const JITTER = 0.1
/** The maximum wait that a receiver can request with Retry-After. */
const MAX_RETRY_AFTER_SECONDS = 86_400

/** Outcomes after which a further attempt would have the same result. */
export const FINAL_OUTCOMES: readonly AttemptOutcome[] = ['DELIVERED', 'GONE', 'NOT_ALLOWED', 'DISABLED']

/**
 * The time of the next attempt after `attempts` failures in this round; null if no attempt is left. A longer wait that
 * the receiver requests is respected. `random` is 0 to 1.
 */
export function nextAttemptAt(
  failed: Attempt,
  attempts: number,
  retryAfterSeconds: number | null,
  random: number,
): Date | null {
  const seconds = WAIT_SECONDS[attempts - 1]
  if (seconds === undefined) return null
  const requested = Math.min(retryAfterSeconds ?? 0, MAX_RETRY_AFTER_SECONDS)
  const wait = Math.max(seconds * (1 + JITTER * random), requested)
  return new Date(Date.parse(failed.at) + failed.durationMs + Math.round(wait * 1_000))
}

/** The header Retry-After in seconds, from a number or from a date relative to `now`; null for other values. */
export function parseRetryAfter(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header)
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now.getTime()) / 1_000))
}

/** The prefix of secrets in Standard Webhooks. After it, the secret has 24 to 64 random bytes in base64. */
export const SECRET_PREFIX = 'whsec_'

export const MIN_SECRET_BYTES = 24

export const MAX_SECRET_BYTES = 64

/** Whether a text is a valid signing secret of Standard Webhooks. */
export function isSecret(text: string): boolean {
  if (!new RegExp(SECRET_PATTERN, 'u').test(text)) return false
  const base64 = text.slice(SECRET_PREFIX.length)
  const letters = base64.replace(/=+$/, '').length
  const bytes = Math.floor((letters * 3) / 4)
  return base64.length % 4 === 0 && bytes >= MIN_SECRET_BYTES && bytes <= MAX_SECRET_BYTES
}
