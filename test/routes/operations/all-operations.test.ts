import t from 'tap'
import { documentOf, documentValidator, operationsOf } from '../support/document.ts'
import { aCaller, CLUSTER, CLUSTER_ID, fakeApp, JOB_ID, PLAN_ID } from '../support/fakes.ts'
import { PLAN_BODY, PLANNED, SUCCESSES } from '../support/successes.ts'

for (const { operationId, request, status, calls, headers = {} } of SUCCESSES)
  t.test(`${operationId} returns ${status} as documented`, async (t) => {
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

t.test(
  'finding codes are filtered by severity, read in any letter case, and name the replacement of a former code',
  async (t) => {
    const { app } = await fakeApp(t)
    const read = async (url: string) => (await app.inject(url)).json()
    const { items } = await read('/findings?severity=blocker')
    t.ok(items.length > 20)
    t.ok(items.every(({ severity }: { severity: string }) => severity === 'blocker'))
    t.match(await read('/findings/egress_ip_lost'), {
      type: '/findings/EGRESS_IP_LOST',
      severity: 'acknowledge',
      instead: null,
    })
    t.match(await read('/findings/DOWNTIME'), { severity: null, sample: null, instead: /disruption/ })
  },
)

t.test('lists accept several statuses and labels, and a part of the estate', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const query = `status=Failed&status=Running&label=team%3Dpayments&label=wave&subscriptionId=${CLUSTER.subscriptionId}&resourceGroup=rg-demo`
  t.equal((await app.inject(`/v1/jobs?${query}`)).statusCode, 200)
  const { subscriptionId, resourceGroup } = CLUSTER
  t.match(rooms.calls, [
    [
      'list',
      {
        status: ['Failed', 'Running'],
        labels: ['team=payments', 'wave'],
        within: { subscriptionId, resourceGroup },
      },
    ],
  ])
})

t.test('the labels of a plan and a job reach the modules', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const labels = { team: 'payments', 'example.com/wave': '' }
  await app.inject({ method: 'POST', url: '/v1/plans', payload: { ...PLAN_BODY, labels } })
  await app.inject({ method: 'POST', url: '/v1/jobs', payload: { planId: PLAN_ID, labels } })
  t.match(rooms.calls, [
    ['makePlan', { labels }],
    ['accept', { labels }],
  ])
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

t.test('sends Retry-After while a job is unfinished, with a longer time while it is held', async (t) => {
  const HELD = {
    status: 'Held',
    step: 'change-outbound-type',
    heldSince: '2026-09-01T00:00:00.000Z',
  } as const
  const hold = { ...HELD, releasedAt: null, releasedBy: null }
  const waits = { simulated: { running: '1', held: '5' }, azure: { running: '10', held: '60' } } as const
  for (const azure of ['simulated', 'azure'] as const) {
    const { app, rooms } = await fakeApp(t, { azure })
    const { running, held } = waits[azure]
    const table = [
      { isFinished: false, isHeld: false, wanted: running },
      { isFinished: false, isHeld: true, wanted: held },
      { isFinished: true, isHeld: false, wanted: undefined },
    ]
    for (const { wanted, ...version } of table)
      for (const headers of [{}, { 'if-none-match': '"7"' }]) {
        rooms.version = { version: '7', ...version }
        const answer = await app.inject({ url: `/v1/jobs/${JOB_ID}`, headers })
        t.equal(answer.headers['retry-after'], wanted)
      }
    for (const [status, wanted] of [
      ['Held', held],
      ['Released', running],
    ] as const) {
      rooms.job = { ...rooms.job, status: 'Running', hold: { ...hold, status } }
      const answer = await app.inject({ method: 'POST', url: `/v1/jobs/${JOB_ID}/release` })
      t.equal(answer.headers['retry-after'], wanted, `an answer of a change, ${status}`)
    }
  }
})

t.test('Retry-After before a scheduled job begins is the time until then, at most an hour', async (t) => {
  const { app, rooms } = await fakeApp(t, { azure: 'azure' })
  const seconds = async (ms: number) => {
    const beginsAt = new Date(Date.now() + ms).toISOString()
    rooms.version = { version: '7', isFinished: false, isHeld: false, beginsAt }
    rooms.job = { ...rooms.job, status: 'NotStarted', beginsAt }
    const poll = await app.inject(`/v1/jobs/${JOB_ID}`)
    const change = await app.inject({
      method: 'PATCH',
      url: `/v1/jobs/${JOB_ID}`,
      payload: { notBefore: null },
    })
    return [poll, change].map(({ headers }) => Number(headers['retry-after']))
  }
  t.strictSame(await seconds(6 * 3_600_000), [3600, 3600])
  for (const value of await seconds(120_000)) t.ok(value > 100 && value <= 120, 'until it begins')
  t.strictSame(await seconds(1_000), [10, 10], 'never less than for a running job')
  t.strictSame(await seconds(-60_000), [10, 10])
})

t.test('a window with an unknown time zone, or without a zone, is rejected with its pointer', async (t) => {
  const { app } = await fakeApp(t)
  const window = { daysOfWeek: ['Saturday'], startTime: '22:00', durationHours: 4 }
  const patch = (payload: object) => app.inject({ method: 'PATCH', url: `/v1/jobs/${JOB_ID}`, payload })
  for (const timeZone of ['Mars/Olympus', 'Europe/Berlinn', 'Etc'])
    t.match((await patch({ window: { ...window, timeZone } })).json(), {
      status: 400,
      code: 'TIME_ZONE_UNKNOWN',
      remedy: /Europe\/Berlin/,
      errors: [{ pointer: '/window/timeZone' }],
    })
  const rows: [object, string, string][] = [
    [window, 'FIELD_MISSING', '/window'],
    [
      { ...window, timeZone: 'Asia/Tokyo', utcOffset: '+09:00' },
      'PARAMETERS_EXCLUDE_EACH_OTHER',
      '/window/timeZone',
    ],
    [{ ...window, timeZone: '+09:00' }, 'FORMAT_INVALID', '/window/timeZone'],
  ]
  for (const [value, code, pointer] of rows)
    t.match((await patch({ window: value })).json(), { status: 400, errors: [{ code, pointer }] })
  for (const value of [
    { ...window, timeZone: 'Asia/Tokyo' },
    { ...window, utcOffset: '+09:00' },
    'cluster',
    null,
  ])
    t.equal((await patch({ window: value })).statusCode, 200)
  t.equal((await patch({})).statusCode, 400)
  t.match((await patch({ window: 'tomorrow' })).json(), { status: 400, errors: [{ pointer: '/window' }] })
})

t.test('filters jobs by hold status and rejects an unknown status', async (t) => {
  const { app, rooms } = await fakeApp(t)
  t.equal((await app.inject('/v1/jobs?hold=Held&status=Running')).statusCode, 200)
  t.match(rooms.calls.at(-1), ['list', { hold: 'Held', status: 'Running' }])
  const answer = await app.inject('/v1/jobs?hold=held')
  t.match(answer.json(), { status: 400, code: 'INVALID_REQUEST', errors: [{ parameter: 'hold' }] })
})

t.test('sends no Retry-After for a cancellation that ends the job immediately', async (t) => {
  const { app, rooms } = await fakeApp(t)
  rooms.job = { ...rooms.job, status: 'Canceled' }
  const answer = await app.inject({ method: 'POST', url: `/v1/jobs/${JOB_ID}/cancellation` })
  t.equal(answer.headers['operation-location'], `http://localhost:80/v1/jobs/${JOB_ID}`)
  t.notOk('retry-after' in answer.headers)
})

t.test('a blank reason is none', async (t) => {
  const { app, rooms } = await fakeApp(t)
  const reasonOf = async (url: string, payload: object) => {
    t.equal((await app.inject({ method: 'POST', url, payload })).statusCode < 300, true, url)
    return rooms.calls.at(-1)?.[1]
  }
  const cluster = { subscriptionId: PLAN_ID, resourceGroup: 'rg', name: 'aks' }
  const plan = { cluster, target: { outboundType: 'none' } }
  t.match(await reasonOf('/v1/plans', { ...plan, reason: ' ' }), { reason: null })
  t.match(await reasonOf('/v1/plans', { ...plan, reason: ' CHG-1' }), { reason: ' CHG-1' })
  t.match(await reasonOf('/v1/jobs', { planId: PLAN_ID, reason: '' }), { reason: null })
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

t.test('HEAD and OPTIONS list the methods of a path', async (t) => {
  const { app } = await fakeApp(t)
  const head = await app.inject({ method: 'HEAD', url: '/v1/transitions' })
  t.equal(head.statusCode, 200)
  t.equal(head.payload, '')
  const options = await app.inject({ method: 'OPTIONS', url: '/v1/plans' })
  t.equal(options.statusCode, 204)
  t.equal(options.headers.allow, 'GET, HEAD, OPTIONS, POST')
})

t.test('returns 404, not 405, for a missing file of Swagger UI', async (t) => {
  const { app } = await fakeApp(t)
  t.match((await app.inject('/docs/static/nothing.css')).json(), { status: 404, code: 'ROUTE_NOT_FOUND' })
})

t.test('documents the bearer token if callers are authenticated', async (t) => {
  const { app, rooms } = await fakeApp(t, {
    authenticate: async () => aCaller(['Egress.Plan'], { name: 'ada' }),
  })
  const made = await app.inject({ method: 'POST', url: '/v1/plans', payload: PLAN_BODY })
  t.equal(made.statusCode, 201)
  t.strictSame(rooms.calls, [['makePlan', { ...PLANNED, preparationGroups: [] }, 'ada']])
  const refused = await app.inject('/v1/plans')
  t.equal(refused.statusCode, 403)
  t.equal(refused.json().code, 'GRANT_MISSING')
  t.equal((await app.inject('/healthz')).statusCode, 200)
  t.equal((await app.inject('/openapi.json')).statusCode, 200)
  t.equal((await app.inject('/nothing')).statusCode, 404)
})
