import type { KyselyPlugin } from 'kysely'
import t from 'tap'
import type { HoldStatus } from '../../../src/contract/job.ts'
import { createJobs } from '../../../src/jobs/commands/create-jobs.ts'
import { singleFlight } from '../../../src/lib/promises.ts'
import { databaseEngines, openMigrated } from '../../support/databases.ts'
import { untilHeld } from '../support/fleet.ts'
import { JobHarness } from '../support/job-harness.ts'

for (const engine of await databaseEngines())
  t.test(`on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))

    t.test('reads a job once for all polls that a change wakes', async (t) => {
      const room = new JobHarness(database)
      const { id } = await room.accept()
      let reads = 0
      const counting: KyselyPlugin = {
        transformQuery: ({ node }) => {
          reads++
          return node
        },
        transformResult: async ({ result }) => result,
      }
      const kysely = database.kysely.withPlugin(counting)
      const jobs = createJobs({ ...room.deps, database: { ...database, kysely } })
      const poll = async <T>(read: () => Promise<T>) => {
        reads = 0
        const [answer, ...others] = await Promise.all(Array.from({ length: 1_000 }, read))
        t.equal(reads, 1, String(read))
        t.ok(others.every((other) => other === answer))
        return answer
      }
      t.match(JSON.parse((await poll(() => jobs.getText(id)))?.text ?? ''), { id })
      t.match(await poll(() => jobs.getVersion(id)), { isFinished: false })
      t.equal((await poll(() => jobs.log(id, 0, 100)))?.length, 1)
    })

    t.test('a job inherits the labels of its plan unless it has its own', async (t) => {
      const room = new JobHarness(database)
      const labels = { team: 'payments' }
      const inherited = await room.accept(await room.plan({ labels }))
      t.match(inherited, { labels, counts: { blockers: 0 } })
      await room.run()
      const jobs = async (label: string) =>
        (await room.jobs.list({ labels: [label], limit: 9, cursor: null })).items.map(({ id }) => id)
      t.strictSame(await jobs('team=payments'), [inherited.id])
      t.strictSame(await jobs('team=search'), [])
      const other = new JobHarness(database)
      const own = await other.accept(await other.plan({ labels }), { labels: { wave: '1' } })
      t.strictSame(own.labels, { wave: '1' })
    })

    t.test('lists held jobs page by page until they are released or end', async (t) => {
      const own = { createdBy: 'finder' }
      const ids: string[] = []
      const rooms: JobHarness[] = []
      for (const name of ['released', 'canceled', 'held', 'without'] as const) {
        const room = new JobHarness(database)
        const order = { by: own.createdBy, holdBeforeCutOver: name !== 'without' }
        const { id } = await room.accept(undefined, order)
        if (name === 'without') await room.run()
        else await untilHeld(room, id)
        ids.push(id)
        rooms.push(room)
      }
      const [released, canceled, still] = ids as [string, string, string]
      const { jobs } = rooms[0] as JobHarness
      const page = { ...own, limit: 2, cursor: null }
      const found = async (hold: HoldStatus) => (await jobs.list({ ...page, hold })).items.map(({ id }) => id)
      const first = await jobs.list({ ...page, hold: 'Held' })
      t.strictSame(
        first.items.map(({ id }) => id),
        [still, canceled],
      )
      const next = await jobs.list({ ...page, hold: 'Held', cursor: first.next })
      t.match(next, { items: [{ id: released }], next: null })
      await t.rejects(jobs.list({ ...page, hold: 'Released', cursor: first.next }), {
        code: 'CURSOR_INVALID',
      })
      t.match(await jobs.getVersion(canceled), { isFinished: false, isHeld: true })
      await jobs.release(released, { by: 'tester' })
      await jobs.cancel(canceled, { by: 'tester' })
      t.strictSame(await found('Held'), [still])
      t.strictSame(await found('Released'), [released])
      t.strictSame(await found('Ended'), [canceled])
      t.strictSame(await found('Ahead'), [])
      for (const id of ids) {
        const { hold } = await jobs.get(id)
        t.equal((await jobs.getVersion(id)).isHeld, hold?.status === 'Held')
      }
      await rooms[0]?.run()
      await jobs.cancel(still, { by: 'tester' })
    })
  })

t.test('shares one read among simultaneous calls with the same key', async (t) => {
  const read = singleFlight<number>()
  let reads = 0
  const ask = (key: string) => read(key, async () => ++reads)
  t.strictSame(await Promise.all([ask('a'), ask('a'), ask('a')]), [1, 1, 1])
  t.strictSame((await Promise.all([ask('a'), ask('b')])).toSorted(), [2, 3])
})

t.test('returns no result that is older than the call', async (t) => {
  const read = singleFlight<number>()
  let present = 1
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const first = read('a', async () => {
    const seen = present
    begun.resolve()
    await gate.promise
    return seen
  })
  await begun.promise
  present = 2
  const second = read('a', async () => present)
  t.equal(await second, 2)
  gate.resolve()
  t.equal(await first, 1)
})

t.test('rejects all calls that share a failed read, and starts a new read for the next call', async (t) => {
  const read = singleFlight<number>()
  const failing = async () => {
    throw new Error('no')
  }
  const both = await Promise.allSettled([read('a', failing), read('a', failing)])
  t.strictSame(
    both.map((each) => each.status),
    ['rejected', 'rejected'],
  )
  t.equal(await read('a', async () => 7), 7)
})
