import { lookup } from 'node:dns/promises'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isAllowedByOperator, isReachableReceiver } from '../core/webhooks/delivery-rules.ts'

/** Every address that a name has at this moment; rejects for a name that has none. */
export type Resolve = (hostname: string) => Promise<string[]>

/** As the system resolves names, hosts file included: what a connection would have got. */
export const resolveName: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, verbatim: true })).map(({ address }) => address)

/** Why nothing is sent to a URL. */
const RECEIVER_URL_ERRORS = [
  'NOT_A_URL',
  'NOT_HTTPS',
  'CREDENTIALS',
  'NAME_UNKNOWN',
  'ADDRESS_REFUSED',
] as const
type ReceiverUrlError = (typeof RECEIVER_URL_ERRORS)[number]

/** Where a message may be sent: the URL with the addresses that were judged, to connect to no others. */
interface Receiver {
  url: URL
  addresses: string[]
}

/**
 * Judges a URL by what its name means now. One refused address among several is enough to refuse: nobody could say
 * which of them a connection would take. Without TLS only to networks that the operator has allowed.
 */
export async function resolveReceiver(
  text: string,
  allowed: readonly string[],
  resolve: Resolve,
): Promise<Receiver | ReceiverUrlError> {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return 'NOT_A_URL'
  // They would stand in every answer about this webhook, and in logs of proxies.
  if (url.username !== '' || url.password !== '') return 'CREDENTIALS'
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const addresses = isIP(hostname) === 0 ? await resolve(hostname).catch(() => []) : [hostname]
  if (addresses.length === 0) return 'NAME_UNKNOWN'
  if (!addresses.every((each) => isReachableReceiver(each, allowed))) return 'ADDRESS_REFUSED'
  if (url.protocol === 'http:' && !addresses.every((each) => isAllowedByOperator(each, allowed)))
    return 'NOT_HTTPS'
  return { url, addresses }
}

/** What a receiver answered. Its body is not read: nothing of it is kept or shown. */
interface ReceiverResponse {
  status: number
  retryAfter: string | undefined
}

/**
 * Sends a body to one of the receiver's judged addresses, and to no other: the name is not looked up again, and redirects
 * are not followed. Rejects when no answer comes, and with the signal's reason when it is aborted.
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
    // A connection of its own, so that none is used again which was made for another judgement.
    agent: false,
    signal,
  }
  const { promise, resolve, reject } = Promise.withResolvers<ReceiverResponse>()
  const sent = send(url, options, (answer) => {
    resolve({ status: answer.statusCode ?? 0, retryAfter: answer.headers['retry-after'] })
    answer.destroy()
  })
  // 101 is no answer to Node, and takes the connection out of its hands, the signal included.
  sent.on('upgrade', (answer, socket) => {
    resolve({ status: answer.statusCode ?? 0, retryAfter: undefined })
    socket.destroy()
  })
  sent.on('error', (error) => reject(signal.aborted ? signal.reason : error))
  sent.on('close', () => reject(signal.aborted ? signal.reason : new Error('no answer')))
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  sent.end(body)
  return promise
}

/** A look-up that knows these addresses alone. */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, { all: wantsAll, family }, done) => {
    const fitting = family === 4 || family === 6 ? all.filter((each) => each.family === family) : all
    const [first] = fitting
    if (first === undefined) return done(new Error('no address of that family'), '', 0)
    if (wantsAll === true) return done(null, fitting)
    done(null, first.address, first.family)
  }
}
