import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import t from 'tap'
import { TYPE_KEYS } from '../../src/core/outbound-type.ts'
import { documentOf, documentValidator } from './document.ts'
import { CLUSTER, CLUSTER_ID, fakeApp, JOB_ID, PLAN_ID, SUBSCRIPTION } from './fakes.ts'

/** The same requests in every run; a failure prints the one that broke it. */
const RUN = { seed: 20_260_901, numRuns: 600 }

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary' }),
  fc.constant(undefined),
)
const number = fc.oneof(fc.integer({ min: -2, max: 130 }), anything)
const addresses = fc.oneof(fc.array(fc.oneof(fc.string(), fc.constant(`${CLUSTER_ID}`))), anything)
const block = fc.oneof(
  fc.record(
    {
      sku: fc.oneof(fc.constantFrom('Standard', 'StandardV2'), anything),
      managedOutboundIpCount: number,
      managedOutboundIpv6Count: number,
      outboundIpIds: addresses,
      outboundIpPrefixIds: addresses,
      allocatedOutboundPorts: number,
      idleTimeoutInMinutes: number,
    },
    { requiredKeys: [] },
  ),
  anything,
)
const planBody = fc.record(
  {
    cluster: fc.oneof(fc.constant(CLUSTER), fc.constant({ id: CLUSTER_ID }), anything),
    target: fc.oneof(
      fc.record(
        {
          outboundType: fc.oneof(fc.constantFrom(...TYPE_KEYS), anything),
          natGateway: block,
          loadBalancer: block,
        },
        { requiredKeys: ['outboundType'] },
      ),
      anything,
    ),
    reason: anything,
    authorizedRanges: anything,
    extra: anything,
  },
  { requiredKeys: ['cluster', 'target'] },
)
const jobBody = fc.record(
  {
    planId: fc.oneof(fc.constant(PLAN_ID), anything),
    acknowledge: addresses,
    onFailure: anything,
    reason: anything,
  },
  { requiredKeys: ['planId'] },
)
const segment = fc.oneof(
  fc.constantFrom(PLAN_ID, JOB_ID, SUBSCRIPTION, 'rg-demo', '..', '%2F', '%00', '%E0%A4%A', ''),
  fc.string({ unit: 'binary' }).map((each) => encodeURIComponent(each.toWellFormed())),
)
const path = fc.oneof(
  fc.tuple(fc.constantFrom('/v1/plans/', '/v1/jobs/', '/problems/'), segment).map((parts) => parts.join('')),
  fc.tuple(segment, segment, segment).map((parts) => `/v1/clusters/${parts.join('/')}/egress`),
  fc.constantFrom('/v1/plans', '/v1/jobs', '/v1/transitions', `/v1/jobs/${JOB_ID}/events`),
  fc.constantFrom(
    `/v1/jobs/${JOB_ID}/cancellation`,
    `/v1/jobs/${JOB_ID}/release`,
    `/v1/jobs/${JOB_ID}/rollback-plan`,
    '/docs/x',
    '/',
  ),
)
const query = fc.oneof(
  fc.constant(''),
  fc
    .tuple(fc.constantFrom('limit', 'cursor', 'status', 'after', 'cluster', 'vnet', 'edition', 'x'), segment)
    .map(([name, value]) => `?${name}=${value}`),
)
const anyRequest: fc.Arbitrary<InjectOptions> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS'),
  url: fc.tuple(path, query).map((parts) => parts.join('')),
  headers: fc.constantFrom({}, { 'content-type': 'application/json' }, { 'content-type': 'text/xml' }),
  payload: fc.oneof(fc.constant(undefined), fc.string(), fc.json()),
})
const writing: fc.Arbitrary<InjectOptions> = fc.oneof(
  planBody.map((payload) => ({ method: 'POST' as const, url: '/v1/plans', payload })),
  jobBody.map((payload) => ({ method: 'POST' as const, url: '/v1/jobs', payload })),
)

t.test('no request makes a 5xx, and every refusal is a documented problem', async (t) => {
  const { app } = await fakeApp(t)
  const { faultsOfAnswer } = documentValidator(documentOf(app))
  const seen = new Map<number, number>()
  const property = fc.asyncProperty(fc.oneof(writing, anyRequest), async (request) => {
    const answer = await app.inject(request)
    const status = answer.statusCode
    seen.set(status, (seen.get(status) ?? 0) + 1)
    if (status >= 500) throw new Error(`${status}: ${answer.payload}`)
    if (answer.headers['x-request-id'] === undefined) throw new Error('no x-request-id')
    if (status < 400 || request.method === 'HEAD') return
    const type = String(answer.headers['content-type'])
    if (!type.startsWith('application/problem+json')) throw new Error(`${status} as ${type}`)
    const problem = answer.json()
    if (problem.status !== status) throw new Error(`${problem.status} in the body of a ${status}`)
    const { url } = request
    if (request.method === 'POST' && (url === '/v1/plans' || url === '/v1/jobs')) {
      const faults = faultsOfAnswer(url === '/v1/plans' ? 'createPlan' : 'createJob', status, type, problem)
      if (faults.length > 0) throw new Error(faults.join('; '))
    }
  })
  await fc.assert(property, RUN)
  t.ok((seen.get(201) ?? 0) + (seen.get(202) ?? 0) > 5, 'some requests are accepted')
  for (const status of [400, 404, 405, 415]) t.ok(seen.has(status), `${status} is reached`)
})
