import { pino } from 'pino'
import t from 'tap'
import type { TypeKey } from '../../src/contract/outbound-type.ts'
import { clusterKey } from '../../src/core/access/access-policy.ts'
import { PollBudget } from '../../src/core/job/polling.ts'
import type { PlanningRequest } from '../../src/core/request/plan-request.ts'
import type { PlanMessage } from '../../src/core/webhooks/messages.ts'
import { closePlan } from '../../src/database/stores/plan-store.ts'
import { createJobs } from '../../src/jobs/commands/create-jobs.ts'
import type { Queue } from '../../src/jobs/deps.ts'
import { createPlanning } from '../../src/planning/create-planning.ts'
import { htmlReport } from '../../src/reports/plan-report.ts'
import {
  ownDatabase,
  type PlanningFixture,
  planningFixture,
  START,
  TTL_MINUTES,
} from './support/planning-fixture.ts'

const EXPIRY = new Date(START.getTime() + TTL_MINUTES * 60_000)
const database = await ownDatabase(t)
const NOBODY = '01990000-0000-7000-8000-00000000dead'

function request({ demo }: PlanningFixture, name: string, outboundType: TypeKey): PlanningRequest {
  return { cluster: demo.ref(name), target: { outboundType }, authorizedRanges: 'widen', reason: 'CHG-1' }
}

const make = (room: PlanningFixture, name: string, outboundType: TypeKey) =>
  room.planning.makePlan(request(room, name, outboundType), 'ann')

t.test('makes a plan, keeps it, and gives it back as it was, as an object and as text', async (t) => {
  const room = await planningFixture(t, database)
  const made = await make(room, 'lb-managed', 'managedNATGateway')
  t.match(made, {
    status: 'applicable',
    createdAt: START.toISOString(),
    expiresAt: EXPIRY.toISOString(),
    createdBy: 'ann',
    reason: 'CHG-1',
    azure: 'simulated',
    request: { outboundType: 'managedNATGateway' },
  })
  t.strictSame(await room.planning.getPlan(made.id), made)
  t.strictSame(JSON.parse((await room.planning.getPlanText(made.id)).text), made)
  t.strictSame(await room.planning.getPlanVersion(made.id), {
    version: made.status,
    isPending: false,
    isApproved: false,
    jobId: null,
  })
  t.match(await room.planning.listPlans({ limit: 5, cursor: null }), {
    items: [{ id: made.id, status: 'applicable', from: 'loadBalancer', to: 'managedNATGateway' }],
    next: null,
  })
  const others = (await room.demo.requests()).filter(({ method }) => method !== 'GET')
  const [query] = others.map(({ method, path }) => `${method} ${path.split('?')[0]}`)
  t.equal(query, 'POST /providers/Microsoft.ResourceGraph/resources')
  t.equal(others.length, 1, 'Azure is only read, and asked one question')
})

t.test('a plan on a protected cluster waits for an approval, and says so when it is created', async (t) => {
  const messages: [string, PlanMessage][] = []
  const room = await planningFixture(t, database, {
    approvalTtlMinutes: 300,
    approvalScope: () => [{ subscriptionId: '*', resourceGroup: '*', clusterName: 'lb-*' }],
    announce: async (_trx, clusterKey, message) => void messages.push([clusterKey, message]),
  })
  const made = await make(room, 'lb-managed', 'managedNATGateway')
  const approvableUntil = new Date(START.getTime() + 300 * 60_000).toISOString()
  // An approval in the last minute leaves the lifetime of a plan to execute it.
  const expiresAt = new Date(START.getTime() + (300 + TTL_MINUTES) * 60_000).toISOString()
  t.match(made, { status: 'applicable', approval: 'pending', approvableUntil, expiresAt })
  t.strictSame(await room.planning.getPlan(made.id), made)
  t.strictSame(await room.planning.getPlanVersion(made.id), {
    version: 'applicable.pending',
    isPending: true,
    isApproved: false,
    jobId: null,
  })
  const blocked = await make(room, 'lb-managed', 'userDefinedRouting')
  t.match(blocked, { status: 'blocked', approval: 'required' })
  const open = await make(room, 'nat-byo', 'none')
  t.match(open, { approval: null, approvableUntil: null, expiresAt: EXPIRY.toISOString() })
  const { items } = await room.planning.listPlans({ approval: 'pending', limit: 5, cursor: null })
  t.strictSame(
    items.map(({ id, approval }) => [id, approval]),
    [[made.id, 'pending']],
  )
  t.match(messages, [
    [
      clusterKey(made.cluster),
      { type: 'plan.approval.requested', timestamp: made.createdAt, data: { plan: items[0] } },
    ],
  ])
  t.equal(messages.length, 1, 'only for the plan that waits')
  room.clock.now = new Date(approvableUntil)
  t.match(await room.planning.getPlan(made.id), { status: 'applicable', approval: 'required' })
  t.match(htmlReport(await room.planning.getPlan(made.id)), /approval window has ended/)
})

