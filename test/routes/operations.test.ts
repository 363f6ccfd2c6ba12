import type { InjectOptions } from 'fastify'
import t from 'tap'
import { documentOf, documentValidator, operationsOf } from './document.ts'
import {
  APPROVAL_ID,
  aCaller,
  type Call,
  CLUSTER,
  CLUSTER_ID,
  fakeApp,
  JOB_ID,
  PLAN_ID,
  SUBSCRIPTION,
} from './fakes.ts'

interface Success {
  operationId: string
  request: InjectOptions
  status: number
  calls: Call[]
  headers?: Record<string, string>
}

const plan = { cluster: CLUSTER, target: { outboundType: 'managedNATGateway' } }
const planned = { ...plan, authorizedRanges: 'widen', reason: null }

const SUCCESSES: Success[] = [
  { operationId: 'listTransitions', request: { url: '/v1/transitions' }, status: 200, calls: [] },
  {
    operationId: 'getClusterEgress',
    request: { url: `/v1/clusters/${SUBSCRIPTION}/rg-demo/lb-managed/egress` },
    status: 200,
    calls: [['readEgress', CLUSTER]],
  },
  {
    operationId: 'createPlan',
    request: { method: 'POST', url: '/v1/plans', payload: plan },
    status: 201,
    calls: [['makePlan', planned, 'anonymous']],
    headers: { location: `/v1/plans/${PLAN_ID}` },
  },
  {
    operationId: 'listPlans',
    request: { url: `/v1/plans?status=applicable&limit=5&cursor=bmV4dA&cluster=${CLUSTER_ID}` },
    status: 200,
    calls: [['listPlans', { status: 'applicable', limit: 5, cursor: 'bmV4dA', cluster: CLUSTER }]],
  },
  {
    operationId: 'getPlan',
    request: { url: `/v1/plans/${PLAN_ID}` },
    status: 200,
    calls: [['getPlan', PLAN_ID]],
  },
  {
    operationId: 'getIpChanges',
    request: { url: `/v1/plans/${PLAN_ID}/ip-changes` },
    status: 200,
    calls: [['getPlan', PLAN_ID]],
    headers: { vary: 'Accept' },
  },
  {
    operationId: 'discardPlan',
    request: { method: 'DELETE', url: `/v1/plans/${PLAN_ID}` },
    status: 204,
    calls: [['discardPlan', PLAN_ID]],
  },
  {
    operationId: 'createJob',
    request: {
      method: 'POST',
      url: '/v1/jobs',
      payload: { planId: PLAN_ID, acknowledge: ['EGRESS_IP_LOST'], onFailure: 'stop', reason: 'CHG-1' },
    },
    status: 202,
    calls: [
      [
        'accept',
        {
          planId: PLAN_ID,
          acknowledge: ['EGRESS_IP_LOST'],
          reason: 'CHG-1',
          by: 'anonymous',
          onFailure: 'stop',
          schedule: null,
        },
      ],
    ],
    headers: {
      location: `/v1/jobs/${JOB_ID}`,
      'operation-location': `http://localhost:80/v1/jobs/${JOB_ID}`,
      'retry-after': '1',
    },
  },
  {
    operationId: 'listJobs',
    request: { url: '/v1/jobs?status=Running' },
    status: 200,
    calls: [['list', { status: 'Running', limit: 20, cursor: null, cluster: undefined }]],
  },
  {
    operationId: 'getJob',
    request: { url: `/v1/jobs/${JOB_ID}` },
    status: 200,
    calls: [['get', JOB_ID]],
    headers: { 'retry-after': '1' },
  },
  {
    operationId: 'listJobEvents',
    request: { url: `/v1/jobs/${JOB_ID}/events?after=7&limit=2` },
    status: 200,
    calls: [
      ['getVersion', JOB_ID],
      ['log', JOB_ID, 7, 2],
    ],
  },
  {
    operationId: 'cancelJob',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/cancellation` },
    status: 202,
    calls: [['cancel', JOB_ID, 'anonymous', false]],
    headers: { location: `/v1/jobs/${JOB_ID}` },
  },
  {
    operationId: 'createRollbackPlan',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/rollback-plan`, payload: {} },
    status: 201,
    calls: [['makeRollbackPlan', JOB_ID, 'anonymous']],
    headers: { location: `/v1/plans/${PLAN_ID}` },
  },
  {
    operationId: 'createCleanUpPlan',
    request: { method: 'POST', url: `/v1/jobs/${JOB_ID}/clean-up-plan` },
    status: 201,
    calls: [['makeCleanUpPlan', JOB_ID, 'anonymous']],
    headers: { location: `/v1/plans/${PLAN_ID}` },
  },
  {
    operationId: 'listApprovals',
    request: { url: `/v1/plans/${PLAN_ID}/approvals` },
    status: 200,
    calls: [['listApprovals', PLAN_ID]],
  },
  {
    operationId: 'approvePlan',
    request: { method: 'POST', url: `/v1/plans/${PLAN_ID}/approvals`, payload: { reason: 'CHG-1' } },
    status: 201,
    calls: [['approve', PLAN_ID, 'CHG-1']],
    headers: { location: `/v1/plans/${PLAN_ID}/approvals/${APPROVAL_ID}` },
  },
  {
    operationId: 'withdrawApproval',
    request: { method: 'DELETE', url: `/v1/plans/${PLAN_ID}/approvals/${APPROVAL_ID}` },
    status: 204,
    calls: [['withdraw', PLAN_ID, APPROVAL_ID]],
  },
  {
    operationId: 'listAudit',
    request: {
      url: `/v1/audit?actor=ada&operation=createJob&planId=${PLAN_ID}&jobId=${JOB_ID}&from=2026-09-01T00:00:00Z&to=2026-09-02T00:00:00%2B02:00&cluster=${CLUSTER_ID}&limit=5`,
    },
    status: 200,
    calls: [
      [
        'listAudit',
        {
          actor: 'ada',
          operation: 'createJob',
          planId: PLAN_ID,
          jobId: JOB_ID,
          from: '2026-09-01T00:00:00Z',
          to: '2026-09-02T00:00:00+02:00',
          limit: 5,
          cursor: null,
          cluster: CLUSTER,
        },
      ],
    ],
  },
  { operationId: 'getHealth', request: { url: '/healthz' }, status: 200, calls: [] },
  { operationId: 'getReadiness', request: { url: '/readyz' }, status: 200, calls: [] },
  { operationId: 'listProblems', request: { url: '/problems' }, status: 200, calls: [] },
  { operationId: 'getProblem', request: { url: '/problems/plan-stale' }, status: 200, calls: [] },
]

