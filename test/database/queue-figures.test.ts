import t from 'tap'
import { queueFigures } from '../../src/database/queue-figures.ts'
import { Room, START } from '../jobs/support/room.ts'
import { engines, migrated } from '../support/postgres.ts'
import { WebhookRoom } from '../webhooks/support/webhook-room.ts'

for (const engine of await engines(t))
  t.test(`the unfinished jobs are counted on ${engine.name}`, async (t) => {
    const database = await migrated(engine.open(t))
    const at = (seconds: number) => queueFigures(database.kysely, new Date(START.getTime() + seconds * 1_000))
    t.strictSame(await at(0), { due: 0, oldestDueAt: null, unfinished: [], messagesPending: 0 })
    const rooms = [new Room(database), new Room(database), new Room(database)]
    const [ended, running] = rooms
    rooms[1]?.advance(5_000)
    for (const room of rooms) await room.accept()
    await ended?.run()
    await running?.runOne()
    const figures = await at(60)
    t.equal(figures.due, 2, 'one has ended')
    t.strictSame(figures.oldestDueAt, START)
    t.strictSame(
      figures.unfinished.toSorted((a, b) => a.status.localeCompare(b.status)),
      [
        { status: 'NotStarted', step: null, count: 1 },
        { status: 'Running', step: null, count: 1 },
      ],
    )
    t.equal((await at(-1)).due, 0, 'none is due yet')

    const webhooks = new WebhookRoom(database)
    await webhooks.subscribe('http://127.0.0.1:1/')
    await webhooks.end('Failed')
    await webhooks.end('Succeeded')
    t.equal((await at(0)).messagesPending, 2, 'messages on their way')
  })
