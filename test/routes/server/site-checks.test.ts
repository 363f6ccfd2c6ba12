import t from 'tap'
import { CLUSTER, fakeApp, JOB_ID, PLAN_ID, WEBHOOK_ID } from '../support/fakes.ts'

const READ = `/v1/plans/${PLAN_ID}`
const RELEASE = `/v1/jobs/${JOB_ID}/release`
const KNOWN = ['localhost', '127.0.0.1', '[::1]']

t.test('serves only known hosts, with any port, and answers others with 421', async (t) => {
  const { app, rooms } = await fakeApp(t, { knownHosts: KNOWN, trustedProxies: ['127.0.0.1'] })
  for (const host of ['localhost', 'LOCALHOST:8080', '127.0.0.1:1', '[::1]', '[::1]:8080'])
    t.equal((await app.inject({ url: READ, headers: { host } })).statusCode, 200, host)
  rooms.calls.length = 0
  const strangers = ['rebound.example', 'rebound.example:8080', 'localhost.rebound.example', '127.0.0.1.x']
  for (const host of [...strangers, 'localhost:8080:80', '10.0.0.1:8080']) {
    const answer = await app.inject({ url: READ, headers: { host, 'x-forwarded-host': 'localhost' } })
    t.equal(answer.statusCode, 421, host)
    t.match(answer.json(), { code: 'HOST_UNKNOWN', facts: { host } })
  }
  t.strictSame(rooms.calls, [], 'no module was called')
})

t.test('serves every host unless hosts are configured', async (t) => {
  const { app } = await fakeApp(t)
  t.equal((await app.inject({ url: READ, headers: { host: 'planner.example' } })).statusCode, 200)
})

/** Operations that a page can call without a preflight, because they need no body. */
const CHANGES = [
  ['POST', RELEASE],
  ['POST', `/v1/jobs/${JOB_ID}/cancellation`],
  ['POST', `/v1/webhooks/${WEBHOOK_ID}/ping`],
  ['POST', `/v1/webhooks/${WEBHOOK_ID}/secret-rotation`],
  ['POST', `/v1/plans/${PLAN_ID}/approvals`],
  ['DELETE', `/v1/webhooks/${WEBHOOK_ID}`],
  ['DELETE', READ],
] as const

const OF_OTHER_SITES: Record<string, string>[] = [
  { origin: 'https://other.example' },
  { origin: 'http://localhost:9999' },
  { origin: 'null' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { 'sec-fetch-site': 'cross-site', origin: 'http://localhost' },
]

for (const [method, url] of CHANGES)
  t.test(`rejects ${method} ${url} of a page of another site with 403`, async (t) => {
    const { app, rooms } = await fakeApp(t, { corsOrigins: ['https://portal.example'] })
    for (const headers of OF_OTHER_SITES) {
      const answer = await app.inject({ method, url, headers: { host: 'localhost', ...headers } })
      t.equal(answer.statusCode, 403, JSON.stringify(headers))
      t.match(answer.json(), { code: 'SITE_NOT_ALLOWED', facts: { origin: headers.origin ?? null } })
    }
    t.strictSame(rooms.calls, [], 'no module was called')
    t.equal(rooms.refused.length, OF_OTHER_SITES.length, 'each rejection is audited')
  })

t.test('accepts changes of its own pages, of allowed origins and of programs', async (t) => {
  const { app } = await fakeApp(t, { corsOrigins: ['https://portal.example'] })
  const accepted: Record<string, string>[] = [
    {},
    { origin: 'http://planner.example:8080' },
    { 'sec-fetch-site': 'none' },
    // Behind a proxy that replaces the host, the browser still knows.
    { 'sec-fetch-site': 'same-origin', origin: 'https://public.example' },
    { 'sec-fetch-site': 'cross-site', origin: 'https://portal.example' },
    { origin: 'https://portal.example' },
  ]
  for (const headers of accepted) {
    const all = { host: 'planner.example:8080', ...headers }
    const answer = await app.inject({ method: 'POST', url: RELEASE, headers: all })
    t.equal(answer.statusCode, 202, JSON.stringify(headers))
  }
})

t.test('a page of another site may still follow a link to a report', async (t) => {
  const { app } = await fakeApp(t)
  const headers = { 'sec-fetch-site': 'cross-site' }
  t.equal((await app.inject({ url: READ, headers })).statusCode, 200)
  const payload = { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } }
  t.equal((await app.inject({ method: 'POST', url: '/v1/plans', headers, payload })).statusCode, 403)
})
