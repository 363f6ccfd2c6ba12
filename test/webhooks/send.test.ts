import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { generate } from 'selfsigned'
import t, { type Test } from 'tap'
import type { StoredWebhook } from '../../src/database/stores/webhook-store.ts'
import { EXAMPLE_SECRET, EXAMPLE_WEBHOOK } from '../../src/routes/examples/webhooks.ts'
import type { WebhooksDeps } from '../../src/webhooks/deps.ts'
import { send, signedHeaders } from '../../src/webhooks/send.ts'
import { receiverServer } from './support/receiver-server.ts'
import { verified } from './support/webhook-fixture.ts'

const MESSAGE = { id: '01990000-0000-7000-8000-000000000006', body: '{"type":"job.failed"}' }
const now = new Date('2026-09-01T00:00:00.000Z')

function webhookAt(url: string, given: Partial<StoredWebhook> = {}): StoredWebhook {
  const owner = { id: 'owner', appId: null, groups: [] }
  return {
    ...EXAMPLE_WEBHOOK,
    owner,
    secret: EXAMPLE_SECRET,
    formerSecret: null,
    deliveredAt: null,
    url,
    ...given,
  }
}

/** The part of the room that sending reads. */
function depsWith(given: Partial<WebhooksDeps> = {}): WebhooksDeps {
  const some = {
    version: '1.2.3',
    allowedNetworks: ['127.0.0.0/8'],
    resolve: async () => ['127.0.0.1'],
    now: () => now,
  }
  return { ...some, ...given } as WebhooksDeps
}

/** A port of loopback on which a TCP server does this with each connection. */
async function tcpPort(t: Test, take: Parameters<typeof createTcpServer>[1]): Promise<number> {
  const server = createTcpServer(take).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

t.test('sends a message as it was signed, and 2xx confirms the delivery', async (t) => {
  const receiver = await receiverServer(t)
  const { attempt } = await send(depsWith(), webhookAt(`${receiver.url}?token=1`), MESSAGE)
  t.match(attempt, { at: now.toISOString(), outcome: 'DELIVERED', status: 204 })
  const [got] = receiver.received
  t.match(got, {
    method: 'POST',
    path: '/hook?token=1',
    body: MESSAGE.body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'aks-egress-planner/1.2.3',
      'webhook-id': MESSAGE.id,
      'webhook-timestamp': String(now.getTime() / 1_000),
    },
  })
  t.strictSame(got && verified(EXAMPLE_SECRET, got), JSON.parse(MESSAGE.body))
})

t.test('every other response has its own outcome', async (t) => {
  const receiver = await receiverServer(t)
  for (const [status, outcome] of [
    [200, 'DELIVERED'],
    [299, 'DELIVERED'],
    [400, 'REFUSED'],
    [404, 'REFUSED'],
    [410, 'GONE'],
    [429, 'REFUSED'],
    [500, 'REFUSED'],
  ] as const) {
    receiver.answer = (response) => response.writeHead(status, { 'retry-after': '120' }).end('not read')
    const sent = await send(depsWith(), webhookAt(receiver.url), MESSAGE)
    t.match(sent, { attempt: { outcome, status }, retryAfter: '120' }, String(status))
  }
})

t.test('redirects are not followed', async (t) => {
  const receiver = await receiverServer(t)
  const other = await receiverServer(t)
  for (const status of [301, 302, 303, 307, 308]) {
    receiver.answer = (response) => response.writeHead(status, { location: other.url }).end()
    const { attempt } = await send(depsWith(), webhookAt(receiver.url), MESSAGE)
    t.match(attempt, { outcome: 'REDIRECTED', status })
  }
  t.equal(other.received.length, 0, 'nobody was asked at the other place')
})

t.test('checks the host name at every attempt and connects only to the checked address', async (t) => {
  const receiver = await receiverServer(t)
  const url = receiver.url.replace('127.0.0.1', 'rebinding.example')
  const answers = [['127.0.0.1'], ['10.0.0.1'], ['127.0.0.1', '169.254.169.254'], []]
  let lookUps = 0
  const resolve = async () => answers[lookUps++] ?? []
  const outcomes: string[] = []
  for (const _answer of answers)
    outcomes.push((await send(depsWith({ resolve }), webhookAt(url), MESSAGE)).attempt.outcome)
  t.strictSame(outcomes, ['DELIVERED', 'ADDRESS_REFUSED', 'ADDRESS_REFUSED', 'NAME_UNKNOWN'])
  t.equal(lookUps, answers.length, 'one look-up for each attempt: what is judged is what is connected to')
  t.equal(receiver.received.length, 1)
  t.equal(receiver.received[0]?.headers.host, new URL(url).host, 'the receiver is asked by its own name')
})

