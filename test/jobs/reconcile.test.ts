import t from 'tap'
import type { Plan } from '../../src/contract/plan.ts'
import { createPlanning } from '../../src/planning/create-planning.ts'
import type { TakeSnapshot } from '../../src/planning/snapshot/take-snapshot.ts'
import { ANY_POLICY } from '../support/a-plan.ts'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { anId, endedTruly, JobHarness, type Scenario } from './support/job-harness.ts'

const database = await openMigrated(openEmptyDatabase(t))

const FAILED = {
  status: 'failed',
  error: { code: 'CreateVMSSAgentPoolFailed', message: 'No quota.' },
} as const

function planningOf(room: JobHarness) {
  return createPlanning({
    database,
    takeSnapshot: room.deps.takeSnapshot as TakeSnapshot,
    policy: ANY_POLICY,
    azure: 'simulated',
    planTtlMinutes: 60,
    now: () => room.clock,
    newId: anId,
  })
}

/** A cluster that a failed change has left as `Failed`, and the plan to reconcile it. */
async function failedRoom(
  scenario: Scenario = 'plain',
  showsEtag = true,
): Promise<{ room: JobHarness; failedId: string; plan: Plan }> {
  const room = new JobHarness(database, scenario)
  room.arm.showsEtag = showsEtag
  room.arm.endings.push(FAILED)
  const { id } = await room.accept()
  await room.run()
  return { room, failedId: id, plan: await planningOf(room).makeReconcilePlan(id, 'tester') }
}

t.test('reconciles a failed cluster with one PUT of the cluster as it was read', async (t) => {
  const { room, plan } = await failedRoom()
  t.match(plan, {
    status: 'applicable',
    request: { outboundType: 'loadBalancer' },
    cutOver: { step: null },
    steps: [
      { key: 'check-freshness' },
      { key: 'reconcile-cluster' },
      { key: 'verify' },
      { key: 'discover-egress-ips' },
    ],
    rollback: { supported: false },
  })
  const { networkProfile } = room.arm.body.properties as { networkProfile: object }
  const puts = room.arm.puts.length
  const { id } = await room.accept(plan)
  await room.run()
  t.match(await endedTruly(t, room, id), {
    status: 'Succeeded',
    result: { outboundType: 'loadBalancer' },
    actions: { rollbackPlan: false },
  })
  t.equal(room.arm.puts.length, puts + 1)
  t.match(room.arm.puts.at(-1), { changes: [], body: { properties: { networkProfile } } })
})

t.test('sends the PUT once, wherever the process dies', async (t) => {
  // The point, whether one process has the database alone, and whether Azure shows an ETag.
  const rows = [
    ['read', true, true],
    ['send', true, true],
    ['send', false, false],
    ['answer', true, true],
    ['answer', false, false],
    ['pollOperation', true, true],
  ] as const
  for (const [point, isEmbedded, showsEtag] of rows) {
    const { room, plan } = await failedRoom('plain', showsEtag)
    const puts = room.arm.puts.length
    const { id } = await room.accept(plan)
    room.crashAt(point, 1, isEmbedded)
    await room.run()
    const name = `dead at ${point}, ${isEmbedded ? 'embedded' : 'replicas'}, ${showsEtag ? 'with' : 'without'} ETag`
    t.match(await endedTruly(t, room, id), { status: 'Succeeded' }, name)
    t.equal(room.arm.puts.length, puts + 1, name)
  }
})

t.test('recognizes by the ETag a lost PUT that AKS has finished meanwhile', async (t) => {
  for (const ending of [{ status: 'succeeded' }, FAILED] as const) {
    const { room, plan } = await failedRoom()
    const puts = room.arm.puts.length
    room.arm.endings.push(ending)
    const { id } = await room.accept(plan)
    room.arm.at('answer', 1, async () => {
      // AKS finishes before the next read.
      for (let looks = 0; looks < 5; looks++) await room.arm.getCluster()
      throw room.silence()
    })
    await room.run()
    const job = await endedTruly(t, room, id)
    t.match(job, { status: ending.status === 'failed' ? 'Failed' : 'Succeeded' })
    t.ok((await room.jobs.log(id, 0, 99)).some(({ type }) => type === 'writeAdopted'))
    t.equal(room.arm.puts.length, puts + 1)
  }
})

t.test('can be planned again after it has failed, and for a healthy cluster', async (t) => {
  const { room, plan } = await failedRoom()
  room.arm.endings.push(FAILED)
  const { id } = await room.accept(plan)
  await room.run()
  t.match(await endedTruly(t, room, id), { status: 'Failed', error: { code: 'ARM_OPERATION_FAILED' } })
  for (const state of ['Failed', 'Succeeded']) {
    const again = await planningOf(room).makeReconcilePlan(id, 'tester')
    t.match(again, { status: 'applicable', steps: [{}, { key: 'reconcile-cluster' }, {}, {}] }, state)
    const next = await room.accept(again)
    await room.run()
    t.match(await endedTruly(t, room, next.id), { status: 'Succeeded' }, state)
  }
})

t.test('confirms the addresses of the failed job', async (t) => {
  const { room, failedId, plan } = await failedRoom()
  t.match(await room.jobs.getOutcome(failedId), { stage: 'unconfirmed', confirmedBy: null })
  t.strictSame(await room.jobs.getLaterVersions(failedId), [])
  const { id } = await room.accept(plan)
  await room.run()
  t.match(await room.jobs.getOutcome(failedId), { stage: 'confirmed', confirmedBy: { jobId: id } })
  t.strictSame(await room.jobs.getLaterVersions(failedId), [id])
  t.strictSame(await room.jobs.getLaterVersions(id), [])
  t.strictSame(await room.jobs.getLaterVersions(anId()), [])
})

t.test('is rejected while the job runs', async (t) => {
  const room = new JobHarness(database)
  const { id } = await room.accept()
  await t.rejects(planningOf(room).makeReconcilePlan(id, 'tester'), { code: 'RECONCILE_NOT_AVAILABLE' })
})
