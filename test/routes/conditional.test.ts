import t from 'tap'
import { fakeApp, JOB_ID, PLAN_ID } from './fakes.ts'

const PLAN = `/v1/plans/${PLAN_ID}`
const JOB = `/v1/jobs/${JOB_ID}`
const MARKDOWN = { accept: 'text/markdown' }
const HTML = { accept: 'text/html' }

t.test('what has been seen is answered 304, and the body is not read', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const targets = [
    { url: PLAN, reads: 'getPlanStatus' },
    { url: PLAN, headers: MARKDOWN, reads: 'getPlanStatus' },
    { url: PLAN, headers: HTML, reads: 'getPlanStatus' },
    { url: JOB, reads: 'getVersion' },
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

t.test('the forms of a plan have tags of their own', async (t) => {
  const { app } = await fakeApp(t)
  const tags = []
  for (const headers of [{}, MARKDOWN, HTML])
    tags.push((await app.inject({ url: PLAN, headers })).headers.etag)
  t.equal(new Set(tags).size, 3)
  const known = await app.inject({ url: PLAN, headers: { ...HTML, 'if-none-match': String(tags[0]) } })
  t.equal(known.statusCode, 200)
})

t.test('a job that has moved on is answered whole, with its new tag', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const { etag } = (await app.inject(JOB)).headers
  rooms.version = { version: '8', isFinished: true, isHeld: false }
  const news = await app.inject({ url: JOB, headers: { 'if-none-match': String(etag) } })
  t.equal(news.statusCode, 200)
  t.equal(news.headers.etag, '"8"')
})

t.test('what does not exist is no answer to a condition', async (t) => {
  const { app } = await fakeApp(t)
  const nobody = '00000000-0000-7000-8000-000000000000'
  for (const url of [`/v1/plans/${nobody}`, `/v1/jobs/${nobody}`, `/v1/jobs/${nobody}/events`]) {
    const answer = await app.inject({ url, headers: { 'if-none-match': '*' } })
    t.equal(answer.statusCode, 404)
    t.equal(answer.headers.etag, undefined)
  }
})

t.test('HEAD is conditional too', async (t) => {
  const { app } = await fakeApp(t)
  const { etag } = (await app.inject({ method: 'HEAD', url: JOB })).headers
  const again = await app.inject({ method: 'HEAD', url: JOB, headers: { 'if-none-match': String(etag) } })
  t.equal(again.statusCode, 304)
})
