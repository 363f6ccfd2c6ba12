import { once } from 'node:events'
import { type IncomingMessage, request as rawRequest } from 'node:http'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { JobLogEntry } from '../../../src/contract/job.ts'
import { LogEventStream } from '../../../src/routes/conditional/event-stream.ts'
import { EXAMPLE_CAMPAIGN_EVENT } from '../../../src/routes/examples/campaigns.ts'
import { anEntry, CAMPAIGN_ID, type FakeModules, fakeApp, JOB_ID } from '../support/fakes.ts'

const EVENTS = `/v1/jobs/${JOB_ID}/events`
const STREAM = { accept: 'text/event-stream' }
const END = anEntry(3, { type: 'ended', message: 'Job ended: Succeeded.' })

/** The ids of the events in a text. */
const idsIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))

function textOf(...entries: ReturnType<typeof anEntry>[]): string {
  return entries.map((entry) => `id: ${entry.sequence}\ndata: ${JSON.stringify(entry)}\n\n`).join('')
}

/** An open stream of a listening app. */
class Opened {
  text = ''
  readonly answer: IncomingMessage
  readonly ended: Promise<unknown>
  #more = Promise.withResolvers<void>()

  constructor(answer: IncomingMessage) {
    this.answer = answer
    // Closed, however: `complete` tells whether it was whole.
    this.ended = new Promise((resolve) => answer.once('close', resolve).once('error', resolve))
    answer.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk
      this.#more.resolve()
      this.#more = Promise.withResolvers()
    })
  }

  async has(text: string): Promise<void> {
    while (!this.text.includes(text)) await this.#more.promise
  }
}

async function open(
  t: Test,
  path = EVENTS,
  headers: Record<string, string> = {},
  prepare?: (rooms: FakeModules) => void,
) {
  const { app, rooms } = await fakeApp(t, {})
  rooms.entries = [anEntry(1), anEntry(2)]
  prepare?.(rooms)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const sent = rawRequest(url + path, { headers: { ...STREAM, ...headers } })
  sent.end()
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  return { app, rooms, sent, stream: new Opened(answer) }
}

async function waiting(rooms: FakeModules, count: number): Promise<void> {
  while (rooms.watchers !== count) await new Promise((resolve) => setImmediate(resolve))
}

t.test('sends past events, then new events, and ends after the last event', async (t) => {
  const { rooms, stream, app } = await open(t)
  t.equal(stream.answer.statusCode, 200)
  t.match(stream.answer.headers, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    vary: 'Accept',
    'x-accel-buffering': 'no',
  })
  await stream.has('id: 2\n')
  t.equal(stream.text, `retry: 2000\n\n${textOf(anEntry(1), anEntry(2))}`)
  rooms.entries?.push(END)
  rooms.tell()
  await stream.ended
  t.equal(stream.text, `retry: 2000\n\n${textOf(anEntry(1), anEntry(2), END)}`)
  t.equal(rooms.watchers, 0)
  t.equal(app.heldResponses.count, 0)
})

t.test('resumes after the last event that arrived', async (t) => {
  const resumed: [string, Record<string, string>, number[]][] = [
    [EVENTS, { 'last-event-id': '1' }, [2, 3]],
    [EVENTS, { 'last-event-id': '' }, [1, 2, 3]],
    [`${EVENTS}?after=2`, {}, [3]],
    [`${EVENTS}?after=0`, { 'last-event-id': '2' }, [3]],
  ]
  for (const [path, headers, ids] of resumed) {
    const { app, rooms } = await fakeApp(t)
    rooms.entries = [anEntry(1), anEntry(2), END]
    const { payload } = await app.inject({ url: path, headers: { ...STREAM, ...headers } })
    t.strictSame(idsIn(payload), ids, `${path} ${JSON.stringify(headers)}`)
  }
})

t.test('a client that has received the last event gets 204, so that it does not reconnect', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.entries = [anEntry(1), anEntry(2), END]
  rooms.version = { version: '3', isFinished: true, isHeld: false }
  for (const headers of [{ 'last-event-id': '3' }, { 'last-event-id': '99' }]) {
    const answer = await app.inject({ url: EVENTS, headers: { ...STREAM, ...headers } })
    t.equal(answer.statusCode, 204)
    t.equal(answer.payload, '')
  }
  t.strictSame(idsIn((await app.inject({ url: EVENTS, headers: STREAM })).payload), [1, 2, 3])
})

t.test('streams a long log completely and in order, even to a slow client', async (t) => {
  const count = 2_500
  const long = Array.from({ length: count }, (_, index) => anEntry(index + 1, { message: 'x'.repeat(500) }))
  const { stream, rooms } = await open(t, EVENTS, {}, (before) => {
    before.entries = [...long, { ...END, sequence: count + 1 }]
  })
  stream.answer.pause()
  await new Promise((resolve) => setImmediate(resolve))
  stream.answer.resume()
  await stream.ended
  t.strictSame(
    idsIn(stream.text),
    Array.from({ length: count + 1 }, (_, index) => index + 1),
  )
  t.equal(rooms.watchers, 0)
})

