import { createHash } from 'node:crypto'
import t from 'tap'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { documentOf, documentValidator } from '../support/document.ts'
import { fakeApp, PLAN_ID } from '../support/fakes.ts'

const PLAN = `/v1/plans/${PLAN_ID}`
const CHANGES = `${PLAN}/ip-changes`
const JSON_TYPE = 'application/json; charset=utf-8'
const HTML = 'text/html; charset=utf-8'
const MARKDOWN = 'text/markdown; charset=utf-8; variant=GFM'
const CSV = 'text/csv; charset=utf-8; header=present'

/** What clients really send, and the corners of RFC 9110, 12.5.1; null: nothing fits. */
const CASES: [url: string, accept: string | undefined, type: string | null][] = [
  [PLAN, undefined, JSON_TYPE],
  [PLAN, '', JSON_TYPE],
  [PLAN, '*/*', JSON_TYPE],
  [PLAN, 'application/json', JSON_TYPE],
  [PLAN, 'application/json; charset=utf-8', JSON_TYPE],
  [PLAN, 'application/json, text/plain, */*', JSON_TYPE],
  [PLAN, 'application/*', JSON_TYPE],
  [PLAN, 'text/markdown', MARKDOWN],
  [PLAN, 'TEXT/Markdown;charset=UTF-8', MARKDOWN],
  [PLAN, 'text/html', HTML],
  [PLAN, 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', HTML],
  [
    PLAN,
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
    HTML,
  ],
  [PLAN, 'application/json;q=0.5, text/markdown;q=0.9, text/html;q=0.7', MARKDOWN],
  [PLAN, 'text/html;q=0.4, application/json;q=0.4', HTML],
  [PLAN, 'application/json;q=0, */*', MARKDOWN],
  [PLAN, 'text/*;q=0.3, text/html;q=0.9', HTML],
  [PLAN, 'application/pdf', null],
  [PLAN, 'application/json;q=0', null],
  [PLAN, 'text/csv', null],
  [PLAN, 'nonsense', null],
  [PLAN, ',;q=,', null],
  [CHANGES, undefined, JSON_TYPE],
  [CHANGES, '*/*', JSON_TYPE],
  [CHANGES, 'text/csv', CSV],
  [CHANGES, 'text/csv, application/json;q=0.9', CSV],
  [CHANGES, 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', JSON_TYPE],
  [CHANGES, 'text/*', CSV],
  [CHANGES, 'text/html', null],
]

t.test('each Accept header gets its preferred form, or 406', async (t) => {
  const { app } = await fakeApp(t)
  const { faultsOfAnswer } = documentValidator(documentOf(app))
  for (const [url, accept, type] of CASES) {
    const answer = await app.inject({ url, headers: accept === undefined ? {} : { accept } })
    const what = `${url.endsWith('changes') ? 'changes' : 'plan'} as ${accept}`
    t.equal(answer.headers['content-type'], type ?? 'application/problem+json; charset=utf-8', what)
    t.equal(answer.statusCode, type === null ? 406 : 200, what)
    t.equal(answer.headers.vary, 'Accept', what)
    const isJson = type === null || type === JSON_TYPE
    const operation = url === PLAN ? 'getPlan' : 'getIpChanges'
    const body = isJson ? answer.json() : answer.payload
    t.strictSame(
      faultsOfAnswer(operation, answer.statusCode, String(answer.headers['content-type']), body),
      [],
    )
  }
})

t.test('a 406 problem lists the available forms, and its type URL resolves', async (t) => {
  const { app } = await fakeApp(t)
  const problem = (await app.inject({ url: PLAN, headers: { accept: 'application/pdf' } })).json()
  t.match(problem, {
    code: 'NOT_ACCEPTABLE',
    facts: { accept: 'application/pdf', available: ['application/json', 'text/markdown', 'text/html'] },
    detail: /application\/pdf.*text\/markdown/,
  })
  t.equal((await app.inject(problem.type)).json().code, 'NOT_ACCEPTABLE')
  const long = (await app.inject({ url: PLAN, headers: { accept: `a/${'b'.repeat(4000)}` } })).json()
  t.equal(long.facts.accept.length, 200)
})

t.test('returns 404 in every format for a plan that is missing or hidden', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.fault = new DomainError('PLAN_NOT_FOUND', { planId: PLAN_ID })
  for (const url of [PLAN, CHANGES])
    for (const accept of ['application/json', 'text/html', 'text/markdown', 'text/csv', 'application/pdf'])
      t.equal((await app.inject({ url, headers: { accept } })).statusCode, 404, `${url} as ${accept}`)
})

t.test('the form cannot be asked for in the query', async (t) => {
  const { app } = await fakeApp(t)
  t.equal((await app.inject(`${PLAN}?format=html`)).statusCode, 400)
})

t.test('the page may load nothing, run nothing, and uses no style but its own', async (t) => {
  const { app } = await fakeApp(t)
  const { headers, payload } = await app.inject({ url: PLAN, headers: { accept: 'text/html' } })
  const style = /<style>([\s\S]*?)<\/style>/.exec(payload)?.[1] ?? ''
  const hash = createHash('sha256').update(style).digest('base64')
  t.equal(
    headers['content-security-policy'],
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox`,
  )
  t.equal(headers['x-content-type-options'], 'nosniff')
  t.equal(headers['referrer-policy'], 'no-referrer')
  // A link to the source of a rule loads nothing until a reader follows it, and then sends no referrer.
  const loading = payload.replace(
    /<a href="https:\/\/(learn\.microsoft|github|www\.npmjs)\.com\/[^"]*">/g,
    '',
  )
  t.notMatch(loading, /<script|<link|<img|<iframe|<object|<form|@import|url\(|\son\w+=|\sstyle=|https?:\/\//i)
})

t.test('Markdown and CSV are sent with nosniff', async (t) => {
  const { app } = await fakeApp(t)
  for (const [url, accept] of [
    [PLAN, 'text/markdown'],
    [CHANGES, 'text/csv'],
  ] as const)
    t.equal((await app.inject({ url, headers: { accept } })).headers['x-content-type-options'], 'nosniff')
})

t.test('HEAD returns the form without the body', async (t) => {
  const { app } = await fakeApp(t)
  const head = await app.inject({ method: 'HEAD', url: PLAN, headers: { accept: 'text/html' } })
  t.match(head, { statusCode: 200, payload: '' })
  t.equal(head.headers['content-type'], HTML)
})
