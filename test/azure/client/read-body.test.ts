import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import t from 'tap'
import { MAX_ANSWER_BYTES } from '../../../src/azure/client/pipeline-policies.ts'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { aClusterBody, armServer, faultOf, REF, type Reply } from '../support/arm-server.ts'

const CHUNK = Buffer.alloc(1024 * 1024, ' ')

function* spaces(chunks: number) {
  for (let index = 0; index < chunks; index++) yield CHUNK
}

/** A JSON body in the middle of so many chunks of white space, compressed or not. */
function aReply(
  chunks: number,
  isCompressed: boolean,
  status = 200,
): Extract<Reply, object> & { stream: Readable } {
  const body = [Buffer.from(JSON.stringify(aClusterBody()))]
  const stream = Readable.from(
    (function* () {
      yield* spaces(chunks)
      yield* body
    })(),
    { objectMode: false },
  )
  if (!isCompressed) return { status, stream }
  const headers = { 'content-encoding': 'gzip' }
  return { status, headers, stream: stream.pipe(createGzip({ level: 1 })) }
}

const connect = (endpoint: string) =>
  connectArm({ endpoint, simulated: true, retries: { baseDelayMs: 1 }, timeouts: { readMs: 20_000 } })

const MAX_CHUNKS = MAX_ANSWER_BYTES / CHUNK.length

for (const isCompressed of [false, true]) {
  const name = isCompressed ? 'a compressed body' : 'a body'

  t.test(`stops reading ${name} that is too large, and does not retry`, async (t) => {
    const replies: Readable[] = []
    const server = await armServer(t, () => {
      const reply = aReply(Number.POSITIVE_INFINITY, isCompressed)
      replies.push(reply.stream)
      return reply
    })
    const fault = await faultOf(connect(server.endpoint).getCluster(REF))
    t.match(fault, { kind: 'unknown', code: 'AnswerTooLarge', message: /33554432 bytes/ })
    t.equal(server.seen.length, 1)
    const [endless] = replies
    if (endless?.closed === false) await new Promise((done) => endless.once('close', done))
    t.pass('the connection is closed, which ends the endless body')
  })

  t.test(`reads ${name} just below the limit`, async (t) => {
    const server = await armServer(t, () => aReply(MAX_CHUNKS - 1, isCompressed))
    t.equal((await connect(server.endpoint).getCluster(REF)).facts.name, 'one')
  })
}

t.test('reports the status of an error whose body is too large', async (t) => {
  const server = await armServer(t, () => aReply(MAX_CHUNKS, true, 403))
  t.match(await faultOf(connect(server.endpoint).getCluster(REF)), { kind: 'denied', code: 'HttpStatus403' })
})

t.test('treats a write as accepted when its response body is too large', async (t) => {
  const server = await armServer(t, ({ method }) =>
    method === 'PUT' ? aReply(MAX_CHUNKS, true) : { status: 200, body: aClusterBody() },
  )
  const update = { ref: REF, apiVersion: '2026-05-01', changes: [], discoveredEgress: [] }
  await t.resolves(connect(server.endpoint).startClusterUpdate({ ...update, beforeSend: async () => {} }))
})

t.test('rejects a compressed body that is interrupted', async (t) => {
  const server = await armServer(t, () => {
    const reply = aReply(1, true)
    const broken = new Readable({ read: () => {} })
    reply.stream.once('data', (start) => broken.push(start))
    return { status: 200, headers: { 'content-encoding': 'gzip' }, stream: broken }
  })
  const arm = connectArm({ endpoint: server.endpoint, simulated: true, timeouts: { readMs: 200 } })
  t.match(await faultOf(arm.getCluster(REF)), { kind: 'transient', code: 'RequestTimeout' })
})