t.test('releases a client that disconnects', async (t) => {
  const { app, rooms, sent, stream } = await open(t)
  await stream.has('id: 2\n')
  t.equal(rooms.watchers, 1)
  sent.destroy()
  await waiting(rooms, 0)
  t.equal(app.heldResponses.count, 0)
})

t.test('ends the stream cleanly and immediately when the service stops', async (t) => {
  const { app, stream, rooms } = await open(t)
  await stream.has('id: 2\n')
  const begun = performance.now()
  await Promise.all([app.close(), stream.ended])
  t.ok(stream.answer.complete, 'ended, not cut')
  t.ok(performance.now() - begun < 2_000)
  t.equal(rooms.watchers, 0)
})

t.test('a log that cannot be read ends it, and the operator sees why', async (t) => {
  const { stream, rooms } = await open(t)
  await stream.has('id: 2\n')
  rooms.fault = new Error('the database is gone')
  rooms.tell()
  await stream.ended
  t.equal(rooms.watchers, 0)
})

t.test('returns a problem for an unknown job, and not a stream', async (t) => {
  const { app } = await fakeApp(t)
  const url = '/v1/jobs/00000000-0000-7000-8000-000000000000/events'
  const answer = await app.inject({ url, headers: STREAM })
  t.equal(answer.statusCode, 404)
  t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
})

t.test('rejects a form other than a list or a stream', async (t) => {
  const { app } = await fakeApp(t)
  for (const url of [EVENTS, `/v1/campaigns/${CAMPAIGN_ID}/events`]) {
    for (const accept of ['text/html', 'text/csv', 'application/pdf']) {
      const answer = await app.inject({ url, headers: { accept } })
      t.match([answer.statusCode, answer.json().code], [406, 'NOT_ACCEPTABLE'], `${url} ${accept}`)
    }
  }
})

t.test('HEAD returns the headers of the stream, and keeps no connection open', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const answer = await app.inject({ method: 'HEAD', url: EVENTS, headers: STREAM })
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], 'text/event-stream')
  t.equal(rooms.watchers, 0)
})

t.test('JSON is answered unless a stream is asked for by its name', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.entries = [END]
  const answers: [string, string][] = [
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/event-stream;q=0', 'application/problem+json'],
    ['text/html, */*;q=0.1', 'application/json'],
    ['text/event-stream;q=x', 'application/problem+json'],
    ['application/json, text/event-stream', 'application/json'],
    ['application/json, text/event-stream;q=0.5', 'application/json'],
    ['text/event-stream', 'text/event-stream'],
    ['Text/Event-Stream; q=0.5', 'text/event-stream'],
    ['text/event-stream, */*', 'text/event-stream'],
    ['application/json;q=0.5, text/event-stream', 'text/event-stream'],
  ]
  for (const [accept, type] of answers) {
    const answer = await app.inject({ url: EVENTS, headers: { accept } })
    t.equal(String(answer.headers['content-type']).split(';')[0], type, accept)
    t.equal(answer.headers.vary, 'Accept')
  }
})

t.test('rejects an invalid event ID and a page of a stream', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.entries = [END]
  for (const id of ['x', '-1', '1.5', '2147483648', '1 2']) {
    const answer = await app.inject({ url: EVENTS, headers: { ...STREAM, 'last-event-id': id } })
    t.equal(answer.statusCode, 400, id)
    t.match(answer.json().errors, [{ in: 'header', parameter: 'Last-Event-ID', code: 'FORMAT_INVALID' }])
  }
  const paged = await app.inject({ url: `${EVENTS}?limit=5`, headers: STREAM })
  t.equal(paged.statusCode, 400)
  t.match(paged.json().errors, [{ in: 'query', parameter: 'limit' }])
  t.equal(
    (await app.inject({ url: EVENTS, headers: { 'last-event-id': 'x' } })).statusCode,
    200,
    'for a list',
  )
})

t.test('rejects streams above the limit of a process', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.entries = [anEntry(1)]
  app.heldResponses.endAll()
  const answer = await app.inject({ url: EVENTS, headers: STREAM })
  t.equal(answer.statusCode, 503)
  t.match(answer.headers, { 'retry-after': '5', 'x-ms-error-code': 'TOO_MANY_STREAMS' })
  t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
  const poll = await app.inject({ url: `/v1/jobs/${JOB_ID}`, headers: { prefer: 'wait=50' } })
  t.equal(poll.statusCode, 200, 'a poll is answered at once')
})

