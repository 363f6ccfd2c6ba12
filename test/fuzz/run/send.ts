import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Tokens } from './service.ts'
import type { Answer, Wire } from './wire.ts'

const ENOUGH_MS = 300
const LIMIT_MS = 70_000

/** Ends in the middle of a message, or is aborted by its caller: no client receives the response. */
export function mayBeUnanswered({ ways, headers }: Wire): boolean {
  const isOpen = headers.some(([name]) => name === 'transfer-encoding' || name === 'content-length')
  return isOpen || ways.includes('cutBody') || ways.includes('goAway') || ways.includes('badChunk')
}

/**
 * Writes a request byte by byte on its own connection and reads the response. Null if there is none: the server may
 * leave a message with invalid framing without a response, so the connection must then be closed.
 */
function sendRaw(wire: Wire, to: { hostname: string; port: number }): Promise<Answer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(to.port, to.hostname)
    let stream: NodeJS.Timeout | undefined
    const limit = setTimeout(() => socket.destroy(new Error(`not answered within ${LIMIT_MS} ms`)), LIMIT_MS)
    let isCut = false
    const finish = () => {
      clearTimeout(limit)
      clearTimeout(stream)
      socket.destroy()
      try {
        resolve(parsed(Buffer.concat(chunks), isCut))
      } catch (error) {
        reject(error as Error)
      }
    }
    socket.on('connect', () => write(socket, wire, to))
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      if (stream === undefined && Buffer.concat(chunks).includes('text/event-stream'))
        stream = setTimeout(() => {
          isCut = true
          finish()
        }, ENOUGH_MS)
      // A HEAD or a rejection by the parser may keep the connection open.
      if (isWhole(Buffer.concat(chunks), wire.method)) finish()
    })
    socket.on('error', (error) => (/not answered/.test(error.message) ? reject(error) : finish()))
    socket.on('close', finish)
  })
}

function write(socket: Socket, wire: Wire, to: { hostname: string; port: number }): void {
  const { ways, body } = wire
  const end = ways.includes('bareLineFeeds') ? '\n' : '\r\n'
  const head = [startLine(wire, to), ...headerLines(wire, to)].join(end) + end + end
  socket.write(Buffer.from(head, 'latin1'))
  if (ways.includes('badChunk')) return void socket.end('zz\r\nxx\r\n0\r\n\r\n')
  // The server would wait for the rest of a body that announces more data.
  if (mayBeUnanswered(wire)) return void socket.end(body === null ? '' : body.subarray(0, body.length >> 1))
  if (body === null) return
  if (!ways.includes('slowBody')) return void socket.write(body)
  const half = body.length >> 1
  socket.write(body.subarray(0, half))
  setTimeout(() => socket.writable && socket.write(body.subarray(half)), 5)
}

function startLine({ method, target, ways }: Wire, to: { hostname: string; port: number }): string {
  const version = ways.includes('badVersion') ? '9.9' : ways.includes('http10') ? '1.0' : '1.1'
  // Bytes as UTF-8, as a careless client has them.
  const raw = Buffer.from(target, 'utf8').toString('latin1')
  return `${method} ${ways.includes('absolute') ? `http://${to.hostname}:${to.port}${raw}` : raw} HTTP/${version}`
}

function headerLines({ headers, body, ways }: Wire, to: { hostname: string; port: number }): string[] {
  const has = (name: string) => headers.some(([each]) => each === name)
  const lines = headers.map(([name, value]) => `${name}: ${Buffer.from(value, 'utf8').toString('latin1')}`)
  if (!ways.includes('noHost') && !has('host')) lines.push(`host: ${to.hostname}:${to.port}`)
  if (ways.includes('twoHosts')) lines.push('host: other.invalid')
  if (ways.includes('badHeaderName')) lines.push('bad name: x')
  if (ways.includes('headerBytes')) lines.push('x-bytes: \x01\x7f\x00')
  if (ways.includes('hugeHeader')) lines.push(`x-huge: ${'x'.repeat(20_000)}`)
  const isChunked = ways.includes('badChunk') || ways.includes('lengthAndChunked')
  if (isChunked) lines.push('transfer-encoding: chunked')
  if (body !== null && !has('content-length') && (!isChunked || ways.includes('lengthAndChunked')))
    lines.push(`content-length: ${body.length}`)
  if (ways.includes('twoLengths')) lines.push(`content-length: ${(body?.length ?? 0) + 1}`)
  if (!has('connection')) lines.push('connection: close')
  return lines
}

/** Whether all of an answer has come, where its head says how long it is. */
function isWhole(bytes: Buffer, method: string): boolean {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return false
  const head = bytes.subarray(0, end).toString('latin1')
  if (/^HTTP\/1\.1 100/.test(head)) return isWhole(bytes.subarray(end + 4), method)
  if (method === 'HEAD' || /^HTTP\/1\.1 (204|304)/.test(head)) return true
  const length = /^content-length: (\d+)/im.exec(head)?.[1]
  return length !== undefined && bytes.length >= end + 4 + Number(length)
}

function parsed(bytes: Buffer, isCut: boolean): Answer | null {
  if (bytes.length === 0) return null
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) throw new Error(`no head: ${bytes.toString('latin1').slice(0, 200)}`)
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1])
  if (status === 100) return parsed(bytes.subarray(end + 4), isCut)
  if (Number.isNaN(status)) throw new Error(`no status line: ${first.slice(0, 200)}`)
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()]
    }),
  )
  const content = bytes.subarray(end + 4)
  const isChunked = /chunked/i.test(headers['transfer-encoding'] ?? '')
  return { status, headers, text: (isChunked ? joined(content) : content).toString('utf8'), isCut }
}

/** The content of a chunked body, as far as it has come. */
function joined(content: Buffer): Buffer {
  const parts: Buffer[] = []
  let at = 0
  for (;;) {
    const end = content.indexOf('\r\n', at)
    const size = end < 0 ? 0 : Number.parseInt(content.subarray(at, end).toString('latin1'), 16)
    if (!(size > 0)) return Buffer.concat(parts)
    parts.push(content.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
}

/** An endless stream is closed after this size or time. */
const ENOUGH_BYTES = 64 * 1024
const GO_AWAY_MS = 3
/** Characters that Node's client does not send. */
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