t.test('a plan expires at its time and not a moment sooner, in every view of it', async (t) => {
  const room = await planningFixture(t, database)
  const open = await make(room, 'lb-managed', 'managedNATGateway')
  const blocked = await make(room, 'lb-managed', 'userDefinedRouting')
  const same = await make(room, 'nat-byo', 'userAssignedNATGateway')
  const expect = async (status: string) => {
    t.equal((await room.planning.getPlan(open.id)).status, status)
    const { items } = await room.planning.listPlans({ limit: 5, cursor: null })
    t.equal(items.find(({ id }) => id === open.id)?.status, status)
    for (const filter of ['applicable', 'expired'] as const) {
      const found = await room.planning.listPlans({ status: filter, limit: 5, cursor: null })
      t.strictSame(
        found.items.map(({ id }) => id),
        filter === status ? [open.id] : [],
        `listed under ${filter}`,
      )
    }
    t.equal((await room.planning.getPlan(blocked.id)).status, 'blocked', 'what could never run never expires')
    t.equal((await room.planning.getPlan(same.id)).status, 'noChange')
  }
  await expect('applicable')
  room.clock.now = new Date(EXPIRY.getTime() - 1)
  await expect('applicable')
  room.clock.now = EXPIRY
  await expect('expired')
})

t.test('a plan that has expired is not executed', async (t) => {
  const room = await planningFixture(t, database)
  const made = await make(room, 'lb-managed', 'managedNATGateway')
  const jobs = createJobs({
    database,
    queue: {} as Queue,
    arm: room.demo.arm,
    takeSnapshot: room.demo.takeSnapshot,
    azure: 'simulated',
    now: () => room.clock.now,
    newId: () => NOBODY,
    random: () => 0,
    uptime: () => 0,
    waitScale: 1,
    polls: new PollBudget(),
    logger: pino({ level: 'silent' }),
  })
  room.clock.now = EXPIRY
  const order = { planId: made.id, acknowledge: made.acknowledgementsRequired, reason: null, by: 'ann' }
  await t.rejects(jobs.accept(order), {
    code: 'PLAN_EXPIRED',
    facts: { planId: made.id, expiresAt: EXPIRY.toISOString() },
  })
  t.strictSame((await jobs.list({ limit: 5, cursor: null })).items, [])
})

t.test('discards an open plan once or twice and keeps a plan with a job', async (t) => {
  const room = await planningFixture(t, database)
  const [open, executed, expired] = [
    await make(room, 'lb-managed', 'managedNATGateway'),
    await make(room, 'lb-managed', 'managedNATGateway'),
    await make(room, 'lb-managed', 'managedNATGateway'),
  ]
  await room.planning.discardPlan(open.id)
  await room.planning.discardPlan(open.id)
  t.equal((await room.planning.getPlan(open.id)).status, 'discarded')
  t.ok(await closePlan(room.database.kysely, executed.id, 'executed', NOBODY))
  await t.rejects(room.planning.discardPlan(executed.id), {
    code: 'PLAN_IN_USE',
    facts: { planId: executed.id, jobId: NOBODY },
  })
  t.equal((await room.planning.getPlan(executed.id)).status, 'executed')
  room.clock.now = EXPIRY
  await room.planning.discardPlan(expired.id)
  t.equal((await room.planning.getPlan(expired.id)).status, 'discarded')
  t.equal((await room.planning.getPlan(executed.id)).status, 'executed', 'what has run does not expire')
})