for (const { operationId, request, status, calls, headers = {} } of SUCCESSES)
  t.test(`${operationId} answers ${status} as documented`, async (t) => {
    const { app, rooms } = await fakeApp(t)
    const answer = await app.inject(request)
    t.equal(answer.statusCode, status)
    t.match(answer.headers, headers)
    t.ok(answer.headers['x-request-id'])
    t.strictSame(rooms.calls, calls)
    const body = answer.payload === '' ? undefined : answer.json()
    const { faultsOfAnswer } = documentValidator(documentOf(app))
    const type = String(answer.headers['content-type'])
    t.strictSame(faultsOfAnswer(operationId, status, type, body), [])
  })

t.test('every documented operation has a success in this table', async (t) => {
  const { app } = await fakeApp(t)
  const documented = operationsOf(documentOf(app)).map(({ operation }) => operation.operationId)
  t.strictSame(documented.toSorted(), SUCCESSES.map((each) => each.operationId).toSorted())
})

t.test('the matrix is filtered by edition to the cells of that edition', async (t) => {
  const { app } = await fakeApp(t)
  const cells = async (query: string) => (await app.inject(`/v1/transitions?${query}`)).json().items
  t.equal((await cells('edition=2024-04-29')).length, 32)
  t.equal((await cells('edition=2026-08-05')).length, 45)
  const one = await cells('vnet=byo&from=loadBalancer&to=userDefinedRouting&edition=2024-04-29')
  t.equal(one.length, 1)
  t.strictSame(one[0].editions, [{ edition: '2024-04-29', verdict: 'Supported' }])
  t.strictSame(await cells('support=disputed&from=none&to=none'), [])
})

