import t from 'tap'
import { collector, type Span, samplesOf, sumOf } from '../support/telemetry.ts'
import { execute, makePlan, planFor } from './support/requests.ts'
import { client, ended, service, until } from './support/service.ts'

const CALLER_TRACE = '0af7651916cd43dd8448eb211c80319c'
const CALLER_SPAN = 'b7ad6b7169203331'

/** The spans from one up to the first, by their names. */
function pathTo(spans: Span[], span: Span): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
  return [...(parent === undefined ? [] : pathTo(spans, parent)), span.name]
}

t.test('a job is one trace from the request that began it to each request to Azure', async (t) => {
  const traces = await collector(t)
  const planner = await service(t, { OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint, METRICS_PORT: '0' })
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
  const accepted = await planner.post(
    '/v1/jobs',
    { planId: plan.id, acknowledge: plan.acknowledgementsRequired },
    { traceparent: `00-${CALLER_TRACE}-${CALLER_SPAN}-01` },
  )
  t.equal(accepted.status, 202)
  const jobId = String(accepted.body.id)
  t.equal((await ended(planner, jobId)).status, 'Succeeded')
  const ofJob = () => traces.spans.filter(({ traceId }) => traceId === CALLER_TRACE)
  await until(
    async () => ofJob().map(({ name }) => name),
    (names) => names.includes('tick end'),
  )
  const spans = ofJob()
  t.match(traces.resource, { 'service.name': 'aks-egress-planner', 'service.version': /^\d/ })

  const [request] = spans.filter(({ name }) => name === 'POST /v1/jobs')
  t.equal(request?.parentSpanId, CALLER_SPAN, 'under the span of the caller')
  t.match(request?.attributes, { 'egress.operation': 'createJob', 'http.response.status_code': 202 })
  const ticks = spans.filter(({ name }) => name.startsWith('tick '))
  for (const tick of ticks) {
    t.equal(tick.parentSpanId, request?.spanId, `${tick.name} under the request`)
    t.equal(tick.attributes['egress.job.id'], jobId)
    t.match(tick.attributes['egress.cluster.id'], /\/managedClusters\/lb-managed$/)
  }
  const steps = new Set(ticks.map(({ attributes }) => attributes['egress.step']))
  for (const step of ['check-freshness', 'change-outbound-type', 'verify', 'discover-egress-ips'])
    t.ok(steps.has(step), step)
  const [put] = spans.filter(({ name }) => name === 'ARM write managedClusters')
  t.strictSame(put && pathTo(spans, put), ['POST /v1/jobs', 'tick write', 'ARM write managedClusters'])
  t.match(put?.attributes, { 'http.response.status_code': /^20[01]$/, 'azure.request_id': /./ })
  const [read] = spans.filter(
    (each) => pathTo(spans, each).includes('snapshot') && each.name.startsWith('ARM'),
  )
  t.strictSame(read && pathTo(spans, read).slice(0, 2), ['POST /v1/jobs', 'snapshot'])

  const planned = traces.spans.find(({ name }) => name === 'plan')
  t.strictSame(planned && pathTo(traces.spans, planned), ['POST /v1/plans', 'plan'])
  t.not(planned?.traceId, CALLER_TRACE, 'another request is another trace')

  const logged = planner.process.lines.map((line) => JSON.parse(line))
  const taken = logged.find(({ msg }) => msg === 'Azure accepted the request')
  t.match(taken, { traceId: CALLER_TRACE, jobId, cluster: /lb-managed$/, step: 'change-outbound-type' })
  t.match(
    logged.find(({ msg, operationId }) => msg === 'answered' && operationId === 'createJob'),
    { traceId: CALLER_TRACE },
  )
  t.match(
    logged.find(({ msg, operationId }) => msg === 'answered' && operationId === 'getJob'),
    { jobId },
  )
})

t.test('a job from end to end is counted, on a port of its own and on the main one', async (t) => {
  const planner = await service(t, { METRICS_PORT: '0' })
  const line = planner.process.lines.find((each) => each.includes('"metrics"')) ?? '{}'
  const own = client(JSON.parse(line).metrics, false)
  t.match(own.url, /^http:\/\/127\.0\.0\.1:\d+$/, 'on loopback')
  await makePlan(planner, planFor('lb-byo', 'none'))
  const job = await execute(planner, await makePlan(planner, planFor('lb-managed', 'managedNATGateway')))
  t.equal((await ended(planner, String(job.id))).status, 'Succeeded')
  await planner.get('/v1/plans/00000000-0000-7000-8000-000000000000')
  await planner.get('/v1/nowhere')

  const answer = await own.get('/metrics')
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-type'), 'text/plain; version=0.0.4')
  const samples = samplesOf(answer.text)
  const sum = (name: string, labels?: Record<string, string>) => sumOf(samples, `egress_${name}`, labels)
  t.equal(sum('http_request_duration_seconds_count', { operation: 'createPlan', status: '2xx' }), 2)
  t.equal(sum('http_request_duration_seconds_count', { operation: 'createJob', status: '2xx' }), 1)
  t.equal(sum('http_request_duration_seconds_count', { operation: 'getPlan', status: '4xx' }), 1)
  t.equal(sum('http_request_duration_seconds_count', { operation: 'none', status: '4xx' }), 1)
  t.equal(sum('plans_total', { status: 'applicable', target: 'managedNATGateway' }), 1)
  t.equal(sum('plans_total'), 2)
  t.equal(sum('jobs_accepted_total'), 1)
  t.equal(sum('jobs_ended_total', { status: 'Succeeded', code: 'none' }), 1)
  t.equal(sum('job_duration_seconds_count', { status: 'Succeeded' }), 1)
  for (const step of ['check-freshness', 'change-outbound-type', 'verify', 'discover-egress-ips'])
    t.equal(sum('step_duration_seconds_count', { step, status: 'Succeeded' }), 1, step)
  t.equal(sum('tick_duration_seconds_count', { action: 'write' }), 1)
  t.equal(
    sum('arm_request_duration_seconds_count', {
      method: 'write',
      operation: 'managedClusters',
      status: '2xx',
      fault: 'none',
    }),
    1,
  )
  t.ok(sum('arm_request_duration_seconds_count', { operation: 'locations/operations' }) > 0, 'polls')
  t.equal(sum('arm_ratelimit_remaining', { bucket: 'subscription-writes' }), 199)
  t.equal(sum('database_up'), 1)
  t.ok(samples.has('egress_ticks_due') && samples.has('egress_oldest_due_tick_age_seconds'))
  t.ok(samples.has('nodejs_eventloop_lag_seconds'))
  t.match(answer.text, /egress_build_info\{version="\d+\.\d+\.\d+",node="v24/)
  for (const name of ['lb-managed', 'lb-byo', 'rg-demo', '11111111-1111'])
    t.notMatch(answer.text, name, `no ${name} in any label`)

  const onMain = await planner.get('/metrics')
  t.equal(onMain.status, 200)
  t.match(onMain.text, 'egress_jobs_ended_total')
  t.equal((await own.get('/readyz')).status, 200)
  t.match((await own.get('/readyz')).text, /^queue: ok$/m)
  t.equal((await own.get('/v1/plans')).status, 404)
  t.equal((await own.post('/metrics', {})).status, 405)
})
