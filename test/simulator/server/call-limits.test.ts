import t from 'tap'
import { CallLimits } from '../../../src/simulator/server/call-limits.ts'
import { buildSimulator } from '../../../src/simulator/start-simulator.ts'

const GROUP = '/subscriptions/S/resourceGroups/g/providers'
const CLUSTERS = `${GROUP}/Microsoft.ContainerService/managedClusters`

t.test('rejects calls beyond the documented limits until the bucket refills', async (t) => {
  const rows: [string, string, (index: number) => string, number, number][] = [
    [
      'lists of a subscription',
      'GET',
      () => '/subscriptions/S/providers/Microsoft.ContainerService/managedClusters?x',
      250,
      1,
    ],
    ['lists of a group', 'GET', () => `${CLUSTERS}?x`, 60, 1],
    ['PUTs of a cluster', 'PUT', () => `${CLUSTERS}/c?x`, 20, 60],
    ['PUTs of a pool', 'PUT', () => `${CLUSTERS}/c/agentPools/p?x`, 20, 60],
    ['GETs of a cluster', 'GET', () => `${CLUSTERS}/c?x`, 60, 1],
    ['other calls of AKS', 'GET', (index) => `${CLUSTERS}/c${index}/agentPools?x`, 60, 1],
    ['reads', 'GET', (index) => `${CLUSTERS}/c${index}?x`, 250, 1],
    ['deletions', 'DELETE', () => `${GROUP}/Microsoft.Network/natGateways/n?x`, 200, 1],
    ['queries', 'POST', () => '/providers/Microsoft.ResourceGraph/resources?x', 15, 1],
  ]
  for (const [name, method, url, allowed, retryAfter] of rows) {
    let now = 0
    const limits = new CallLimits(1, () => now)
    let calls = 0
    let rejection = limits.reject(method, url(calls))
    while (rejection === undefined) rejection = limits.reject(method, url(++calls))
    t.strictSame(
      [calls, rejection.status, rejection.headers],
      [allowed, 429, { 'retry-after': String(retryAfter) }],
      name,
    )
    now += retryAfter * 1_000
    t.equal(limits.reject(method, url(0)), undefined, `${name}, after the time`)
  }
})

t.test('a simulator answers every call unless it has limits', async (t) => {
  const url = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups?api-version=2021-04-01'
  for (const callLimits of [false, true]) {
    const simulator = buildSimulator({ callLimits, timeScale: 0.001 })
    t.teardown(() => simulator.close())
    const first = await simulator.inject(url)
    const second = await simulator.inject(url)
    t.strictSame([first.statusCode, second.statusCode], [callLimits ? 429 : 200, callLimits ? 429 : 200])
    t.equal(second.headers['retry-after'] !== undefined, callLimits)
  }
})
