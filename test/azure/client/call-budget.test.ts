import t from 'tap'
import { budgetFault, CallBudget } from '../../../src/azure/client/call-budget.ts'
import { BUDGET_SPENT } from '../../../src/azure/errors/arm-fault.ts'

const GROUP = '/subscriptions/S/resourceGroups/g/providers'
const CLUSTER = `${GROUP}/Microsoft.ContainerService/managedClusters/c?api-version=2026-06-01`

/** How many calls are sent at the same time, and how long the next call has to wait. */
function burst(
  method: string,
  path: (index: number) => string,
  scale = 1,
): { calls: number; waitMs: number } {
  const budget = new CallBudget({ timeScale: scale }, () => 0)
  for (let calls = 0; ; calls++) {
    const waitMs = budget.acquire(method, path(calls))
    if (waitMs > 0) return { calls, waitMs }
  }
}

t.test('each Azure bucket has its size and refill rate', async (t) => {
  const rows: [string, string, (index: number) => string, number, number][] = [
    ['writes of one cluster', 'PUT', () => CLUSTER, 20, 60_000],
    ['writes of many', 'PUT', (index) => CLUSTER.replace('/c?', `/c${index}?`), 200, 100],
    ['reads of one cluster', 'GET', () => CLUSTER, 60, 1_000],
    ['reads of many', 'GET', (index) => CLUSTER.replace('/c?', `/c${index}?`), 250, 40],
    [
      'polls',
      'GET',
      () =>
        '/subscriptions/S/providers/Microsoft.ContainerService/locations/eastus/operations/1?api-version=2025-03-01',
      200,
      500,
    ],
    [
      'lists of clusters',
      'GET',
      () => '/subscriptions/S/providers/Microsoft.ContainerService/managedClusters?x',
      250,
      40,
    ],
    ['other calls of AKS', 'GET', (index) => CLUSTER.replace('/c?', `/c${index}/agentPools?`), 60, 1_000],
    [
      'queries of the graph',
      'POST',
      () => '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01',
      15,
      334,
    ],
    [
      'deletions',
      'DELETE',
      () => `${GROUP}/Microsoft.Network/natGateways/n?api-version=2025-07-01`,
      200,
      100,
    ],
  ]
  for (const [name, method, path, calls, waitMs] of rows)
    t.strictSame(burst(method, path), { calls, waitMs }, name)
  t.strictSame(
    burst('PUT', () => CLUSTER, 60),
    { calls: 1200, waitMs: 1_000 },
    'a faster Azure has more of all',
  )
})

t.test('a rejected call consumes nothing, and the fault states when to retry', async (t) => {
  let now = 0
  const budget = new CallBudget({}, () => now)
  for (let call = 0; call < 20; call++) budget.acquire('PUT', CLUSTER)
  for (let call = 0; call < 500; call++) t.ok(budget.acquire('PUT', CLUSTER) > 0)
  const other = CLUSTER.replace('/c?', '/d?')
  t.equal(
    budget.acquire('PUT', other),
    0,
    'the writes of the subscription are not spent by what was not sent',
  )
  now = 60_000
  t.equal(budget.acquire('PUT', CLUSTER), 0)
  t.match(budgetFault(1500), { kind: 'throttled', code: BUDGET_SPENT, retryAfterMs: 1500 })
})

t.test('plans reserve a part of each budget for jobs', async (t) => {
  const budget = new CallBudget({}, () => 0)
  const path = (index: number) => CLUSTER.replace('/c?', `/c${index}?`)
  let plans = 0
  while (budget.acquire('GET', path(plans), 'plans') === 0) plans++
  t.equal(plans, 200)
  let jobs = 0
  while (budget.acquire('GET', path(jobs)) === 0) jobs++
  t.equal(jobs, 50)
})
