import t from 'tap'
import type { HoldStatus } from '../../src/core/job/job.ts'
import { engines, migrated } from '../support/postgres.ts'
import { Room } from './support/room.ts'
import { untilHeld } from './support/until-held.ts'

for (const engine of await engines(t))
  t.test(`on ${engine.name}`, async (t) => {
    const database = await migrated(engine.open(t))

    t.test('what is held can be found, until it is released or ends, page by page', async (t) => {
      const own = { createdBy: 'finder' }
      const ids: string[] = []
      const rooms: Room[] = []
      for (const name of ['released', 'canceled', 'held', 'without'] as const) {
        const room = new Room(database)
        const order = { by: own.createdBy, holdBeforeCutOver: name !== 'without' }
        const { id } = await room.accept(undefined, order)
        if (name === 'without') await room.run()
        else await untilHeld(room, id)
        ids.push(id)
        rooms.push(room)
      }
      const [released, canceled, still] = ids as [string, string, string]
      const { jobs } = rooms[0] as Room
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
      await jobs.release(released, 'tester')
      await jobs.cancel(canceled, 'tester')
      t.strictSame(await found('Held'), [still])
      t.strictSame(await found('Released'), [released])
      t.strictSame(await found('Ended'), [canceled])
      t.strictSame(await found('Ahead'), [])
      for (const id of ids) {
        const { hold } = await jobs.get(id)
        t.equal((await jobs.getVersion(id)).isHeld, hold?.status === 'Held')
      }
      await rooms[0]?.run()
      await jobs.cancel(still, 'tester')
    })
  })
