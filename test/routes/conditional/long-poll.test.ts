import { request as rawRequest } from 'node:http'
import t, { type Test } from 'tap'
import type { Authenticate } from '../../../src/routes/auth/caller.ts'
import { parsePreferWait } from '../../../src/routes/conditional/long-poll.ts'
import { EXAMPLE_APPROVAL } from '../../../src/routes/examples/jobs.ts'
import { unsettled } from '../../jobs/support/hand-queue.ts'
import { aCaller, type FakeModules, fakeApp, JOB_ID, PLAN_ID } from '../support/fakes.ts'

const JOB = `/v1/jobs/${JOB_ID}`
const MOVED = { version: '8', isFinished: false, isHeld: false }
const ENDED = { version: '9', isFinished: true, isHeld: false }

/** Resolves when so many wait. */
async function waiting(rooms: FakeModules, count: number): Promise<void> {
  while (rooms.watchers !== count) await new Promise((resolve) => setImmediate(resolve))
}

/** A poll that waits, and is seen to wait. */
async function held(t: Test, headers: Record<string, string> = {}) {
  const { app, rooms } = await fakeApp(t, {})
  const answer = app.inject({ url: JOB, headers: { prefer: 'wait=50', ...headers } })
  await waiting(rooms, 1)
  t.ok(await unsettled(answer), 'it waits')
  return { app, rooms, answer }
}

t.test('a poll that has the present job waits until there is another', async (t) => {
  const { rooms, answer } = await held(t, { 'if-none-match': '"7"' })
  rooms.tell()
  t.ok(await unsettled(answer), 'a word without news does not end it')
  rooms.version = MOVED
  rooms.tell()
  const { statusCode, headers } = await answer
  t.equal(statusCode, 200)
  t.match(headers, { etag: '"8"', 'preference-applied': 'wait=50', 'retry-after': '1' })
  t.equal(rooms.watchers, 0)
})

t.test('waits for any change if the request has no condition', async (t) => {
  const { rooms, answer } = await held(t)
  rooms.version = ENDED
  rooms.tell()
  const { statusCode, headers } = await answer
  t.equal(statusCode, 200)
  t.equal(headers['retry-after'], undefined)
})

t.test('sends no query while it waits, and one query after each notification', async (t) => {
  const { rooms, answer } = await held(t)
  const looks = () => rooms.calls.filter(([method]) => method === 'get').length
  t.equal(looks(), 1)
  rooms.tell()
  await unsettled(answer)
  t.equal(looks(), 2)
  rooms.version = ENDED
  rooms.tell()
  await answer
  t.equal(looks(), 3, 'and what was read is what is returned')
  t.strictSame(
    rooms.calls.filter(([method]) => method === 'getVersion'),
    [],
  )
})

t.test('limits the waiting polls of a caller and answers further polls immediately', async (t) => {
  const authenticate: Authenticate = async (name = '') => aCaller(['Egress.Read'], { id: name, name })
  const { app, rooms } = await fakeApp(t, { authenticate })
  const forget = Array.from({ length: 2_500 }, () => app.heldResponses.add('caller ann', () => {}))
  const poll = (authorization: string) =>
    app.inject({ url: JOB, headers: { prefer: 'wait=50', 'if-none-match': '"7.read"', authorization } })
  const answer = await poll('ann')
  t.equal(answer.statusCode, 304)
  t.equal(answer.headers['preference-applied'], undefined, 'it did not wait')
  t.equal(answer.headers['retry-after'], '1')
  const headers = { accept: 'text/event-stream', authorization: 'ann' }
  t.equal((await app.inject({ url: `${JOB}/events`, headers })).json().code, 'TOO_MANY_STREAMS')
  const other = poll('bob')
  await waiting(rooms, 1)
  rooms.version = MOVED
  rooms.tell()
  t.equal((await other).statusCode, 200, 'another caller waits')
  for (const one of forget) one()
  t.equal(app.heldResponses.count, 0)
  const free = poll('ann')
  t.equal((await free).statusCode, 200, 'and so does the first again')
})

t.test('returns immediately when there is a newer version', async (t) => {
  const cases = [
    { version: ENDED, headers: {}, status: 200 },
    { version: ENDED, headers: { 'if-none-match': '"9"' }, status: 304 },
    { version: MOVED, headers: { 'if-none-match': '"7"' }, status: 200 },
  ]
  for (const { version, headers, status } of cases) {
    const { app, rooms } = await fakeApp(t)
    rooms.version = version
    const answer = await app.inject({ url: JOB, headers: { prefer: 'wait=50', ...headers } })
    t.equal(answer.statusCode, status)
    t.equal(answer.headers['preference-applied'], 'wait=50')
    t.equal(rooms.watchers, 0)
  }
})

