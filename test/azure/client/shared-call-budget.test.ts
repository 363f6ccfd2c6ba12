import t from 'tap'
import { CallBudget } from '../../../src/azure/client/call-budget.ts'
import { SharedCallBudget } from '../../../src/azure/client/shared-call-budget.ts'
import type { LeaseGrant, LeaseOrder } from '../../../src/core/lib/token-lease.ts'
import { ModelLedger } from '../../support/budget-ledger.ts'

const POOLS =
  '/subscriptions/S/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/c/agentPools?v'
const NETWORKS = '/subscriptions/S/providers/Microsoft.Network/virtualNetworks?v'

/** Several processes over one ledger that counts what it is asked. */
function processes(count: number, answer?: () => Promise<LeaseGrant[]>) {
  const model = new ModelLedger()
  const orders: LeaseOrder[][] = []
  const waits: string[] = []
  let now = 0
  const ledger = {
    lease: async (list: readonly LeaseOrder[]) => {
      orders.push([...list])
      return answer?.() ?? list.map((order) => model.lease(order, now))
    },
    block: async (order: LeaseOrder, waitMs: number) => model.block(order, waitMs, now),
  }
  const observer = {
    waits: (purpose: string) => void waits.push(purpose),
    unanswered: () => void waits.push('unanswered'),
  }
  const clock = () => now
  const budgets = Array.from(
    { length: count },
    () => new SharedCallBudget(new CallBudget({}, clock), ledger, observer, clock),
  )
  const advance = (ms: number) => {
    now += ms
  }
  return { budgets, orders, waits, advance }
}

t.test('processes share one budget, and jobs have what plans and campaigns leave', async (t) => {
  const { budgets, waits } = processes(2)
  const sent = { campaigns: 0, plans: 0, jobs: 0 }
  for (const purpose of ['campaigns', 'plans', 'jobs'] as const)
    for (let call = 0; call < 200; call++)
      if ((await budgets[call % 2]?.acquire('GET', POOLS, purpose)) === 0) sent[purpose]++
  // A burst of 60 without the refill of 2.5 s: half of it, then up to 80 %, then all.
  t.strictSame(sent, { campaigns: 28, plans: 18, jobs: 11 })
  t.ok(waits.includes('campaigns') && waits.includes('jobs'), 'waits are observed')
})

t.test('a call waits for the ledger only when its process has no token left', async (t) => {
  const { budgets, orders, advance } = processes(1)
  const [budget] = budgets
  await Promise.all(Array.from({ length: 10 }, () => budget?.acquire('GET', NETWORKS, 'plans')))
  t.ok(orders.length <= 2, `calls at the same time are one order, not ${orders.length}`)
  const before = orders.length
  const waitMs = budget?.acquire('GET', NETWORKS, 'plans')
  t.equal(orders.length, before, 'a leased token needs no order')
  t.equal(await waitMs, 0)
  advance(2_500)
  t.equal(await budget?.acquire('GET', NETWORKS, 'plans'), 0)
  t.ok(orders.length > before, 'a lease that has ended is not used')
})

t.test('without the database, jobs and plans use the budget of the process, and others wait', async (t) => {
  const failing = () => Promise.reject(new Error('the connection is lost'))
  const { budgets, orders, waits, advance } = processes(1, failing)
  const [budget] = budgets
  t.equal(await budget?.acquire('GET', NETWORKS, 'jobs'), 0)
  t.strictSame(waits, ['unanswered'])
  t.equal(await budget?.acquire('GET', NETWORKS, 'plans'), 0)
  t.equal(await budget?.acquire('GET', NETWORKS, 'campaigns'), 1_000)
  t.equal(orders.length, 1, 'the database is not asked again for a second')
  advance(1_001)
  t.equal(await budget?.acquire('GET', NETWORKS, 'jobs'), 0)
  t.equal(orders.length, 2)
})

t.test('a job waits 250 ms for a database that does not answer', async (t) => {
  const { budgets } = processes(1, () => new Promise(() => {}))
  const begun = performance.now()
  t.equal(await budgets[0]?.acquire('GET', NETWORKS, 'jobs'), 0)
  const tookMs = performance.now() - begun
  t.ok(tookMs >= 240 && tookMs < 2_000, `${tookMs} ms`)
})

t.test('a 429 holds back every process until the time that Azure named', async (t) => {
  const { budgets, advance } = processes(2)
  const [first, second] = budgets
  t.equal(await first?.acquire('GET', POOLS, 'jobs'), 0)
  first?.throttled('GET', POOLS, 20_000, 'provider')
  const waitMs = (await second?.acquire('GET', POOLS, 'jobs')) ?? 0
  t.ok(waitMs > 19_000 && waitMs <= 21_000, `${waitMs} ms`)
  t.equal(await second?.acquire('GET', NETWORKS, 'jobs'), 0, 'other limits are not concerned')
  advance(waitMs)
  t.equal(await second?.acquire('GET', POOLS, 'jobs'), 0)
})

t.test('only a spent limit of the subscription holds back its other resources', async (t) => {
  const { budgets, advance } = processes(2)
  const [first, second] = budgets
  t.equal(await first?.acquire('GET', NETWORKS, 'jobs'), 0)
  first?.throttled('GET', NETWORKS, 20_000, 'provider')
  t.equal(await second?.acquire('GET', NETWORKS, 'plans'), 0, 'Microsoft.Network alone is throttled')
  first?.throttled('GET', NETWORKS, 20_000, 'subscription')
  advance(3_000)
  const waitMs = (await second?.acquire('GET', NETWORKS, 'jobs')) ?? 0
  t.ok(waitMs > 16_000 && waitMs <= 18_000, `${waitMs} ms`)
})
