import { randomUUID } from 'node:crypto'
import t, { type Test } from 'tap'
import type { Database } from '../../src/database/engine/database.ts'
import { createIdempotency } from '../../src/database/stores/idempotency.ts'
import type { Jobs } from '../../src/jobs/jobs.ts'
import { createPlanning } from '../../src/planning/create-planning.ts'
import type { Planning } from '../../src/planning/planning.ts'
import { fakeApp } from '../routes/support/fakes.ts'
import { ANY_POLICY } from '../support/a-plan.ts'
import { databaseEngines, openMigrated } from '../support/databases.ts'
import { JobHarness } from './support/job-harness.ts'

/** A process of the service: real rooms and real keys behind the routes. */
async function aProcess(
  t: Test,
  database: Database,
  clock: { now: Date; key: string },
  rooms: { jobs?: Jobs; planning?: Planning },
) {
  const keys = createIdempotency({ database, now: () => clock.now, newId: randomUUID })
  const { app } = await fakeApp(t, { ...rooms, keys })
  return (url: string, payload: object) =>
    app.inject({ method: 'POST', url, payload, headers: { 'idempotency-key': clock.key } })
}

const never = () => new Promise<never>(() => {})

for (const engine of await databaseEngines()) {
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    const opened = async () => {
      const room = new JobHarness(database)
      const plan = await room.plan()
      const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
      const jobs = async () => (await room.jobs.list({ cluster: room.cluster, limit: 9, cursor: null })).items
      return { room, order, jobs, clock: { now: room.clock, key: randomUUID() } }
    }

    t.test('replays the response after a crash between commit and response', async (t) => {
      const { room, order, jobs, clock } = await opened()
      const committed = Promise.withResolvers<unknown>()
      const dying = await aProcess(t, database, clock, {
        jobs: {
          ...room.jobs,
          accept: async (...given) => {
            committed.resolve(await room.jobs.accept(...given))
            return never()
          },
        },
      })
      void dying('/v1/jobs', order)
      const accepted = await committed.promise
      const next = await aProcess(t, database, clock, { jobs: room.jobs })
      const answer = await next('/v1/jobs', order)
      t.equal(answer.statusCode, 202)
      t.equal(answer.headers['idempotency-replayed'], 'true')
      t.strictSame(answer.json(), JSON.parse(JSON.stringify(accepted)))
      t.equal(answer.headers.location, `/v1/jobs/${answer.json().id}`)
      t.equal((await jobs()).length, 1)
    })

    t.test('executes the request after a crash before the commit, when the claim has expired', async (t) => {
      const { room, order, jobs, clock } = await opened()
      const reached = Promise.withResolvers<void>()
      const dying = await aProcess(t, database, clock, {
        jobs: {
          ...room.jobs,
          accept: () => {
            reached.resolve()
            return never()
          },
        },
      })
      void dying('/v1/jobs', order)
      await reached.promise
      const next = await aProcess(t, database, clock, { jobs: room.jobs })
      if (engine.name === 'a server') {
        t.equal(
          (await next('/v1/jobs', order)).json().code,
          'IDEMPOTENCY_KEY_IN_USE',
          'it may live elsewhere',
        )
        clock.now = new Date(clock.now.getTime() + 60_000)
      }
      const answer = await next('/v1/jobs', order)
      t.equal(answer.statusCode, 202)
      t.equal(answer.headers['idempotency-replayed'], undefined)
      t.equal((await jobs()).length, 1)
    })

    t.test('rolls back a request that slept until another process took over its key', async (t) => {
      const { room, clock } = await opened()
      const planning = createPlanning({ ...room.deps, policy: ANY_POLICY, planTtlMinutes: 60 })
      const plans = async () =>
        (await planning.listPlans({ cluster: room.cluster, limit: 9, cursor: null })).items.length
      const before = await plans()
      const request = { cluster: room.cluster, target: { outboundType: 'managedNATGateway' } }
      const asleep = Promise.withResolvers<void>()
      const wake = Promise.withResolvers<void>()
      const slow: Planning = {
        ...planning,
        makePlan: async (...given) => {
          asleep.resolve()
          await wake.promise
          return planning.makePlan(...given)
        },
      }
      const sleeping = await aProcess(t, database, clock, { planning: slow })
      const first = sleeping('/v1/plans', request)
      await asleep.promise
      clock.now = new Date(clock.now.getTime() + 60_000)
      const next = await aProcess(t, database, clock, { planning })
      const done = await next('/v1/plans', request)
      t.equal(done.statusCode, 201)
      wake.resolve()
      t.equal((await first).json().code, 'IDEMPOTENCY_KEY_IN_USE')
      t.equal(await plans(), before + 1, 'what it made is rolled back')
      t.strictSame((await sleeping('/v1/plans', request)).json(), done.json())
    })

    t.test('creates one job for many simultaneous requests with one key', async (t) => {
      const { room, order, jobs, clock } = await opened()
      const process = await aProcess(t, database, clock, { jobs: room.jobs })
      const answers = await Promise.all(Array.from({ length: 6 }, () => process('/v1/jobs', order)))
      const made = answers.filter(({ statusCode }) => statusCode === 202)
      t.not(made.length, 0)
      const others = answers.filter(({ statusCode }) => statusCode !== 202)
      for (const other of others) t.equal(other.json().code, 'IDEMPOTENCY_KEY_IN_USE')
      t.equal(new Set(made.map((each) => each.json().id)).size, 1)
      t.equal((await jobs()).length, 1)
    })

    t.test('executes a rejected request later with the same key', async (t) => {
      const { room, order, clock } = await opened()
      const process = await aProcess(t, database, clock, { jobs: room.jobs })
      const other = await room.accept()
      t.equal((await process('/v1/jobs', order)).json().code, 'CLUSTER_LOCKED')
      await room.jobs.cancel(other.id, { by: 'tester' })
      t.equal((await process('/v1/jobs', order)).statusCode, 202)
    })
  })
}
