import t, { type Test } from 'tap'
import { startTracing, type TracingOptions } from '../../src/telemetry/opentelemetry.ts'
import { withSpan } from '../../src/telemetry/tracing.ts'
import { collector } from '../support/telemetry.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

async function tracing(t: Test, given: Partial<TracingOptions> = {}) {
  const kept = await collector(t)
  const options = { endpoint: kept.endpoint, serviceName: 'planner', version: '1', ratio: 1 }
  const made = startTracing({ ...options, warn: () => {}, ...given })
  return { ...made, kept }
}

t.test(
  'a span is a child of the active span, even after waits, unless it has an explicit parent',
  async (t) => {
    const { begin, kept, stop, traceId, traceparent } = await tracing(t)
    t.equal(traceparent(), null)
    const outer = begin('outer', 'server', { parent: `00-${TRACE}-${SPAN}-01` })
    await outer.run(async () => {
      await new Promise((resolve) => setImmediate(resolve))
      t.equal(traceId(), TRACE)
      t.match(traceparent(), new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
      begin('inner', 'client').end({ 'http.response.status_code': 503 }, true)
    })
    outer.end()
    begin('alone', 'internal').end()
    await stop()
    const [inner, ended, alone] = ['inner', 'outer', 'alone'].map((name) =>
      kept.spans.find((span) => span.name === name),
    )
    t.match(ended, { traceId: TRACE, parentSpanId: SPAN })
    t.match(inner, { traceId: TRACE, parentSpanId: ended?.spanId, status: { code: 2 } })
    t.not(alone?.traceId, TRACE)
    t.match(kept.resource, { 'service.name': 'planner', 'service.version': '1' })
  },
)

t.test('an invalid traceparent starts a new trace', async (t) => {
  const { begin, kept, stop } = await tracing(t)
  const zero = '0'.repeat(32)
  const wrong = ['', 'x', `00-${zero}-${SPAN}-01`, `01-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01-x`]
  for (const parent of wrong) begin('request', 'server', { parent }).end()
  await stop()
  t.equal(kept.spans.length, wrong.length)
  t.notOk(kept.spans.some((span) => span.traceId === TRACE || span.parentSpanId === SPAN))
})

t.test('the caller decides whether their trace is kept, the ratio decides for ours', async (t) => {
  const { begin, kept, stop } = await tracing(t, { ratio: 0 })
  begin('ours', 'server').end()
  begin('not wanted', 'server', { parent: `00-${TRACE}-${SPAN}-00` }).end()
  begin('wanted', 'server', { parent: `00-${TRACE}-${SPAN}-01` }).end()
  await stop()
  t.strictSame(
    kept.spans.map(({ name }) => name),
    ['wanted'],
  )
})

t.test('reports a failure by its code, and never by its message', async (t) => {
  const made = await tracing(t)
  const error = Object.assign(new Error('top secret'), { code: 'CLUSTER_NOT_FOUND' })
  await t.rejects(
    withSpan(made, 'plan', {}, () => Promise.reject(error)),
    error,
  )
  await made.stop()
  t.match(made.kept.spans, [
    { name: 'plan', status: { code: 2 }, attributes: { 'error.type': 'CLUSTER_NOT_FOUND' } },
  ])
  t.notMatch(made.kept.text, 'top secret')
  t.equal(await withSpan(null, 'plan', {}, async () => 7), 7, 'without traces it is only done')
})

t.test('an unavailable collector delays nothing', async (t) => {
  const { begin, stop } = await tracing(t, { endpoint: 'http://127.0.0.1:1' })
  begin('request', 'server').end()
  const started = performance.now()
  await stop()
  t.ok(performance.now() - started < 5_000)
})