t.test('returns the present version after the wait without a change', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const headers = { prefer: 'wait=1', 'if-none-match': '"7"' }
  const begun = performance.now()
  const [known, open] = await Promise.all([
    app.inject({ url: JOB, headers }),
    app.inject({ url: JOB, headers: { prefer: 'wait=1' } }),
  ])
  t.ok(performance.now() - begun > 950, 'not before')
  t.equal(known.statusCode, 304)
  t.match(known.headers, { etag: '"7"', 'preference-applied': 'wait=1', 'retry-after': '1' })
  t.equal(open.statusCode, 200)
  t.equal(rooms.watchers, 0)
})

t.test('a wait that is not understood is not applied', async (t) => {
  const { app } = await fakeApp(t)
  for (const prefer of ['wait=soon', 'respond-async']) {
    const answer = await app.inject({ url: JOB, headers: { prefer } })
    t.equal(answer.statusCode, 200)
    t.equal(answer.headers['preference-applied'], undefined)
  }
})

t.test('does not wait for a job that does not exist', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const url = '/v1/jobs/00000000-0000-7000-8000-000000000000'
  t.equal((await app.inject({ url, headers: { prefer: 'wait=50' } })).statusCode, 404)
  t.equal(rooms.watchers, 0)
})

t.test('a fault while it waits is answered, and nothing stays behind', async (t) => {
  const { app, rooms, answer } = await held(t)
  rooms.fault = new Error('the database is gone')
  rooms.tell()
  t.equal((await answer).statusCode, 500)
  t.equal(rooms.watchers, 0)
  t.equal(app.heldResponses.count, 0)
})

t.test('responds when the service stops', async (t) => {
  const { app, rooms, answer } = await held(t, { 'if-none-match': '"7"' })
  await app.close()
  t.equal((await answer).statusCode, 304)
  t.equal(rooms.watchers, 0)
})

t.test('releases a client that disconnects', async (t) => {
  const { app, rooms } = await fakeApp(t, {})
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const sent = rawRequest(`${url}${JOB}`, { headers: { prefer: 'wait=50' } })
  sent.on('error', () => {})
  sent.end()
  await waiting(rooms, 1)
  sent.destroy()
  await waiting(rooms, 0)
  t.equal(app.heldResponses.count, 0)
})

t.test('reads the wait preference at any position and limits it', async (t) => {
  const table: [string | string[] | undefined, number | null][] = [
    [undefined, null],
    ['', null],
    ['wait=30', 30],
    ['WAIT=30', 30],
    ['wait="30"', 30],
    ['wait = 30', 30],
    ['respond-async, wait=1', 1],
    ['foo="bar"; baz, wait=5; x=y', 5],
    ['return=minimal;wait=5', null],
    [['respond-async', 'wait=7'], 7],
    ['wait=61', 60],
    ['wait=999999999', 60],
    ['wait=5, wait=50', 5],
    ['wait=x, wait=50', null],
    ['wait', null],
    ['wait=0', null],
    ['wait=-1', null],
    ['wait=1.5', null],
    ['wait=9999999999', null],
    ['awaiting=5', null],
    [',,;=,', null],
  ]
  for (const [header, seconds] of table) t.equal(parsePreferWait(header), seconds, JSON.stringify(header))
})

t.test('spaces do not matter, however many', async (t) => {
  const many = ' '.repeat(8_000)
  t.equal(parsePreferWait(`${many}wait${many}=${many}7${many};${many}x`), 7)
  t.equal(parsePreferWait(`${many}x${many}"`), null)
})

t.test('a poll of a plan waits while the plan is pending, in every form', async (t) => {
  const { app, rooms } = await fakeApp(t, {})
  const poll = (accept: string, headers: Record<string, string> = {}) =>
    app.inject({ url: `/v1/plans/${PLAN_ID}`, headers: { accept, prefer: 'wait=50', ...headers } })
  for (const accept of ['application/json', 'text/html', 'text/markdown']) {
    rooms.planVersion = { version: 'applicable.pending', isPending: true, isApproved: false, jobId: null }
    rooms.planApprovals = [{ ...EXAMPLE_APPROVAL, withdrawnAt: EXAMPLE_APPROVAL.at }]
    const { etag } = (await app.inject({ url: `/v1/plans/${PLAN_ID}`, headers: { accept } })).headers
    const answer = poll(accept, accept === 'text/html' ? {} : { 'if-none-match': String(etag) })
    await waiting(rooms, 1)
    rooms.tell()
    t.ok(await unsettled(answer), 'a notice without a change does not end it')
    rooms.planVersion = { version: 'applicable.approved', isPending: false, isApproved: true, jobId: null }
    rooms.tell()
    const { statusCode, headers } = await answer
    t.equal(statusCode, 200)
    t.match(headers, { 'preference-applied': 'wait=50', etag: /^"applicable\.approved/ })
    t.equal(rooms.watchers, 0)
  }
  const known = { 'if-none-match': '"applicable.approved"' }
  t.equal(
    (await poll('application/json', known)).statusCode,
    304,
    'a plan that is not pending is not awaited',
  )
})
