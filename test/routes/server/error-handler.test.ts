import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { handleClientError } from '../../../src/routes/server/error-handler.ts'
import { aCaller, CLUSTER, fakeApp, PLAN_ID } from '../support/fakes.ts'

const HEAD = 'host: a\r\nconnection: close\r\n'

interface Answer {
  status: number
  headers: string
  body: { code?: string; status?: number; requestId?: string }
}

/** Sends bytes as they are and reads until the server closes. */
async function send(t: Test, ...parts: string[]): Promise<Answer> {
  const { app } = await fakeApp(t, {})
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  await once(socket, 'connect')
  for (const part of parts) socket.write(part)
  const [headers = '', ...bodies] = (await text(socket)).split('\r\n\r\n')
  const body = bodies.join('').replace(/^[0-9a-f]+\r\n/, '')
  return {
    status: Number(headers.split(' ')[1]),
    headers: headers.toLowerCase(),
    body: body === '' ? {} : JSON.parse(body),
  }
}

function isProblem(t: Test, answer: Answer, status: number, code: string): void {
  t.equal(answer.status, status)
  t.match(answer.body, { code, status })
  t.match(answer.headers, 'content-type: application/problem+json')
  t.match(answer.headers, `x-request-id: ${answer.body.requestId}`)
}

t.test('answers invalid HTTP with a problem', async (t) => {
  isProblem(t, await send(t, 'HELO planner\r\n\r\n'), 400, 'MALFORMED_HTTP')
  isProblem(t, await send(t, 'GET / HTTP/1.1\r\nbad header\r\n\r\n'), 400, 'MALFORMED_HTTP')
  isProblem(t, await send(t, 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'), 400, 'MALFORMED_HTTP')
})

t.test('rejects two lengths of one body to prevent request smuggling', async (t) => {
  const request = `POST /v1/plans HTTP/1.1\r\n${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`
  isProblem(t, await send(t, request), 400, 'MALFORMED_HTTP')
})

t.test('rejects a repeated Authorization or Host header', async (t) => {
  for (const header of ['Authorization: Bearer a', 'host: a', 'HOST: b']) {
    const name = header.split(':')[0] ?? ''
    const twice = `authorization: Bearer a\r\n${header}\r\n`
    for (const path of [`/v1/plans/${PLAN_ID}`, '/healthz', '/nothing']) {
      const answer = await send(t, `GET ${path} HTTP/1.1\r\n${HEAD}${twice}\r\n`)
      isProblem(t, answer, 400, 'MALFORMED_HTTP')
      t.match(answer.body, { detail: new RegExp(`\`${name}\` more than once`, 'i') }, `${path} ${header}`)
    }
  }
  const once = await send(t, `GET /healthz HTTP/1.1\r\n${HEAD}authorization: Bearer a\r\n\r\n`)
  t.equal(once.status, 200)
})

t.test('headers over the limit are answered with a problem', async (t) => {
  const answer = await send(t, `GET / HTTP/1.1\r\n${HEAD}x: ${'a'.repeat(20_000)}\r\n\r\n`)
  isProblem(t, answer, 431, 'HEADERS_TOO_LARGE')
})

t.test('a path that is not UTF-8 is answered with a problem', async (t) => {
  isProblem(t, await send(t, `GET /%E0%A4%A HTTP/1.1\r\n${HEAD}\r\n`), 400, 'MALFORMED_URL')
})

t.test('an odd target and an unusual method are answered with problems', async (t) => {
  isProblem(t, await send(t, `PROPFIND /v1/plans HTTP/1.1\r\n${HEAD}\r\n`), 405, 'METHOD_NOT_ALLOWED')
  isProblem(t, await send(t, `GET /v1/../v1/plans HTTP/1.1\r\n${HEAD}\r\n`), 404, 'ROUTE_NOT_FOUND')
  isProblem(t, await send(t, `OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`), 404, 'ROUTE_NOT_FOUND')
})

t.test('an expectation that cannot be met is answered with a problem', async (t) => {
  const request = `GET /v1/plans/${PLAN_ID} HTTP/1.1\r\n${HEAD}expect: wonders\r\n\r\n`
  isProblem(t, await send(t, request), 417, 'EXPECTATION_FAILED')
})

/** The status of every answer on the connection, also the interim ones. */
async function statusesOf(t: Test, headers: string, body = ''): Promise<string[]> {
  const { app } = await fakeApp(t, {
    authenticate: async (authorization) => {
      if (authorization === undefined) throw new DomainError('AUTHENTICATION_REQUIRED')
      return aCaller(['Egress.Plan'])
    },
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.setEncoding('utf8')
  socket.write(`POST /v1/plans HTTP/1.1\r\n${HEAD}expect: 100-continue\r\n${headers}\r\n`)
  let received = ''
  for await (const part of socket) {
    received += part
    if (received === 'HTTP/1.1 100 Continue\r\n\r\n') socket.write(body)
  }
  return [...received.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status = '']) => status)
}

t.test('a body is asked for only when it will be read', async (t) => {
  const plan = JSON.stringify({ cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } })
  const json = 'content-type: application/json; charset=utf-8\r\n'
  const token = 'authorization: Bearer a\r\n'
  const length = (bytes: number) => `content-length: ${bytes}\r\n`
  const good = `${token}${json}${length(plan.length)}`
  t.strictSame(await statusesOf(t, good, plan), ['100', '201'])
  t.strictSame(await statusesOf(t, `${token}${json}${length(1_000_000)}`), ['413'])
  t.strictSame(await statusesOf(t, `${token}content-type: text/xml\r\n${length(9)}`), ['415'])
  t.strictSame(await statusesOf(t, `${token}${length(9)}`), ['415'], 'without a type')
  t.strictSame(await statusesOf(t, `${good}content-encoding: gzip\r\n`), ['415'])
  t.strictSame(await statusesOf(t, `${json}${length(plan.length)}`), ['401'])
})

t.test('truncates a body at its length and does not treat the rest as a request', async (t) => {
  const head = `POST /v1/plans HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n`
  const { app } = await fakeApp(t, {})
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.write(`${head}{}garbage\r\n\r\n`)
  const answer = await text(socket)
  t.match(answer, /^HTTP\/1.1 400/)
  t.notMatch(answer, /HTTP\/1.1 5/)
})

t.test('a caller that disconnects during a body has no effect', async (t) => {
  const lines: string[] = []
  const { app, rooms } = await fakeApp(t, {
    logger: { level: 'warn', stream: { write: (line: string) => lines.push(line) } },
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  const arrived = once(app.server, 'request')
  socket.write(
    'POST /v1/plans HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
  )
  const [request] = await arrived
  const closed = new Promise((resolve) => request.once('close', resolve))
  socket.destroy()
  await closed
  t.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
  t.strictSame(rooms.calls, [])
  t.strictSame(lines, [])
})

t.test('a request that does not arrive in time is answered with a problem', async (t) => {
  const written: string[] = []
  const socket = { writable: true, end: (data: string) => written.push(data), destroy: () => t.fail() }
  handleClientError(Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket as never)
  t.match(written[0], /^HTTP\/1\.1 408 Request Timeout\r\n/)
  t.match(written[0], '"code":"REQUEST_TIMEOUT"')
})

t.test('sends no response after a connection reset', async (t) => {
  let destroyed = 0
  const socket = { writable: true, end: () => t.fail(), destroy: () => destroyed++ }
  handleClientError(Object.assign(new Error('gone'), { code: 'ECONNRESET' }), socket as never)
  t.equal(destroyed, 1)
})
