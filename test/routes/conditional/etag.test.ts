import type { InjectOptions } from 'fastify'
import t from 'tap'
import { EXAMPLE_APPROVAL, EXAMPLE_PLAN } from '../../../src/routes/examples/jobs.ts'
import { fakeApp, JOB_ID, PLAN_ID } from '../support/fakes.ts'

const PLAN = `/v1/plans/${PLAN_ID}`
const JOB = `/v1/jobs/${JOB_ID}`
const MARKDOWN = { accept: 'text/markdown' }
const HTML = { accept: 'text/html' }

t.test('returns 304 for a known version, without reading the body', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const targets = [
    { url: PLAN, reads: 'getPlanVersion' },
    { url: PLAN, headers: MARKDOWN, reads: 'getPlanVersion' },
    { url: PLAN, headers: HTML, reads: 'getPlanVersion' },
    { url: JOB, reads: 'getVersion' },
    { url: JOB, headers: MARKDOWN, reads: 'getVersion' },
    { url: JOB, headers: HTML, reads: 'getVersion' },
    { url: `${JOB}/events?after=2`, reads: 'getVersion' },
  ]
  for (const { url, headers = {}, reads } of targets) {
    const first = await app.inject({ url, headers })
    t.equal(first.statusCode, 200)
    t.equal(first.headers['cache-control'], 'private, no-cache')
    const etag = String(first.headers.etag)
    t.match(etag, /^"[\w.-]+"$/)
    rooms.calls.length = 0
    for (const known of [etag, `W/${etag}`, `"other" , ${etag}`, '*']) {
      const again = await app.inject({ url, headers: { ...headers, 'if-none-match': known } })
      t.equal(again.statusCode, 304, `${url} ${known}`)
      t.equal(again.payload, '')
      t.equal(again.headers.etag, etag)
      t.equal(again.headers.vary, first.headers.vary)
      t.equal(again.headers['cache-control'], 'private, no-cache')
    }
    t.strictSame(
      rooms.calls.map(([method]) => method),
      [reads, reads, reads, reads],
    )
    for (const other of ['"other"', etag.slice(1, -1), '', `"x${etag.slice(1)}`]) {
      const news = await app.inject({ url, headers: { ...headers, 'if-none-match': other } })
      t.equal(news.statusCode, 200, `${url} ${other}`)
      t.equal(news.payload, first.payload)
    }
  }
})

t.test('the forms of a plan and of a job have tags of their own', async (t) => {
  const { app } = await fakeApp(t)
  for (const url of [PLAN, JOB]) {
    const tags = []
    for (const headers of [{}, MARKDOWN, HTML]) tags.push((await app.inject({ url, headers })).headers.etag)
    t.equal(new Set(tags).size, 3)
    const known = await app.inject({ url, headers: { ...HTML, 'if-none-match': String(tags[0]) } })
    t.equal(known.statusCode, 200)
  }
})

t.test('rejects a form of a job that does not exist with 406, and waits for nothing before', async (t) => {
  const { app } = await fakeApp(t)
  for (const [url, available] of [
    [JOB, ['application/json', 'text/markdown', 'text/html']],
    [`${JOB}/ip-changes`, ['application/json', 'text/csv']],
  ] as const) {
    const answer = await app.inject({ url, headers: { accept: 'image/png', prefer: 'wait=60' } })
    t.match(
      [answer.statusCode, answer.json()],
      [406, { code: 'NOT_ACCEPTABLE', facts: { accept: 'image/png', available } }],
    )
  }
})

t.test('the reports of a plan have a new tag when its job has changed', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.planVersion = { version: `applicable.${JOB_ID}`, isPending: false, isApproved: false, jobId: JOB_ID }
  const tag = async (headers: object) =>
    (await app.inject({ url: PLAN, headers: { ...headers } })).headers.etag
  const before = [await tag({}), await tag(HTML)]
  t.equal(before[0], `"${EXAMPLE_PLAN.status}.${JOB_ID}"`)
  rooms.version = { version: '8', isFinished: true, isHeld: false }
  t.equal(await tag({}), before[0], 'the plan itself is the same')
  t.not(await tag(HTML), before[1])
})