t.test('a cluster may be named by its id, and the retired type is read as type and SKU', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const payload = {
    cluster: { id: CLUSTER_ID.replace('resourceGroups', 'resourcegroups') },
    target: { outboundType: 'managedNATGatewayV2', natGateway: { managedOutboundIpv6Count: 1 } },
    authorizedRanges: 'keep',
  }
  const answer = await app.inject({ method: 'POST', url: '/v1/plans', payload })
  t.equal(answer.statusCode, 201)
  t.strictSame(rooms.calls, [
    [
      'makePlan',
      {
        cluster: CLUSTER,
        target: {
          outboundType: 'managedNATGateway',
          natGateway: { managedOutboundIpv6Count: 1, sku: 'StandardV2' },
        },
        authorizedRanges: 'keep',
        reason: null,
      },
      'anonymous',
    ],
  ])
})

t.test('Retry-After is told while a job is unfinished, and no longer', async (t) => {
  const { app, rooms } = await fakeApp(t)
  for (const headers of [{}, { 'if-none-match': '"7"' }])
    for (const isFinished of [false, true]) {
      rooms.version = { version: '7', isFinished }
      const answer = await app.inject({ url: `/v1/jobs/${JOB_ID}`, headers })
      t.equal(answer.headers['retry-after'], isFinished ? undefined : '1')
    }
})

t.test('lists of plans and jobs take the same filters, times in any zone', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const query =
    'from=none&to=block&createdBy=ada%40example.com&createdAfter=2026-09-01T02:00:00%2B02:00&createdBefore=2026-09-02T00:00:00.5Z'
  const filters = {
    from: 'none',
    to: 'block',
    createdBy: 'ada@example.com',
    createdAfter: new Date('2026-09-01T00:00:00Z'),
    createdBefore: new Date('2026-09-02T00:00:00.5Z'),
  }
  for (const list of ['plans', 'jobs']) {
    t.equal((await app.inject(`/v1/${list}?${query}`)).statusCode, 200)
    t.match(rooms.calls.pop()?.[1], filters)
  }
})

t.test('events are read page by page', async (t) => {
  const { app } = await fakeApp(t)
  const page = async (query: string) => (await app.inject(`/v1/jobs/${JOB_ID}/events${query}`)).json()
  t.equal((await page('?limit=2')).next, 2)
  t.equal((await page('?after=2&limit=2')).next, 4)
  t.equal((await page('')).next, null)
})

t.test('the Host header makes Operation-Location absolute only when it is a host', async (t) => {
  const { app } = await fakeApp(t)
  const locate = async (host: string) => {
    const payload = { planId: PLAN_ID }
    const answer = await app.inject({ method: 'POST', url: '/v1/jobs', payload, headers: { host } })
    return answer.headers['operation-location']
  }
  t.equal(await locate('planner.example:8443'), `http://planner.example:8443/v1/jobs/${JOB_ID}`)
  t.equal(await locate('[::1]:8080'), `http://[::1]:8080/v1/jobs/${JOB_ID}`)
  t.equal(await locate('evil.example/path?'), `/v1/jobs/${JOB_ID}`)
})

t.test('HEAD and OPTIONS tell what a path can do', async (t) => {
  const { app } = await fakeApp(t)
  const head = await app.inject({ method: 'HEAD', url: '/v1/transitions' })
  t.equal(head.statusCode, 200)
  t.equal(head.payload, '')
  const options = await app.inject({ method: 'OPTIONS', url: '/v1/plans' })
  t.equal(options.statusCode, 204)
  t.equal(options.headers.allow, 'GET, HEAD, OPTIONS, POST')
})

t.test('a bearer token is asked for when callers are told apart', async (t) => {
  const { app, rooms } = await fakeApp(t, {
    authenticate: async () => aCaller(['Egress.Plan'], { name: 'ada' }),
  })
  const made = await app.inject({ method: 'POST', url: '/v1/plans', payload: plan })
  t.equal(made.statusCode, 201)
  t.strictSame(rooms.calls, [['makePlan', planned, 'ada']])
  const refused = await app.inject('/v1/plans')
  t.equal(refused.statusCode, 403)
  t.equal(refused.json().code, 'GRANT_MISSING')
  t.equal((await app.inject('/healthz')).statusCode, 200)
  t.equal((await app.inject('/openapi.json')).statusCode, 200)
  t.equal((await app.inject('/nothing')).statusCode, 404)
})
