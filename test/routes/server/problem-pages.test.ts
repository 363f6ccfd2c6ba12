import t from 'tap'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { fakeApp, PLAN_ID } from '../support/fakes.ts'

const PLAN = `/v1/plans/${PLAN_ID}`
/** What Chrome, Firefox and Safari send when they open a URL. */
const ACCEPT = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const BROWSER = { accept: ACCEPT, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const HTML = 'text/html; charset=utf-8'
const JSON_PROBLEM = 'application/problem+json; charset=utf-8'

t.test(
  'a browser that opens a page gets each problem as a page, also from an overloaded service',
  async (t) => {
    const { app: overloaded } = await fakeApp(t, {
      pressure: { eventLoopDelayMs: 0, heapBytes: 1, residentBytes: 0, sampleMs: 10 },
    })
    while (!overloaded.isUnderPressure()) await new Promise((resolve) => setTimeout(resolve, 5))
    const { app: limited } = await fakeApp(t, { rateLimits: { reads: 1, writes: 1 } })
    await limited.inject(PLAN)
    const { app: closed } = await fakeApp(t, {
      authenticate: async () => {
        throw new DomainError('TOKEN_INVALID', { reason: 'a wrong token' })
      },
    })
    const { app } = await fakeApp(t)
    const rows = [
      [overloaded, PLAN, 503, 'OVERLOADED', /Reload this page after 10 s\./],
      [overloaded, '/', 503, 'OVERLOADED', /The service is overloaded/],
      [limited, PLAN, 429, 'TOO_MANY_REQUESTS', /Reload this page after \d+ s\./],
      [closed, PLAN, 401, 'TOKEN_INVALID', /a wrong token/],
      [app, '/v1/plans/x', 400, 'INVALID_REQUEST', /<h1>Invalid request<\/h1>/],
      [
        app,
        '/v1/clusters?a=1&b=2',
        400,
        'INVALID_REQUEST',
        /<code>a<\/code>: a is not .*<code>b<\/code>: b/s,
      ],
      [app, '/nothing', 404, 'ROUTE_NOT_FOUND', /<a href="\/">Home/],
    ] as const
    for (const [service, url, status, code, text] of rows) {
      const page = await service.inject({ url, headers: BROWSER })
      const json = await service.inject({ url })
      t.strictSame([page.statusCode, json.statusCode], [status, status], url)
      t.strictSame([page.headers['content-type'], json.headers['content-type']], [HTML, JSON_PROBLEM], url)
      t.match(page.body, text, url)
      t.match(
        page.body,
        new RegExp(`<code>${code}</code>.*<code>${page.headers['x-request-id']}</code>`, 's'),
      )
      for (const name of ['x-ms-error-code', 'retry-after', 'www-authenticate'])
        t.equal(typeof page.headers[name], typeof json.headers[name], `${url} ${name}`)
      t.match(page.headers, {
        'x-ms-error-code': code,
        'cache-control': 'no-store',
        'content-security-policy': /default-src 'none'.*sandbox/,
      })
      t.notOk(page.headers.vary)
    }
  },
)

t.test('programs get problems as JSON, also if they request HTML', async (t) => {
  const { app } = await fakeApp(t)
  const url = '/v1/plans/x'
  const { 'sec-fetch-mode': _, ...plainHttp } = BROWSER
  t.equal((await app.inject({ url, headers: plainHttp })).headers['content-type'], HTML)
  const others: [string, Record<string, string>, method?: 'POST'][] = [
    [url, { accept: 'text/html' }],
    [url, { accept: '*/*' }],
    // The scripts of the pages read the problem.
    [url, { accept: 'text/html, application/json;q=0.5', 'sec-fetch-mode': 'cors' }],
    [url, { accept: ACCEPT, 'sec-fetch-mode': 'same-origin' }],
    // This operation has no page.
    ['/v1/jobs?a=1', BROWSER],
    ['/v1/plans', BROWSER, 'POST'],
  ]
  for (const [url, headers, method = 'GET'] of others) {
    const answer = await app.inject({ method, url, headers })
    t.equal(answer.headers['content-type'], JSON_PROBLEM, `${method} ${url} ${JSON.stringify(headers)}`)
  }
})

t.test('the page of a problem escapes what the request contains', async (t) => {
  const { app } = await fakeApp(t)
  const url = '/v1/clusters?%3Cscript%3Ealert(1)%3C%2Fscript%3E=1&%3Cimg%3E=2'
  const { body } = await app.inject({ url, headers: BROWSER })
  t.match(body, /&lt;script&gt;/)
  t.notMatch(body, /<script|<img/)
})