t.test('rejects a receiver inside a network that is not allowed', async (t) => {
  const receiver = await receiverServer(t)
  const deps = depsWith({ allowedNetworks: [] })
  for (const url of [receiver.url, receiver.url.replace('http:', 'https:')])
    t.match(await send(deps, webhookAt(url), MESSAGE), {
      attempt: { outcome: 'ADDRESS_REFUSED', status: null },
    })
  t.equal(receiver.received.length, 0)
})

t.test('ends an attempt when the receiver does not respond in time', async (t) => {
  const port = await tcpPort(t, (socket) => socket.on('error', () => {}))
  const { attempt } = await send(depsWith(), webhookAt(`http://127.0.0.1:${port}/`), MESSAGE, 50)
  t.match(attempt, { outcome: 'TIMED_OUT', status: null })
  const resolve = () => new Promise<string[]>(() => {})
  const { attempt: other } = await send(
    depsWith({ resolve }),
    webhookAt('https://slow.example/'),
    MESSAGE,
    50,
  )
  t.match(other, { outcome: 'TIMED_OUT' }, 'and so is a name that is not resolved')
})

t.test('reports NOT_CONNECTED for a receiver that closes the connection or does not listen', async (t) => {
  const port = await tcpPort(t, (socket) => socket.destroy())
  const at = (where: number) => send(depsWith(), webhookAt(`http://127.0.0.1:${where}/`), MESSAGE)
  t.match(await at(port), { attempt: { outcome: 'NOT_CONNECTED', status: null } })
  const free = await tcpPort(t, () => {})
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: gone } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  t.not(free, gone)
  t.match(await at(gone), { attempt: { outcome: 'NOT_CONNECTED', status: null } })
})

t.test('101 is an answer like any other, and ends the attempt', async (t) => {
  const port = await tcpPort(t, (socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
  })
  const { attempt } = await send(depsWith(), webhookAt(`http://127.0.0.1:${port}/`), MESSAGE)
  t.match(attempt, { outcome: 'REFUSED', status: 101 })
})

t.test('answers before the answer do not make it last longer', async (t) => {
  const port = await tcpPort(t, (socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5))
  })
  const { attempt } = await send(depsWith(), webhookAt(`http://127.0.0.1:${port}/`), MESSAGE, 100)
  t.match(attempt, { outcome: 'TIMED_OUT', status: null })
})

t.test('rejects an untrusted certificate', async (t) => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
  })
  let asked = 0
  const server = createTlsServer({ key, cert }, (_request, response) => {
    asked++
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const { attempt } = await send(depsWith(), webhookAt(`https://localhost:${port}/`), MESSAGE)
  t.match(attempt, { outcome: 'NOT_TRUSTED', status: null })
  t.equal(asked, 0, 'nothing was sent to it')
})

t.test('signs with both secrets during a rotation, and afterwards only with the new secret', async (t) => {
  const receiver = await receiverServer(t)
  const formerSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`
  const until = (iso: string) => webhookAt(receiver.url, { formerSecret, formerSecretValidUntil: iso })
  await send(depsWith(), until('2026-09-01T00:00:01.000Z'), MESSAGE)
  await send(depsWith(), until('2026-09-01T00:00:00.000Z'), MESSAGE)
  const [during, after] = receiver.received
  if (during === undefined || after === undefined) throw new Error('two messages were sent')
  for (const secret of [EXAMPLE_SECRET, formerSecret]) t.ok(verified(secret, during))
  t.ok(verified(EXAMPLE_SECRET, after))
  t.throws(() => verified(formerSecret, after))
})

t.test('a message is signed as the test vector of Standard Webhooks says', async (t) => {
  const headers = signedHeaders(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    new Date(1_614_265_330_000),
    '{"test": 2432232314}',
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  )
  t.strictSame(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

t.test('two secrets give two signatures over the sent bytes, the current secret first', async (t) => {
  const keys = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const body = '{"name":"Grüße \u{1f600}"}'
  const at = new Date('2026-09-01T00:00:00.999Z')
  const headers = signedHeaders(
    'id-1',
    at,
    body,
    keys.map((key) => `whsec_${key.toString('base64')}`),
  )
  const seconds = String(Math.floor(at.getTime() / 1_000))
  t.equal(headers['webhook-timestamp'], seconds)
  const expected = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`id-1.${seconds}.${body}`, 'utf8').digest('base64')}`,
  )
  t.equal(headers['webhook-signature'], expected.join(' '))
})
