import t from 'tap'
import { planFor } from '../../support/a-plan.ts'
import { type Demo, startDemo } from '../../support/demo.ts'

const isMetrics = ({ path }: { path: string }) => /Microsoft\.Insights\/metrics/i.test(path)
const look = (demo: Demo, name: string) => demo.takeSnapshot(demo.ref(name), [], { surroundings: true })
const nameOf = (id: string) => id.split('/').at(-1)
const fault = (demo: Demo, rule: object) =>
  demo.control('faults', [
    { match: { method: 'GET', pathPattern: 'Microsoft.Insights/metrics' }, fault: rule },
  ])

t.test(
  'measures the resource that carries the traffic: load balancer, NAT gateway, or firewall',
  async (t) => {
    const demo = await startDemo(t)
    for (const [cluster, kind, name] of [
      ['lb-managed', 'loadBalancer', 'kubernetes'],
      ['nat-byo', 'natGateway', 'natgw-nat-byo'],
      ['udr-byo', 'firewall', 'fw-hub'],
    ] as const) {
      const { demand } = (await look(demo, cluster)).surroundings ?? {}
      t.strictSame(
        demand?.resources.map((resource) => [resource.kind, nameOf(resource.id), 'facts' in resource.read]),
        [[kind, name, true]],
        cluster,
      )
      t.strictSame([demand?.from, demand?.to], ['2026-08-18T00:00:00Z', '2026-09-01T00:00:00Z'])
    }
    const before = (await demo.requests()).length
    await demo.takeSnapshot(demo.ref('lb-managed'))
    t.notOk((await demo.requests()).slice(before).some(isMetrics), 'a staleness check reads no metrics')
  },
)

t.test('answers the SNAT questions of a plan, and prices the measured data', async (t) => {
  const demo = await startDemo(t)
  const { snat, cost, findings } = planFor(await look(demo, 'lb-managed'), 'managedNATGateway')
  t.match(snat.measured, {
    portsNeeded: 600,
    suggestedIpCount: 1,
    failedLastDay: 0,
    unknown: [],
    resources: [{ connections: { peak: 600 }, peakPerNode: 200, allocatedPorts: 3072 }],
  })
  t.equal(cost?.gigabytesPerMonth, 876, '20 MB per minute in 730 hours')
  t.notMatch(JSON.stringify(findings), 'highest `SNATConnectionCount`')
})

t.test('prices the data of more addresses than Azure Monitor returns by default', async (t) => {
  const demo = await startDemo(t)
  const { demand } = (await look(demo, 'lb-managed')).surroundings ?? {}
  const id = demand?.resources[0]?.id ?? ''
  const { body } = await demo.arm.getResource(id, '2024-05-01')
  const properties = body.properties as { frontendIPConfigurations: object[] }
  const numbers = Array.from({ length: 12 }, (_, number) => number)
  const addressId = (number: number) => id.replace(/loadBalancers.*/, `publicIPAddresses/pip-${number}`)
  const frontendId = (number: number) => `${id}/frontendIPConfigurations/f${number}`
  await demo.control('resources', {
    put: [
      ...numbers.map((number) => ({
        id: addressId(number),
        name: `pip-${number}`,
        type: 'Microsoft.Network/publicIPAddresses',
        location: 'eastus',
        sku: { name: 'Standard' },
        properties: { ipAddress: `20.44.9.${number}`, publicIPAddressVersion: 'IPv4' },
      })),
      {
        ...body,
        properties: {
          ...properties,
          frontendIPConfigurations: [
            ...numbers.map((number) => ({
              id: frontendId(number),
              name: `f${number}`,
              properties: { publicIPAddress: { id: addressId(number) } },
            })),
            ...properties.frontendIPConfigurations,
          ],
          loadBalancingRules: numbers.map((number) => ({
            id: `${id}/loadBalancingRules/r${number}`,
            name: `r${number}`,
            properties: { frontendIPConfiguration: { id: frontendId(number) } },
          })),
        },
      },
      { id: `${id}/providers/Microsoft.Insights/metrics/demand`, inboundBytesPerMinute: 1_000_000 },
    ],
  })
  const { cost } = planFor(await look(demo, 'lb-managed'), 'managedNATGateway')
  t.equal(cost?.gigabytesPerMonth, 876 + 12 * 43.8)
})

t.test('reads the demand that a test gives a resource', async (t) => {
  const demo = await startDemo(t)
  const { demand } = (await look(demo, 'lb-managed')).surroundings ?? {}
  const id = `${demand?.resources[0]?.id}/providers/Microsoft.Insights/metrics/demand`
  await demo.control('resources', {
    put: [{ id, peakConnections: 90_000, nodes: 10, failedPerHour: 60 }],
  })
  const { snat, findings } = planFor(await look(demo, 'lb-managed'), 'managedNATGateway')
  t.match(snat.measured, { portsNeeded: 90_000, failedLastDay: 24 * 60, suggestedIpCount: 2 })
  t.ok(findings.some(({ code }) => code === 'SNAT_DEMAND_EXCEEDS'))
  t.ok(findings.some(({ code }) => code === 'SNAT_FAILING_NOW'))
})

t.test('plans without metrics if Azure denies, throttles, or garbles them, and does not wait', async (t) => {
  for (const [name, rule, result] of [
    ['denied', { kind: 'status', status: 403, code: 'AuthorizationFailed' }, 'missing'],
    [
      'throttled',
      { kind: 'status', status: 429, code: 'TooManyRequests', headers: { 'retry-after': '600' } },
      'notChecked',
    ],
    ['reset', { kind: 'reset' }, 'notChecked'],
  ] as const) {
    const demo = await startDemo(t)
    await fault(demo, rule)
    const before = (await demo.requests()).length
    const plan = planFor(await look(demo, 'lb-managed'), 'managedNATGateway')
    t.equal(plan.status, 'applicable', name)
    t.match(plan.snat.measured, { portsNeeded: null, unknown: [/could not be read/] }, name)
    t.equal(
      plan.preflight.checks.find(({ action }) => action === 'Microsoft.Insights/metrics/read')?.result,
      result,
      name,
    )
    t.equal(plan.cost?.gigabytesPerMonth, null, name)
    t.ok((await demo.requests()).slice(before).filter(isMetrics).length <= 4, `${name}: no retries`)
  }
})

t.test('keeps what was measured if one query is throttled', async (t) => {
  const demo = await startDemo(t)
  await demo.control('faults', [
    {
      match: { method: 'GET', pathPattern: 'Microsoft.Insights/metrics', nth: 1 },
      fault: { kind: 'status', status: 429, code: 'TooManyRequests', headers: { 'retry-after': '600' } },
    },
  ])
  const plan = planFor(await look(demo, 'lb-managed'), 'managedNATGateway')
  t.match(plan.snat.measured?.unknown, [/Azure Monitor did not return `\w+`.*\(TooManyRequests\)/])
  t.equal(plan.cost?.gigabytesPerMonth, 876)
})

t.test('reads the links of the private DNS zone of a private cluster only', async (t) => {
  const demo = await startDemo(t)
  const linksOf = async (name: string) => (await look(demo, name)).surroundings?.privateZoneLinks
  t.match(await linksOf('udr-private'), { facts: [/virtualNetworks\/vnet-udr-private$/] })
  t.equal(await linksOf('lb-managed'), null)
  const { nameResolution } = planFor(await look(demo, 'udr-private'), 'userDefinedRouting')
  t.match(nameResolution, { servers: [], privateZone: { mode: 'system', resolvable: 'yes' } })
})
