import t from 'tap'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { armServer, faultOf } from '../support/arm-server.ts'

const arm = (endpoint: string) => connectArm({ endpoint, simulated: true })
const RESOURCE =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/kubernetes'
const QUERY = {
  resourceId: RESOURCE,
  metrics: ['UsedSnatPorts', 'ByteCount'],
  from: '2026-08-18T00:00:00Z',
  to: '2026-09-01T00:00:00Z',
  grainMinutes: 30 as const,
  aggregations: ['total' as const, 'maximum' as const],
  splitBy: null,
}

/** A metric in the form of a recording of `az monitor metrics list` (azure-cli, test_monitor_metrics_scenario). */
const aMetric = (name: string, timeseries: object[], errorCode = 'Success') => ({
  id: `${RESOURCE}/providers/Microsoft.Insights/metrics/${name}`,
  type: 'Microsoft.Insights/metrics',
  name: { value: name, localizedValue: name },
  displayDescription: 'A description.',
  unit: 'Count',
  timeseries,
  errorCode,
})
const anAnswer = (...value: object[]) => ({
  cost: 89278,
  timespan: '2026-08-18T00:00:00Z/2026-09-01T00:00:00Z',
  interval: 'PT30M',
  value,
  namespace: 'Microsoft.Network/loadBalancers',
  resourceregion: 'eastus',
})

t.test('requests the metrics of a resource and reads their series', async (t) => {
  const data = [
    { timeStamp: '2026-08-18T00:00:00Z', total: 9000, maximum: 41 },
    { timeStamp: '2026-08-18T00:15:00Z' },
  ]
  const metadatavalues = [
    { name: { value: 'connectionstate', localizedValue: 'connectionstate' }, value: 'Failed' },
  ]
  const body = anAnswer(
    aMetric('UsedSnatPorts', [{ metadatavalues, data }]),
    aMetric('ByteCount', []),
    aMetric('AllocatedSnatPorts', [{ data }], 'InvalidSeriesName'),
  )
  const server = await armServer(t, () => ({ status: 200, body }))
  t.strictSame(await arm(server.endpoint).readMetrics({ ...QUERY, splitBy: 'ConnectionState' }), [
    {
      metric: 'UsedSnatPorts',
      dimensions: { connectionstate: 'Failed' },
      grainMinutes: 30,
      points: [
        { time: '2026-08-18T00:00:00Z', total: 9000, average: null, maximum: 41 },
        { time: '2026-08-18T00:15:00Z', total: null, average: null, maximum: null },
      ],
    },
  ])
  const url = new URL(server.seen[0]?.url ?? '', 'http://arm')
  t.equal(url.pathname, `${RESOURCE}/providers/Microsoft.Insights/metrics`)
  t.strictSame(Object.fromEntries(url.searchParams), {
    'api-version': '2023-10-01',
    $filter: "ConnectionState eq '*'",
    top: '101',
    timespan: '2026-08-18T00:00:00Z/2026-09-01T00:00:00Z',
    interval: 'PT30M',
    metricnames: 'UsedSnatPorts,ByteCount',
    aggregation: 'total,maximum',
  })
})

t.test(
  'rejects a metric with more series than it requests, instead of a sum that is too small',
  async (t) => {
    const series = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        metadatavalues: [{ name: { value: 'frontendipaddress' }, value: `20.1.1.${index}` }],
        data: [],
      }))
    let count = 100
    const server = await armServer(t, () => ({
      status: 200,
      body: anAnswer(aMetric('ByteCount', series(count))),
    }))
    const read = () => arm(server.endpoint).readMetrics({ ...QUERY, splitBy: 'FrontendIPAddress' })
    t.equal((await read()).length, 100)
    count = 101
    t.match(await faultOf(read()), { kind: 'unknown', message: /ByteCount has more than 100 series/ })
  },
)

t.test('rejects invalid responses without a retry', async (t) => {
  for (const [status, body, kind] of [
    [200, { value: 'none' }, 'unknown'],
    [200, anAnswer({ name: null }), 'unknown'],
    ...[-2, 1e300, '600'].map(
      (total) =>
        [
          200,
          anAnswer(aMetric('ByteCount', [{ data: [{ timeStamp: '2026-08-18T00:00:00Z', total }] }])),
          'unknown',
        ] as const,
    ),
    [429, { error: { code: 'TooManyRequests', message: 'slow' } }, 'throttled'],
    [403, { error: { code: 'AuthorizationFailed', message: 'no' } }, 'denied'],
    [503, {}, 'transient'],
  ] as const) {
    const server = await armServer(t, () => ({ status, body }))
    t.match(await faultOf(arm(server.endpoint).readMetrics(QUERY)), { kind }, `${status}`)
    t.equal(server.seen.length, 1)
  }
})

t.test('sends nothing for an invalid resource ID', async (t) => {
  const server = await armServer(t, () => ({ status: 200, body: anAnswer() }))
  for (const resourceId of ['', '/subscriptions/s', '/subscriptions/s/resourceGroups/../x/providers/a/b/c'])
    t.ok(await faultOf(arm(server.endpoint).readMetrics({ ...QUERY, resourceId })))
  t.equal(server.seen.length, 0)
})