t.test(
  'the reports of a plan and its job have a new tag when a later job has read the addresses',
  async (t) => {
    const { app, rooms } = await fakeApp(t)
    const tags = () =>
      Promise.all(
        [PLAN, JOB].flatMap((url) =>
          [{}, HTML].map(async (headers) => (await app.inject({ url, headers })).headers.etag),
        ),
      )
    rooms.planVersion = { version: `executed.${JOB_ID}`, isPending: false, isApproved: false, jobId: JOB_ID }
    const [plan, planReport, job, jobReport] = await tags()
    rooms.laterVersions = [PLAN_ID]
    const later = await tags()
    t.strictSame([later[0], later[2]], [plan, job], 'the JSON is the same')
    t.not(later[1], planReport)
    t.not(later[3], jobReport)
  },
)

t.test('the reports of a plan have a new tag when another person approves', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.planVersion = { version: 'applicable.approved', isPending: false, isApproved: true, jobId: null }
  const tag = async () => (await app.inject({ url: PLAN, headers: HTML })).headers.etag
  const tags = new Set([await tag()])
  const other = { ...EXAMPLE_APPROVAL, id: JOB_ID }
  const withdrawn = { ...other, withdrawnAt: other.at }
  for (const items of [
    [EXAMPLE_APPROVAL, other],
    [EXAMPLE_APPROVAL, withdrawn],
  ]) {
    rooms.planApprovals = items
    tags.add(await tag())
  }
  t.equal(tags.size, 3)
  rooms.planVersion = { version: 'applicable.pending', isPending: true, isApproved: false, jobId: null }
  rooms.planApprovals = []
  tags.add(await tag())
  rooms.planApprovals = [withdrawn]
  tags.add(await tag())
  t.equal(tags.size, 5, 'the approval of a pending plan was withdrawn')
})

t.test('returns a changed job completely, with its new tag', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const { etag } = (await app.inject(JOB)).headers
  rooms.version = { version: '8', isFinished: true, isHeld: false }
  const news = await app.inject({ url: JOB, headers: { 'if-none-match': String(etag) } })
  t.equal(news.statusCode, 200)
  t.equal(news.headers.etag, '"8"')
})

t.test('a missing resource does not satisfy a condition', async (t) => {
  const { app } = await fakeApp(t)
  const nobody = '00000000-0000-7000-8000-000000000000'
  for (const url of [`/v1/plans/${nobody}`, `/v1/jobs/${nobody}`, `/v1/jobs/${nobody}/events`]) {
    const answer = await app.inject({ url, headers: { 'if-none-match': '*' } })
    t.equal(answer.statusCode, 404)
    t.equal(answer.headers.etag, undefined)
  }
})

t.test('a 304 keeps the policy of the page, so that a reloaded report keeps its style', async (t) => {
  const { app } = await fakeApp(t)
  const headers = { accept: 'text/html' }
  for (const url of [PLAN, JOB]) {
    const page = await app.inject({ url, headers })
    t.match(page.headers['content-security-policy'], /style-src 'sha256-/)
    const again = await app.inject({
      url,
      headers: { ...headers, 'if-none-match': String(page.headers.etag) },
    })
    t.equal(again.statusCode, 304)
    // What describes the body, and what is new in every response.
    const others = ['content-type', 'content-length', 'date', 'x-request-id']
    const kept = Object.keys(page.headers).filter((name) => !others.includes(name))
    t.ok(kept.length > 8, kept.join(', '))
    for (const name of kept) t.equal(again.headers[name], page.headers[name], name)
    // A stored page with another style would lose it under the policy of the present style.
    t.match(page.headers.etag, /html\..*\.\w{8}"$/)
  }
})

t.test('HEAD is conditional too', async (t) => {
  const { app } = await fakeApp(t)
  const { etag } = (await app.inject({ method: 'HEAD', url: JOB })).headers
  const again = await app.inject({ method: 'HEAD', url: JOB, headers: { 'if-none-match': String(etag) } })
  t.equal(again.statusCode, 304)
})

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

t.test('returns 404 for a missing resource with any condition', async (t) => {
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
