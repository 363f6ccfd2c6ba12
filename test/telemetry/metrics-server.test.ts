import t from 'tap'
import { serveMetrics } from '../../src/telemetry/metrics-server.ts'

const OPTIONS = {
  host: '127.0.0.1',
  port: 0,
  text: async () => 'figures\n',
  readiness: async () => [{ name: 'database', ok: true, required: true }],
  logger: { warn: () => {} },
}

t.test('serves metrics and probes, and nothing else', async (t) => {
  const server = await serveMetrics({
    ...OPTIONS,
    readiness: async () => [
      { name: 'database', ok: true, required: true },
      { name: 'azure', ok: false, required: false, detail: 'away' },
    ],
  })
  t.teardown(() => server.close())
  const ask = (path: string, method = 'GET') => fetch(server.url + path, { method })
  const figures = await ask('/metrics?a=b')
  t.strictSame([figures.status, await figures.text()], [200, 'figures\n'])
  t.match(figures.headers.get('content-type'), 'version=0.0.4')
  t.equal(await (await ask('/healthz')).text(), 'ok\n')
  const ready = await ask('/readyz')
  t.strictSame([ready.status, await ready.text()], [200, 'database: ok\nazure: not ok, away\n'])
  t.equal((await ask('/v1/plans')).status, 404)
  const posted = await ask('/metrics', 'POST')
  t.strictSame([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD'])
})

t.test('reports when it is not ready, and writes the cause only to the log', async (t) => {
  const logged: object[] = []
  const server = await serveMetrics({
    ...OPTIONS,
    text: () => Promise.reject(new Error('top secret')),
    readiness: async () => [{ name: 'database', ok: false, required: true }],
    logger: { warn: (facts) => void logged.push(facts) },
  })
  t.teardown(() => server.close())
  t.equal((await fetch(`${server.url}/readyz`)).status, 503)
  const failed = await fetch(`${server.url}/metrics`)
  t.equal(failed.status, 500)
  t.notMatch(await failed.text(), 'secret')
  t.match(logged, [{ err: { message: 'top secret' } }])
})

t.test('reports a port in use at startup', async (t) => {
  const first = await serveMetrics(OPTIONS)
  t.teardown(() => first.close())
  await t.rejects(serveMetrics({ ...OPTIONS, port: Number(new URL(first.url).port) }), { code: 'EADDRINUSE' })
})
