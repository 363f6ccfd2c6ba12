import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isAllowed, mayReceive } from '../core/webhooks/receiver-address.ts'

/** Every address that a name has at this moment; rejects for a name that has none. */
export type Resolve = (hostname: string) => Promise<string[]>

/** As the system resolves names, hosts file included: what a connection would have got. */
export const resolveName: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address)

/** Why nothing is sent to a URL. */
export const URL_FAULTS = [
  'NOT_A_URL',
  'NOT_HTTPS',
  'CREDENTIALS',
  'NAME_UNKNOWN',
  'ADDRESS_REFUSED',
] as const
export type UrlFault = (typeof URL_FAULTS)[number]

/** Where a message may be sent: the URL with the addresses that were judged, to connect to no others. */
export interface Receiver {
  url: URL
  addresses: string[]
}

/**
 * Judges a URL by what its name means now. One refused address among several is enough to refuse: nobody could say
 * which of them a connection would take. Without TLS only to networks that the operator has allowed.
 */
export async function judgeReceiver(
  text: string,
  allowed: readonly string[],
  resolve: Resolve,
): Promise<Receiver | UrlFault> {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'NOT_A_URL'
  // They would stand in every answer about this webhook, and in logs of proxies.
  if (url.username !== '' || url.password !== '') return 'CREDENTIALS'
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const addresses = isIP(hostname) === 0 ? await resolve(hostname).catch(() => []) : [hostname]
  if (addresses.length === 0) return 'NAME_UNKNOWN'
  if (!addresses.every((each) => mayReceive(each, allowed))) return 'ADDRESS_REFUSED'
  if (url.protocol === 'http:' && !addresses.every((each) => isAllowed(each, allowed))) return 'NOT_HTTPS'
  return { url, addresses }
}
