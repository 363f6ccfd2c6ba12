import t from 'tap'
import { isReadDifferently, isSafeProxyUrl, routeOf } from '../../../src/core/probe/http-proxy.ts'
import { probeTargets } from '../../../src/core/probe/probe-targets.ts'
import type { HttpProxyFacts } from '../../../src/core/snapshot/snapshot.ts'
import { aProxy, features } from '../../support/a-cluster.ts'

const PROXY = 'http://10.9.0.4:3128'
const API = 'api.example.com'
const https = (host: string, port = 443) => ({ protocol: 'https' as const, host, port })

/** `both`: containerd and curl send directly. `go` and `curl`: only this one does. `none`: both use the proxy. */
const ENTRIES: [entry: string, host: string, directly: 'both' | 'go' | 'curl' | 'none'][] = [
  ['mcr.example.com', 'mcr.example.com', 'both'],
  ['MCR.Example.com ', 'mcr.example.com', 'both'],
  ['example.com', 'mcr.example.com', 'both'],
  ['example.com', 'notexample.com', 'none'],
  ['.example.com', 'mcr.example.com', 'both'],
  ['.example.com', 'example.com', 'curl'],
  ['*.example.com', 'mcr.example.com', 'go'],
  ['*.example.com', 'example.com', 'none'],
  ['*', 'mcr.example.com', 'both'],
  ['mcr.example.com:443', 'mcr.example.com', 'go'],
  ['mcr.example.com:8443', 'mcr.example.com', 'none'],
  ['10.0.0.0/8', 'mcr.example.com', 'none'],
  ['0.0.0.0/0', 'mcr.example.com', 'none'],
  ['', 'mcr.example.com', 'none'],
  ['localhost', 'mcr.example.com', 'none'],
]

for (const [entry, host, directly] of ENTRIES)
  t.test(`reads the no-proxy entry ${JSON.stringify(entry)} for ${host}`, async (t) => {
    for (const list of [{ noProxy: [entry] }, { effectiveNoProxy: [entry] }]) {
      const proxy = aProxy(list)
      const isDirect = directly === 'both' || directly === 'go'
      t.equal(routeOf(proxy, https(host), null), isDirect ? null : PROXY)
      t.equal(isReadDifferently(proxy, https(host), null), directly === 'go' || directly === 'curl')
    }
  })

t.test('the API server is direct if ARM does not show the effective list', async (t) => {
  t.equal(routeOf(aProxy(), https(API), API), null)
  t.equal(routeOf(aProxy({ effectiveNoProxy: ['localhost'] }), https(API), API), PROXY)
  t.equal(routeOf(aProxy({ effectiveNoProxy: [API] }), https(API), API), null)
  t.equal(routeOf(null, https('a.example.com'), API), null, 'no proxy')
})

t.test('each scheme has its own server', async (t) => {
  const server = { scheme: 'https' as const, host: 'p.corp', port: 8443 }
  const proxy = aProxy({ servers: { http: null, https: server } })
  t.equal(routeOf(proxy, https('a.example.com'), null), 'https://p.corp:8443')
  t.equal(routeOf(proxy, { protocol: 'http', host: 'a.example.com', port: 80 }, null), null)
})

const required = (destination: string, protocol: 'HTTPS' | 'HTTP' = 'HTTPS') => ({
  destination,
  kind: 'fqdn' as const,
  port: protocol === 'HTTPS' ? 443 : 80,
  protocol,
  need: 'required' as const,
})

const targetsOf = (proxy: HttpProxyFacts | null) =>
  probeTargets(
    { features: features({ httpProxy: proxy }), ipFamilies: ['IPv4'] },
    API,
    [required('mcr.example.com'), required('archive.example.com', 'HTTP')],
    { endpoints: ['https://inside.corp/'], sourceAddressUrl: 'https://ip.example.com/' },
  )
const summary = ({ targets }: ReturnType<typeof targetsOf>) =>
  targets.map(({ origin, host, port, proxy }) => `${origin} ${host}:${port} ${proxy ?? 'direct'}`)

t.test('probes the proxy itself, and behind it what the no-proxy list does not exclude', async (t) => {
  const found = targetsOf(aProxy({ noProxy: ['corp'], hasTrustedCa: true }))
  t.strictSame(summary(found), [
    `apiServer ${API}:443 direct`,
    'httpProxy 10.9.0.4:3128 direct',
    `required mcr.example.com:443 ${PROXY}`,
    `required archive.example.com:80 ${PROXY}`,
    'requested inside.corp:443 direct',
  ])
  t.match(found, { sourceProxy: PROXY, trustsProxy: true })
  t.match(found.notes, [/2 endpoints pass the HTTP proxy http:\/\/10\.9\.0\.4:3128/, /`trustedCa`/])
})

t.test('a cluster without a proxy has direct targets and no note', async (t) => {
  const found = targetsOf(null)
  t.notMatch(summary(found).join(), /httpProxy|3128/)
  t.strictSame(found.notes, [])
  t.equal(found.sourceProxy, undefined)
})

t.test('measures only the way to a proxy that needs a password, and says so', async (t) => {
  const found = targetsOf(aProxy({ hasCredentials: true, noProxy: ['corp'] }))
  t.strictSame(summary(found), [
    `apiServer ${API}:443 direct`,
    'httpProxy 10.9.0.4:3128 direct',
    'requested inside.corp:443 direct',
  ])
  t.equal(found.sourceAddressUrl, null)
  t.match(found.notes, [/contains credentials.*mcr\.example\.com:443, archive\.example\.com:80/])
})

t.test('measures nothing behind a URL that is no address', async (t) => {
  for (const server of ['unusable' as const, { scheme: 'http' as const, host: 'p;id', port: 1 }]) {
    const found = targetsOf(aProxy({ servers: { http: server, https: server } }))
    t.strictSame(summary(found), [`apiServer ${API}:443 direct`])
    t.match(found.notes, [/whose URL is no address: mcr\.example\.com:443, archive\.example\.com:80, inside/])
  }
})

t.test('accepts only the URL of a proxy without a character that a shell reads', async (t) => {
  for (const url of ['http://proxyvm:3128', 'https://p.corp:8443', PROXY]) t.ok(isSafeProxyUrl(url), url)
  for (const url of [
    'http://u:p@p.corp:1',
    'http://p.corp',
    'http://p.corp:99999',
    'http://p.corp:1/x',
    'http://p$(id):1',
    "http://p';id;':1",
    'http://p corp:1',
    'http://p:1\nid',
    'socks5://p:1',
  ])
    t.notOk(isSafeProxyUrl(url), url)
})
