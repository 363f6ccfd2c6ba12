import t from 'tap'
import { v7 as uuidv7 } from 'uuid'
import type { Origin } from '../../src/core/audit/audit.ts'
import type { PlanningRequest } from '../../src/core/request/plan-request.ts'
import { createAudit } from '../../src/database/audit/audit.ts'
import { planRow } from '../../src/database/stores/plan-store.ts'
import { ownDatabase, planningFixture } from './support/planning-fixture.ts'

const database = await ownDatabase(t)
const ACTOR = { id: 'ann-id', kind: 'user', name: 'ann', appId: 'portal' } as const

function origin(operation: string): Origin {
  return { actor: ACTOR, operation, address: '192.0.2.7', userAgent: null, requestId: 'r-1' }
}

t.test('audits creating and discarding a plan in its transaction, with the ID of the creator', async (t) => {
  const room = await planningFixture(t, database)
  const audit = createAudit({ database, now: () => room.clock.now, newId: () => uuidv7() })
  const cluster = room.demo.ref('lb-managed')
  const target = { outboundType: 'managedNATGateway' } as const
  const request: PlanningRequest = { cluster, target, authorizedRanges: 'widen', reason: 'CHG-1' }
  const made = await room.planning.makePlan(request, 'ann', origin('createPlan'))
  t.match(await planRow(database.kysely, made.id), { created_by: 'ann', created_by_id: 'ann-id' })
  await room.planning.discardPlan(made.id.toUpperCase(), origin('discardPlan'))
  await t.rejects(room.planning.discardPlan(uuidv7(), origin('discardPlan')), { code: 'PLAN_NOT_FOUND' })
  const { items } = await audit.list({ limit: 10, cursor: null })
  t.strictSame(
    items.map(({ operation, clusterId, planId, reason, outcome }) => [
      operation,
      clusterId,
      planId,
      reason,
      outcome,
    ]),
    [
      ['discardPlan', made.cluster.id.toLowerCase(), made.id, null, 'allowed'],
      ['createPlan', made.cluster.id.toLowerCase(), made.id, 'CHG-1', 'allowed'],
    ],
  )
  t.equal(await room.planning.clusterKey(made.id), made.cluster.id.toLowerCase())
  t.equal(await room.planning.clusterKey(uuidv7()), null)
})

t.test('fills pages with visible items', async (t) => {
  const room = await planningFixture(t, database)
  const ids: string[] = []
  for (const name of ['nat-byo', 'lb-byo', 'nat-byo', 'lb-byo', 'nat-byo']) {
    const target = { outboundType: 'loadBalancer' } as const
    const request: PlanningRequest = {
      cluster: room.demo.ref(name),
      target,
      authorizedRanges: 'widen',
      reason: null,
    }
    const { id } = await room.planning.makePlan(request, 'ann')
    if (name === 'nat-byo') ids.unshift(id)
  }
  const reach = [{ subscriptionId: '*', resourceGroup: 'RG-*', clusterName: 'nat-*' }]
  const first = await room.planning.listPlans({ limit: 2, cursor: null, reach })
  const second = await room.planning.listPlans({ limit: 2, cursor: first.next, reach })
  t.strictSame(
    [first, second].map((page) => page.items.map(({ id }) => id)),
    [ids.slice(0, 2), ids.slice(2)],
  )
  t.equal(second.next, null)
  t.strictSame((await room.planning.listPlans({ limit: 2, cursor: null, reach: [] })).items, [])
})