t.test('rejects unknown plans, jobs and clusters, each with its own code', async (t) => {
  const room = await planningFixture(t, database)
  const { planning } = room
  const missing = { code: 'PLAN_NOT_FOUND', facts: { planId: NOBODY } }
  await t.rejects(planning.getPlan(NOBODY), missing)
  await t.rejects(planning.getPlanText(NOBODY), missing)
  await t.rejects(planning.getPlanVersion(NOBODY), missing)
  await t.rejects(planning.discardPlan(NOBODY), missing)
  await t.rejects(planning.makeRollbackPlan(NOBODY, 'ann'), {
    code: 'JOB_NOT_FOUND',
    facts: { jobId: NOBODY },
  })
  await t.rejects(make(room, 'nobody', 'none'), { code: 'CLUSTER_NOT_FOUND', facts: { name: 'nobody' } })
  await t.rejects(planning.readEgress(room.demo.ref('nobody')), { code: 'CLUSTER_NOT_FOUND' })
  t.strictSame((await planning.listPlans({ limit: 5, cursor: null })).items, [], 'nothing was kept of it')
})

t.test('lists newest first, and new plans between two pages move nothing', async (t) => {
  const room = await planningFixture(t, database)
  const ids: string[] = []
  for (const name of ['nat-byo', 'lb-byo', 'udr-byo'])
    ids.unshift((await make(room, name, 'loadBalancer')).id)
  const first = await room.planning.listPlans({ limit: 2, cursor: null })
  t.strictSame(
    first.items.map(({ id }) => id),
    ids.slice(0, 2),
  )
  await make(room, 'nat-byo', 'loadBalancer')
  const second = await room.planning.listPlans({ limit: 2, cursor: first.next })
  t.strictSame(
    second.items.map(({ id }) => id),
    ids.slice(2),
  )
  t.equal(second.next, null)
  const cluster = { ...room.demo.ref('NAT-BYO'), resourceGroup: 'RG-Demo' }
  t.equal((await room.planning.listPlans({ cluster, limit: 9, cursor: null })).items.length, 2)
})

t.test('a stored plan does not change when the cluster changes', async (t) => {
  const room = await planningFixture(t, database)
  const made = await make(room, 'lb-managed', 'managedNATGateway')
  await room.demo.control('reset', { resources: [] })
  t.strictSame(await room.planning.getPlan(made.id), made)
})

t.test(
  'a missing resource group blocks the plan, and no other request is sent to find that out',
  async (t) => {
    const room = await planningFixture(t, database)
    const plan = async (resourceGroup: string) => {
      const before = (await room.demo.requests()).length
      const made = await room.planning.makePlan(
        {
          ...request(room, 'lb-managed', 'loadBalancer'),
          prepare: { publicIps: { count: 1 }, resourceGroup },
        },
        'ann',
      )
      const codes = made.findings.map(({ code }) => code)
      return { codes, status: made.status, requests: (await room.demo.requests()).length - before }
    }
    const missing = await plan('rg-missing')
    const present = await plan('rg-demo')
    t.match(missing, { status: 'blocked' })
    t.ok(missing.codes.includes('PREPARE_GROUP_MISSING'))
    t.notOk(present.codes.includes('PREPARE_GROUP_MISSING'))
    t.equal(missing.requests, present.requests)
  },
)

t.test('rejects a plan that takes too long and starts no further reads', async (t) => {
  const { demo } = await planningFixture(t, database)
  let isWanted: (() => boolean) | undefined
  const planning = createPlanning({
    database,
    takeSnapshot(_ref, _ids, options) {
      isWanted = options?.isWanted
      return new Promise(() => undefined)
    },
    planTimeoutMs: 20,
    policy: { pinnedEdition: null, previewApiVersion: null },
    azure: 'simulated',
    planTtlMinutes: TTL_MINUTES,
    now: () => START,
    newId: () => NOBODY,
  })
  const asked = planning.makePlan(request({ demo } as PlanningFixture, 'lb-managed', 'none'), 'ann')
  t.equal(isWanted?.(), true)
  await t.rejects(asked, { code: 'PLANNING_TIMED_OUT', facts: { seconds: 0 } })
  t.equal(isWanted?.(), false)
  await t.rejects(planning.readEgress(demo.ref('lb-managed')), { code: 'PLANNING_TIMED_OUT' })
})
