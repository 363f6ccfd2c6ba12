import t from 'tap'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { closePlan } from '../../../src/database/stores/plan-store.ts'
import { resolveHold } from '../../../src/jobs/commands/acceptance-checks.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { databaseEngines, openEmptyDatabase, openMigrated } from '../../support/databases.ts'
import { anId, endedTruly, JobHarness, START, switches } from '../support/job-harness.ts'

const database = await openMigrated(openEmptyDatabase(t))

for (const engine of await databaseEngines()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    const db = database.kysely

    t.test('rejects an unknown plan with PLAN_NOT_FOUND', async (t) => {
      const room = new JobHarness(database)
      const order = { planId: anId(), acknowledge: [], reason: null, by: 'tester' }
      await t.rejects(room.jobs.accept(order), { code: 'PLAN_NOT_FOUND' })
    })

    t.test('rejects expired, discarded and other closed plans, each with its own code', async (t) => {
      const room = new JobHarness(database)
      const expired = await room.plan({ expiresAt: room.clock.toISOString() })
      await t.rejects(room.accept(expired), { code: 'PLAN_EXPIRED', facts: { planId: expired.id } })
      for (const [state, code] of [
        ['discarded', 'PLAN_DISCARDED'],
        ['stale', 'PLAN_STALE'],
      ] as const) {
        const made = await room.plan()
        await closePlan(db, made.id, state)
        await t.rejects(room.accept(made), { code })
      }
    })

    t.test('rejects missing and unknown acknowledgements', async (t) => {
      const room = new JobHarness(database)
      const { id: planId, acknowledgementsRequired: codes } = await room.plan()
      const order = { planId, reason: null, by: 'tester' }
      t.ok(codes.length > 0)
      await t.rejects(room.jobs.accept({ ...order, acknowledge: [] }), {
        code: 'ACKNOWLEDGEMENT_MISSING',
        facts: { codes },
      })
      await t.rejects(room.jobs.accept({ ...order, acknowledge: [...codes, 'NO_SUCH'] }), {
        code: 'ACKNOWLEDGEMENT_UNKNOWN',
        facts: { codes: ['NO_SUCH'] },
      })
    })

    t.test('ignores acknowledgements of codes that only earlier versions report', async (t) => {
      const room = new JobHarness(database)
      const { id: planId, acknowledgementsRequired: codes } = await room.plan()
      const acknowledge = [...codes, 'DOWNTIME', 'ROLLBACK_NEW_IPS', 'EGRESS_IP_CHANGES']
      await t.resolves(room.jobs.accept({ planId, reason: null, by: 'tester', acknowledge }))
    })

    t.test(
      'rejects a plan for a changed cluster with PLAN_STALE and the differences, and marks it stale',
      async (t) => {
        const room = new JobHarness(database)
        const made = await room.plan()
        room.arm.foreignWrite((body) => {
          const { apiServerAccessProfile } = body.properties as { apiServerAccessProfile: object }
          Object.assign(apiServerAccessProfile, { authorizedIPRanges: ['198.51.100.0/24'] })
        })
        const differs = [
          { path: 'cluster.etag' },
          { path: 'cluster.authorizedIPRanges', planned: [], found: ['198.51.100.0/24'] },
        ]
        await t.rejects(room.accept(made), { code: 'PLAN_STALE', facts: { differences: differs } })
        await t.rejects(room.accept(made), { code: 'PLAN_STALE' }, 'also the second time')
        t.equal(room.arm.puts.length, 0)
      },
    )

    t.test(
      "returns Azure's error when the cluster cannot be read, and leaves the plan unchanged",
      async (t) => {
        const room = new JobHarness(database)
        const made = await room.plan()
        room.arm.at('getCluster', 1, () => {
          throw new ArmFault({ kind: 'denied', code: 'AuthorizationFailed', message: 'No right.' })
        })
        await t.rejects(room.accept(made), {
          code: 'AZURE_ACCESS_DENIED',
          facts: { armCode: 'AuthorizationFailed' },
        })
        t.match(await room.accept(made), { status: 'NotStarted' })
      },
    )

    t.test(
      'rejects a second job on the cluster with CLUSTER_LOCKED and the job that holds the lock',
      async (t) => {
        const room = new JobHarness(database)
        const [first, second] = [await room.plan(), await room.plan()]
        const holder = await room.accept(first)
        await t.rejects(room.accept(second), { code: 'CLUSTER_LOCKED', facts: { holderJobId: holder.id } })
        await t.rejects(room.accept(first), { code: 'PLAN_ALREADY_EXECUTED', facts: { jobId: holder.id } })
        await room.run()
        await endedTruly(t, room, holder.id)
        await t.rejects(
          room.accept(second),
          { code: 'PLAN_STALE' },
          'the lock is gone, the cluster is another',
        )
      },
    )

    t.test('creates one job for many simultaneous acceptances of one plan', async (t) => {
      const room = new JobHarness(database)
      const made = await room.plan()
      const answers = await Promise.allSettled(Array.from({ length: 8 }, () => room.accept(made)))
      const jobs = answers.filter((each) => each.status === 'fulfilled')
      t.equal(jobs.length, 1)
      for (const each of answers)
        if (each.status === 'rejected') t.match(each.reason.code, /^(PLAN_ALREADY_EXECUTED|CLUSTER_LOCKED)$/)
      await room.run()
      await endedTruly(t, room, jobs[0]?.value.id ?? '')
      t.equal(room.arm.puts.length, 1)
    })

    t.test('creates one job for simultaneous acceptances of several plans of one cluster', async (t) => {
      const room = new JobHarness(database)
      const plans = await Promise.all(Array.from({ length: 6 }, () => room.plan()))
      const answers = await Promise.allSettled(plans.map((made) => room.accept(made)))
      const refused = answers.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
      t.equal(refused.length, 5)
      const holder = answers.find((each) => each.status === 'fulfilled')?.value.id
      for (const each of refused) t.match(each, { code: 'CLUSTER_LOCKED', facts: { holderJobId: holder } })
    })
  })
}

