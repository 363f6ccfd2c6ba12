import { lookup } from 'node:dns/promises'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { DomainError } from '../core/lib/errors.ts'
import { isAllowedByOperator, isReachableReceiver } from '../core/webhooks/delivery-rules.ts'
import type { Resolve, WebhooksDeps } from './deps.ts'

/** Resolves names as the system does, hosts file included. */
export const resolveName: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address)

/** The reason why no message is sent to a URL. */
type ReceiverUrlError = 'NOT_A_URL' | 'NOT_HTTPS' | 'CREDENTIALS' | 'NAME_UNKNOWN' | 'ADDRESS_REFUSED'

/** Where a message may be sent: the URL with the addresses that were checked; only these are connected to. */
interface Receiver {
  url: URL
  addresses: string[]
}

/**
 * Checks a URL by the current addresses of its name. One rejected address is enough to reject the URL: a connection
 * could use any of them. Without TLS, only networks that the operator allows are accepted.
 */
export async function resolveReceiver(
  text: string,
  allowed: readonly string[],
  resolve: Resolve,
): Promise<Receiver | ReceiverUrlError> {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'NOT_A_URL'
  // They would appear in every response about this webhook, and in logs of proxies.
  if (url.username !== '' || url.password !== '') return 'CREDENTIALS'
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const addresses = isIP(hostname) === 0 ? await resolve(hostname).catch(() => []) : [hostname]
  if (addresses.length === 0) return 'NAME_UNKNOWN'
  if (!addresses.every((address) => isReachableReceiver(address, allowed))) return 'ADDRESS_REFUSED'
  if (url.protocol === 'http:' && !addresses.every((address) => isAllowedByOperator(address, allowed)))
    return 'NOT_HTTPS'
  return { url, addresses }
}

/** Rejects with `WEBHOOK_URL_REFUSED` if no message can currently be sent to the URL; `pointer` is its place in the request. */
export async function assertReceiverUrl(deps: WebhooksDeps, url: string, pointer: string): Promise<void> {
  const receiver = await resolveReceiver(url, deps.allowedNetworks, deps.resolve)
  if (typeof receiver !== 'string') return
  const facts = { reason: receiver, host: URL.parse(url)?.hostname ?? null }
  throw new DomainError('WEBHOOK_URL_REFUSED', facts, [pointer])
}

/** A receiver's response. Its body is not read. */
interface ReceiverResponse {
  status: number
  retryAfter: string | undefined
}

/**
 * Sends a body to one of the receiver's checked addresses: the name is not resolved again, and redirects are not followed.
 * Rejects without a response, and with the signal's reason when it is aborted.
 */
export async function post(
  { url, addresses }: Receiver,
  headers: Record<string, string>,
  body: string,
  signal: AbortSignal,
): Promise<ReceiverResponse> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    lookup: pinnedLookup(addresses),
    // A new connection: a reused connection could have the address of an earlier check.
    agent: false,
    signal,
  }
  const { promise, resolve, reject } = Promise.withResolvers<ReceiverResponse>()
  const sent = send(url, options, (answer) => {
    resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] })
    answer.destroy()
  })
  // Node treats 101 as an upgrade, not as a response, and no longer applies the signal to the connection.
  sent.on('upgrade', (answer, socket) => {
    resolve({ status: answer.statusCode ?? 0, retryAfter: undefined })
    socket.destroy()
  })
  sent.on('error', (error) => reject(signal.aborted ? signal.reason : error))
  sent.on('close', () => reject(signal.aborted ? signal.reason : new Error('no response')))
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  sent.end(body)
  return promise
}

/** A DNS lookup that returns these addresses only. */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, { all: wantsAll, family }, done) => {
    const fitting = family === 4 || family === 6 ? all.filter((address) => address.family === family) : all
    const [first] = fitting
    if (first === undefined) return done(new Error('no address of the requested family'), '', 0)
    if (wantsAll === true) return done(null, fitting)
    done(null, first.address, first.family)
  }
}
