import { Agent, type IncomingMessage, request } from 'node:http'
import { sendRaw } from './send-raw.ts'
import type { Tokens } from './tokens.ts'
import type { Answer, Wire } from './wire.ts'

/** A stream that goes on is left after so much, or so long. */
const ENOUGH_BYTES = 64 * 1024
const ENOUGH_MS = 300
/** What takes longer is not answered at all; longer than any wait that a good request asks for. */
const LIMIT_MS = 70_000
const GO_AWAY_MS = 3
/** Characters that the client of Node refuses to send. */
const PLAIN_TARGET = /^[!-~]+$/
const PLAIN_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/
/** Headers that say where a message ends: what they do is for the one who writes bytes. */
const OF_MESSAGES = ['transfer-encoding', 'content-length', 'connection', 'upgrade', 'expect', 'host']
const BY_HAND = new Set([
  'http10',
  'noHost',
  'twoHosts',
  'absolute',
  'twoLengths',
  'lengthAndChunked',
  'badChunk',
])
for (const each of ['bareLineFeeds', 'badHeaderName', 'headerBytes', 'badVersion', 'cutBody', 'slowBody'])
  BY_HAND.add(each)
const METHOD = /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|PROPFIND|QUERY)$/

/** Sends requests to a service over open connections; such that no client would send on one of their own. */
export function createSender(
  url: string,
  tokens: Tokens,
): { send(wire: Wire): Promise<Answer | null>; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const { hostname, port } = new URL(url)
  const send = async (given: Wire): Promise<Answer | null> => {
    const wire = proven(given, tokens)
    if (isByHand(wire)) return sendRaw(wire, { hostname, port: Number(port) })
    try {
      return await sendPlain(wire, { agent, hostname, port: Number(port) })
    } catch (error) {
      // The service may close an idle connection at the moment at which it is used.
      if (!(error as { isStale?: boolean }).isStale) throw error
      return sendPlain(wire, { agent, hostname, port: Number(port) })
    }
  }
  return { send, close: () => agent.destroy() }
}

/** The request with the token of its caller, unless it has something else in that place. */
function proven(wire: Wire, tokens: Tokens): Wire {
  const token = tokens.get(wire.caller)
  if (token === undefined || wire.headers.some(([name]) => name === 'authorization')) return wire
  return { ...wire, headers: [...wire.headers, ['authorization', token]] }
}

function isByHand({ method, target, headers, ways }: Wire): boolean {
  const isOdd = headers.some(([name, value]) => OF_MESSAGES.includes(name) || !PLAIN_VALUE.test(value))
  return isOdd || !PLAIN_TARGET.test(target) || !METHOD.test(method) || ways.some((way) => BY_HAND.has(way))
}

function sendPlain(
  { method, target, headers, body, ways }: Wire,
  to: { agent: Agent; hostname: string; port: number },
): Promise<Answer | null> {
  return new Promise((resolve, reject) => {
    const given: Record<string, string> = Object.fromEntries(headers)
    if (ways.includes('manyHeaders')) for (let n = 0; n < 150; n++) given[`x-extra-${n}`] = String(n)
    if (ways.includes('hugeHeader')) given['x-huge'] = 'x'.repeat(20_000)
    const isChunked = ways.includes('chunked') && body !== null
    if (body !== null && !isChunked) given['content-length'] = String(body.length)
    const sent = request({ ...to, method, path: target, headers: given })
    sent.setTimeout(LIMIT_MS, () => sent.destroy(new Error(`not answered within ${LIMIT_MS} ms`)))
    let isAnswered = false
    sent.on('response', (answer) => {
      isAnswered = true
      read(answer).then(resolve, reject)
    })
    sent.on('error', (error) => {
      if (isAnswered) return
      if (ways.includes('goAway')) return resolve(null)
      reject(Object.assign(error, { isStale: sent.reusedSocket && /ECONNRESET|EPIPE/.test(String(error)) }))
    })
    if (isChunked) for (let at = 0; at < body.length; at += 7_001) sent.write(body.subarray(at, at + 7_001))
    sent.end(isChunked || body === null ? undefined : body)
    if (ways.includes('goAway')) setTimeout(() => sent.destroy(new Error('gone')), GO_AWAY_MS)
  })
}

function read(message: IncomingMessage): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const isStream = message.headers['content-type']?.startsWith('text/event-stream') === true
    const done = (isCut: boolean) => {
      clearTimeout(timer)
      const text = Buffer.concat(chunks).toString('utf8')
      resolve({ status: message.statusCode ?? 0, headers: message.headers, text, isCut })
      if (isCut) message.destroy()
    }
    const timer = isStream ? setTimeout(() => done(true), ENOUGH_MS) : undefined
    message.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (isStream && length > ENOUGH_BYTES) done(true)
    })
    message.on('end', () => done(false))
    message.on('error', reject)
  })
}
