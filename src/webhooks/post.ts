import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Receiver } from './receiver.ts'

/** What a receiver answered. Its body is not read: nothing of it is kept or shown. */
export interface ReceiverAnswer {
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
): Promise<ReceiverAnswer> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    lookup: pinnedTo(addresses),
    // A connection of its own, so that none is used again which was made for another judgement.
    agent: false,
    signal,
  }
  const { promise, resolve, reject } = Promise.withResolvers<ReceiverAnswer>()
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
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, { all: wantsAll, family }, done) => {
    const fitting = family === 4 || family === 6 ? all.filter((each) => each.family === family) : all
    const [first] = fitting
    if (first === undefined) return done(new Error('no address of that family'), '', 0)
    if (wantsAll === true) return done(null, fitting)
    done(null, first.address, first.family)
  }
}