/** A stream of a log that the test extends. */
function aStream(t: Test, log: JobLogEntry[] = []) {
  const watchers = new Set<() => void>()
  const reads: number[] = []
  const faults: unknown[] = []
  const state = { fault: null as Error | null }
  const stream = new LogEventStream({
    after: 0,
    read: async (after, limit) => {
      reads.push(after)
      if (state.fault !== null) throw state.fault
      return log.filter((each) => each.sequence > after).slice(0, limit)
    },
    watch: (onChange) => {
      watchers.add(onChange)
      return () => watchers.delete(onChange)
    },
    onFault: (error) => faults.push(error),
  })
  t.teardown(() => stream.destroy())
  const tell = (...entries: JobLogEntry[]) => {
    log.push(...entries)
    for (const watcher of watchers) watcher()
  }
  return { stream, watchers, reads, faults, state, tell }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('with a manual clock', async (t) => {
  t.beforeEach(() => mock.timers.enable({ apis: ['setInterval', 'setTimeout'] }))
  t.afterEach(() => mock.timers.reset())

  t.test('a comment goes out every fifteen seconds, and asks nothing', async (t) => {
    const { stream, reads } = aStream(t)
    const chunks: string[] = []
    stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk))
    await turn()
    mock.timers.tick(14_999)
    t.strictSame(chunks, ['retry: 2000\n\n'])
    mock.timers.tick(1)
    mock.timers.tick(15_000)
    await turn()
    t.strictSame(chunks.slice(1), [':\n\n', ':\n\n'])
    t.strictSame(reads, [0])
  })

  t.test('a client that takes nothing is sent no comments, and nothing is read for it', async (t) => {
    const { stream, reads, tell } = aStream(t)
    const first = stream.read()
    t.equal(String(first), 'retry: 2000\n\n')
    await turn()
    tell(anEntry(1, { message: 'x'.repeat(100_000) }))
    await turn()
    const held = stream.readableLength
    t.ok(held > 100_000)
    tell(anEntry(2))
    mock.timers.tick(60_000)
    await turn()
    t.equal(stream.readableLength, held)
    t.equal(reads.length, 2)
    stream.read()
    await turn()
    t.equal(reads.length, 3, 'once it has taken that, more is read')
  })

  t.test('ends after 30 min, so that a resumed stream is authenticated again', async (t) => {
    const { stream, watchers } = aStream(t)
    stream.resume()
    await turn()
    mock.timers.tick(30 * 60_000)
    await once(stream, 'end')
    t.equal(watchers.size, 0)
  })
})

t.test('reads events that occur during a read afterwards', async (t) => {
  const { stream, tell, reads } = aStream(t)
  stream.resume()
  await turn()
  tell(anEntry(1))
  tell(anEntry(2))
  tell(anEntry(3, { type: 'ended' }))
  await once(stream, 'end')
  t.ok(reads.length <= 3, 'and many words at once are one')
})

t.test('reports an error and ends the stream without truncating the response', async (t) => {
  const { stream, tell, state, faults, watchers } = aStream(t)
  stream.resume()
  await turn()
  state.fault = new Error('gone')
  tell()
  await once(stream, 'end')
  t.strictSame(faults, [state.fault])
  t.equal(watchers.size, 0)
})

t.test('ending a stream twice or after its destruction is not an error', async (t) => {
  const { stream } = aStream(t)
  stream.resume()
  stream.end()
  stream.end()
  await once(stream, 'close')
  stream.end()
  const { stream: other, watchers } = aStream(t)
  other.destroy()
  await once(other, 'close')
  other.end()
  t.equal(watchers.size, 0)
})

t.test('streams the log of a campaign until its end', async (t) => {
  const path = `/v1/campaigns/${CAMPAIGN_ID}/events`
  const entry = (sequence: number, type: string) => ({ ...EXAMPLE_CAMPAIGN_EVENT, sequence, type })
  const { rooms, stream } = await open(t, path, {}, (modules) => {
    modules.campaignLog = [entry(1, 'planned')]
  })
  await stream.has('id: 1\n')
  rooms.campaignLog.push(entry(2, 'start'), entry(3, 'ended'))
  rooms.tell()
  await stream.ended
  t.strictSame(idsIn(stream.text), [1, 2, 3])
  t.equal(rooms.watchers, 0)
  const { app, rooms: ended } = await fakeApp(t)
  ended.campaign = { ...ended.campaign, finishedAt: '2026-09-01T01:00:00.000Z' }
  const late = await app.inject({ url: path, headers: { ...STREAM, 'last-event-id': '1' } })
  t.equal(late.statusCode, 204, 'a client that has the end does not reconnect')
  const paged = await app.inject({ url: `${path}?limit=5`, headers: STREAM })
  t.equal(paged.statusCode, 400, 'a stream has no pages')
})