const after = (hours: number) => new Date(START.getTime() + hours * 3_600_000).toISOString()
const none = { notBefore: null, window: null, giveUpAt: null }

t.test('a scheduled job calls Azure only at its start time, and reads the cluster again', async (t) => {
  const room = new JobHarness(database)
  const made = await room.plan()
  const accepted = await room.accept(made, { schedule: { ...none, notBefore: after(5) } })
  t.match(accepted, { status: 'NotStarted', schedule: { notBefore: after(5) } })
  const calls = room.arm.calls.length
  room.arm.at('getCluster', 1, () =>
    t.ok(room.clock >= new Date(after(5)), 'the first call comes at its time'),
  )
  await room.run()
  t.ok(room.arm.isSpent)
  t.ok(room.arm.calls.length > calls)
  t.match(await endedTruly(t, room, accepted.id), { status: 'Succeeded' })
})

t.test(
  'fails a scheduled job with PLAN_STALE when the cluster changed while it waited, without a write',
  async (t) => {
    const room = new JobHarness(database)
    const { id } = await room.accept(await room.plan(), { schedule: { ...none, notBefore: after(5) } })
    room.arm.foreignWrite((body) => {
      ;(body.properties as Record<string, unknown>).apiServerAccessProfile = {
        authorizedIPRanges: ['192.0.2.0/24'],
      }
    })
    await room.run()
    t.match(await endedTruly(t, room, id), { status: 'Failed', error: { code: 'PLAN_STALE' } })
    t.equal(room.arm.puts.length, 0)
  },
)

t.test('fails a job with NOT_STARTED_IN_TIME after giveUpAt, without a write', async (t) => {
  let clock = START
  const room = new JobHarness(database, 'plain', { now: () => clock })
  const { id } = await room.accept(await room.plan(), { schedule: { ...none, giveUpAt: after(1) } })
  clock = new Date(after(2))
  await room.run()
  t.match(await endedTruly(t, room, id), {
    status: 'Failed',
    error: { code: 'NOT_STARTED_IN_TIME', step: null },
  })
  t.equal(room.arm.puts.length, 0)
})

t.test('completes a job that started before giveUpAt', async (t) => {
  const room = new JobHarness(database, 'ranges')
  const { id } = await room.accept(await room.plan(), {
    schedule: { ...none, giveUpAt: new Date(START.getTime() + 60_000).toISOString() },
  })
  await room.run()
  const job = await endedTruly(t, room, id)
  t.match(job, { status: 'Succeeded' })
  t.ok(job.timestamps.finishedAt !== null && job.timestamps.finishedAt > after(0))
  t.equal(switches(room.arm), 1)
})

t.test('rejects a schedule without a possible start with SCHEDULE_IMPOSSIBLE', async (t) => {
  const room = new JobHarness(database)
  const made = await room.plan()
  const rows = [
    [{ ...none, giveUpAt: after(-1) }, 'giveUpAt is in the past', '/giveUpAt'],
    [{ ...none, notBefore: after(24 * 40) }, 'notBefore is more than 31 days ahead', '/notBefore'],
    [{ ...none, notBefore: after(3), giveUpAt: after(2) }, /which is not before giveUpAt/, '/giveUpAt'],
  ] as const
  for (const [schedule, reason, pointer] of rows) {
    const refusal = await room.accept(made, { schedule }).then(
      () => null,
      (error: unknown) => error as DomainError,
    )
    t.type(refusal, DomainError)
    t.match(refusal, { code: 'SCHEDULE_IMPOSSIBLE', facts: { reason }, pointers: [pointer] })
  }
  t.equal(room.arm.puts.length, 0)
})

t.test('holds before the measurement from nodes, because a hold can last for days', async (t) => {
  const snapshot = aSnapshot()
  const stepOf = (request: object) =>
    resolveHold(planFor(snapshot, 'managedNATGateway', request) as Plan, {
      planId: anId(),
      acknowledge: [],
      reason: null,
      by: 'tester',
      holdBeforeCutOver: true,
    })
  t.equal(stepOf({}), 'change-outbound-type')
  t.equal(stepOf({ verifyFromNodes: {} }), 'probe-nodes-before')
})
