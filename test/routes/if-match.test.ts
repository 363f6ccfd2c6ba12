import type { InjectOptions } from 'fastify'
import t from 'tap'
import { fakeApp, JOB_ID, PLAN_ID } from './fakes.ts'

const PLAN = `/v1/plans/${PLAN_ID}`
const JOB = `/v1/jobs/${JOB_ID}`

/** What takes a condition, where its tag comes from, and the call of the room that is its effect. */
const CONDITIONAL: { request: InjectOptions; of: string; effect: string }[] = [
  { request: { method: 'DELETE', url: PLAN }, of: PLAN, effect: 'discardPlan' },
  { request: { method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID } }, of: PLAN, effect: 'accept' },
  { request: { method: 'POST', url: `${JOB}/cancellation` }, of: JOB, effect: 'cancel' },
  { request: { method: 'POST', url: `${JOB}/release` }, of: JOB, effect: 'release' },
]

for (const { request, of, effect } of CONDITIONAL)
  t.test(`${effect} is had only while what was read is what is there`, async (t) => {
    const { app, rooms } = await fakeApp(t)
    const etag = String((await app.inject(of)).headers.etag)
    const had = async (condition: string) => {
      rooms.calls.length = 0
      const answer = await app.inject({ ...request, headers: { 'if-match': condition } })
      return { answer, isHad: rooms.calls.some(([method]) => method === effect) }
    }
    for (const same of [etag, `"other", ${etag}`, '*']) {
      const { answer, isHad } = await had(same)
      t.ok(isHad && answer.statusCode < 300, `with ${same}`)
    }
    for (const other of ['"other"', `W/${etag}`, etag.slice(1, -1), '']) {
      const { answer, isHad } = await had(other)
      t.notOk(isHad, `not with ${other}`)
      t.match(answer.json(), { status: 412, code: 'PRECONDITION_FAILED', facts: { etag } })
    }
  })

t.test('what does not exist is 404, whatever the condition', async (t) => {
  const { app } = await fakeApp(t)
  const url = `/v1/plans/${PLAN_ID.replace(/.$/, 'f')}`
  const answer = await app.inject({ method: 'DELETE', url, headers: { 'if-match': '"other"' } })
  t.match(answer.json(), { status: 404, code: 'PLAN_NOT_FOUND' })
})

t.test(
  'a request that is repeated with its key is answered again, though the job has changed by it',
  async (t) => {
    const { app, rooms } = await fakeApp(t)
    const headers = { 'if-match': `"${rooms.version.version}"`, 'idempotency-key': 'one' }
    const request: InjectOptions = { method: 'POST', url: `${JOB}/cancellation`, headers }
    t.equal((await app.inject(request)).statusCode, 202)
    rooms.version = { version: '8', isFinished: false, isHeld: false }
    const again = await app.inject(request)
    t.equal(again.statusCode, 202)
    t.equal(again.headers['idempotency-replayed'], 'true')
  },
)
