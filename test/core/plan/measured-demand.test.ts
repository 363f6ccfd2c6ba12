import t from 'tap'
import { measuredResources } from '../../../src/core/plan/measured-demand.ts'
import {
  aByoSnapshot,
  aNatGateway,
  aPool,
  aReadyGateway,
  aSnapshot,
  aSubnet,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { aSeries, busyBalancer, measuredBy } from '../../support/demand.ts'
import { denied } from '../../support/permissions.ts'
import { natCluster, natIp } from '../../support/rule-cases.ts'

const measured = (...series: Parameters<typeof measuredBy>[1][] | ReturnType<typeof aSeries>[]) =>
  measuredResources(measuredBy(aSnapshot(), series as ReturnType<typeof aSeries>[]))?.[0]

/**
 * "If time aggregation is set to five minutes and metric aggregation type Sum is used for metrics such as SNAT
 * allocation, your graph will display five times the total allocated SNAT ports" (load-balancer-standard-diagnostics).
 */
t.test('divides a sum by the minutes of its interval, as documented', async (t) => {
  const series = { ...aSeries('AllocatedSnatPorts', [{ total: 5 * 3072 }]), grainMinutes: 5 }
  t.equal(measured(series)?.allocatedPorts, 3072)
  const used = { ...aSeries('UsedSnatPorts', [{ total: 5 * 600 }]), grainMinutes: 5 }
  t.strictSame(measured(used)?.connections, { peak: 600, p95: 600 })
})

t.test('takes the peak and the 95th percentile by nearest rank', async (t) => {
  const values = Array.from({ length: 100 }, (_, index) => ({ total: (index + 1) * 15 }))
  t.strictSame(measured(aSeries('UsedSnatPorts', values))?.connections, { peak: 100, p95: 95 })
  t.strictSame(measured(aSeries('UsedSnatPorts', values.toReversed()))?.connections, { peak: 100, p95: 95 })
  t.strictSame(measured(aSeries('UsedSnatPorts', values.slice(0, 3)))?.connections, { peak: 3, p95: 3 })
})

t.test('uses the largest sample as the peak of one node', async (t) => {
  const series = aSeries('UsedSnatPorts', [
    { total: 300, maximum: 9 },
    { total: 600, maximum: 41 },
  ])
  t.equal(measured(series)?.peakPerNode, 41)
})

t.test('ignores intervals without values and reports it if there are no others', async (t) => {
  const series = aSeries('UsedSnatPorts', [{ total: null }, { total: 150 }, {}])
  t.strictSame(measured(series)?.connections, { peak: 10, p95: 10 })
  t.match(measured(aSeries('UsedSnatPorts', [{}, {}])), {
    connections: null,
    unknown: 'Azure Monitor has no values for the period.',
  })
})

t.test(
  'counts failed connections of the last 24 h and of the period, in any case of the words',
  async (t) => {
    const quarter = Array.from({ length: 2 * 96 }, () => ({ total: 1 }))
    const failed = aSeries('SnatConnectionCount', quarter, { connectionState: 'failed' })
    const attempted = aSeries('SnatConnectionCount', [{ total: 500 }], { ConnectionState: 'Attempted' })
    t.strictSame(measured(failed, attempted)?.failedConnections, { lastDay: 96, total: 192 })
    t.strictSame(measured(attempted)?.failedConnections, { lastDay: 0, total: 0 })
    t.equal(measured(aSeries('ByteCount', [{ total: 1 }]))?.failedConnections, null)
  },
)

t.test('counts TCP and UDP separately, because each has its own ports', async (t) => {
  const used = (protocol: string, totals: number[]) =>
    aSeries(
      'UsedSnatPorts',
      totals.map((total) => ({ total: total * 15 })),
      { protocoltype: protocol },
    )
  t.strictSame(measured(used('TCP', [40_000, 10]), used('UDP', [30_000, 20]))?.connections, {
    peak: 40_000,
    p95: 40_000,
  })
  const allocated = (protocol: string) =>
    aSeries('AllocatedSnatPorts', [{ total: 3072 * 15 }], { protocoltype: protocol })
  t.equal(measured(allocated('TCP'), allocated('UDP'))?.allocatedPorts, 3072)
})

t.test('takes the peak of the shortest interval, and the 95th percentile of the longest', async (t) => {
  const coarse = { ...aSeries('UsedSnatPorts', Array(20).fill({ total: 30 * 6900 })), grainMinutes: 30 }
  const fine = { ...aSeries('UsedSnatPorts', [{ total: 1000 }, { total: 60_000 }]), grainMinutes: 1 }
  t.strictSame(measured(coarse, fine)?.connections, { peak: 60_000, p95: 6900 })
})

t.test('names the metrics that could not be read, and keeps the others', async (t) => {
  const snapshot = measuredBy(aSnapshot(), busyBalancer(10, 4))
  for (const resource of snapshot.surroundings?.demand?.resources ?? [])
    resource.missing = [{ metrics: ['SnatConnectionCount'], code: 'TooManyRequests' }]
  t.match(measuredResources(snapshot), [
    {
      connections: { peak: 10 },
      unknown: 'Azure Monitor did not return `SnatConnectionCount` (TooManyRequests).',
    },
  ])
})

t.test('reads the percentage of a firewall, which shows no number of ports', async (t) => {
  const series = [
    aSeries('SNATPortUtilization', [{ maximum: 10 }, { maximum: 90 }]),
    aSeries('DataProcessed', [{ total: 5e9 }]),
  ]
  t.match(measuredResources(measuredBy(aSnapshot(), series, 'firewall'))?.[0], {
    utilization: { peak: 90, p95: 90 },
    connections: null,
    gigabytes: 5,
    unknown:
      'For Azure Firewall, Azure Monitor measures only the percentage of SNAT ports in use, not the number of ports or connections.',
  })
})

t.test(
  'takes connections of a NAT gateway for those of the cluster only if nothing else can use it',
  async (t) => {
    const { gateway, publicIp } = aReadyGateway()
    const planOf = (subnetIds: string[], occupantGroups: string[] = []) =>
      planFor(
        measuredBy(
          aByoSnapshot(
            { natGatewayId: gateway.id, occupantGroups },
            { natGateways: [{ ...gateway, subnetIds }], publicIps: [publicIp] },
          ),
          [aSeries('TotalConnectionCount', [{ total: 15 * 90_000 }])],
          'natGateway',
          gateway.id,
        ),
        'loadBalancer',
      )
    const own = planOf([SUBNET], [NODE_GROUP.toLowerCase()])
    t.match(own.snat.measured, { portsNeeded: 90_000, unknown: [], resources: [{ exclusive: true }] })
    for (const shared of [
      planOf([SUBNET, `${SUBNET}-of-others`]),
      planOf([SUBNET], ['/subscriptions/s/x']),
    ]) {
      t.match(shared.snat.measured, {
        portsNeeded: null,
        suggestedIpCount: null,
        resources: [{ exclusive: false, connections: { peak: 90_000 } }],
        unknown: [/other clusters or resources also use this resource/],
      })
      t.notOk(shared.findings.some(({ code }) => /SNAT_.*DEMAND/.test(code)))
    }
  },
)

t.test('plans with the measured demand: ports, addresses, failures', async (t) => {
  const cluster = { agentPools: [aPool({ count: 50 })] }
  const snapshot = measuredBy(aSnapshot({ cluster }), busyBalancer(130_000, 3000, 7))
  const { snat, cost } = planFor(snapshot, 'managedNATGateway')
  t.match(snat.measured, { portsNeeded: 130_000, failedLastDay: 7, unknown: [] })
  t.equal(snat.measured?.suggestedIpCount, 3, '130,000 ports need 3 addresses of 64,512 ports')
  t.ok((cost?.gigabytesPerMonth ?? 0) > 0)
  const idle = planFor(measuredBy(aSnapshot(), busyBalancer(10, 4)), 'managedNATGateway')
  t.equal(idle.snat.measured?.suggestedIpCount, 1)
})

t.test('reports why there is no measurement and does not fail', async (t) => {
  const plan = planFor(measuredBy(aSnapshot(), denied('Microsoft.Insights/metrics')), 'managedNATGateway')
  t.equal(plan.status, 'applicable')
  t.match(plan.snat.measured, {
    portsNeeded: null,
    suggestedIpCount: null,
    failedLastDay: null,
    unknown: [/`kubernetes`: Azure Monitor could not be read \(AuthorizationFailed\)/],
  })
  t.match(
    plan.preflight.checks.find(({ action }) => action === 'Microsoft.Insights/metrics/read'),
    { who: 'caller', result: 'missing' },
  )
  t.match(
    plan.findings.find(({ code, facts }) => code === 'PERM_MISSING' && facts.need === 'measurement'),
    { severity: 'warning', remedy: /Monitoring Reader/ },
  )
  t.equal(planFor(aSnapshot(), 'managedNATGateway').snat.measured, undefined)
})

t.test('asks about the peak only if it was not measured', async (t) => {
  const asks = (snapshot: Parameters<typeof planFor>[0]) =>
    JSON.stringify(planFor(snapshot, 'managedNATGateway').findings).includes(
      'highest value of the metric `SNATConnectionCount`',
    )
  t.equal(asks(aSnapshot()), true)
  t.equal(asks(measuredBy(aSnapshot(), busyBalancer(10, 4))), false)
  t.equal(asks(measuredBy(aSnapshot(), denied('metrics'))), true)
})

t.test('uses the mean of the nodes if a NAT gateway shows no nodes', async (t) => {
  const id = `${NODE_GROUP}/${NETWORK}/natGateways/aks-gateway`
  const subnet = aSubnet({
    id: `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks-vnet/subnets/aks-subnet`,
    natGatewayId: id,
  })
  const managed = {
    cluster: natCluster,
    subnets: [subnet],
    natGateways: [aNatGateway({ id, publicIpIds: [natIp.id] })],
    publicIps: [natIp],
  }
  const snapshot = (connections: number) =>
    measuredBy(
      aSnapshot(managed),
      [aSeries('TotalConnectionCount', [{ total: connections * 15 }])],
      'natGateway',
      id,
    )
  const exceeds = (connections: number) =>
    planFor(snapshot(connections), 'loadBalancer').findings.some(
      ({ code }) => code === 'SNAT_NODE_DEMAND_EXCEEDS',
    )
  t.equal(exceeds(4 * 1024), false)
  t.equal(exceeds(4 * 1024 + 1), true, '4 nodes at peak with 1,024 ports each')
})

t.test('ignores resources without traffic and names unread resources', async (t) => {
  const { gateway, publicIp } = aReadyGateway()
  const attached = aByoSnapshot(
    { natGatewayId: gateway.id },
    { natGateways: [gateway], publicIps: [publicIp] },
  )
  const snapshot = measuredBy(attached, busyBalancer(10, 4))
  t.match(measuredResources(snapshot), [{ id: gateway.id, connections: null, unknown: /not read/ }])
  t.equal(planFor(snapshot, 'userAssignedNATGateway').cost?.gigabytesPerMonth, null)
})
