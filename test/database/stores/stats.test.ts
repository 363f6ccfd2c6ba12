import t from 'tap'
import { readQueueStats } from '../../../src/database/stores/stats.ts'
import { JobHarness, START } from '../../jobs/support/job-harness.ts'
import { everyEngine, openMigrated } from '../../support/databases.ts'
import { WebhookFixture } from '../../webhooks/support/webhook-fixture.ts'

for (const engine of await everyEngine())
  t.test(`the unfinished jobs are counted on ${engine.name}`, async (t) => {
    const database = await openMigrated(engine.open(t))
    const at = (seconds: number) =>
      readQueueStats(database.kysely, new Date(START.getTime() + seconds * 1_000))
    t.strictSame(await at(0), {
      due: 0,
      oldestDueAt: null,
      unfinished: [],
      messagesPending: 0,
      inventory: { clusters: 0, flagged: [], ageSeconds: null },
      campaigns: { unfinished: [], members: [] },
    })
    const rooms = [new JobHarness(database), new JobHarness(database), new JobHarness(database)]
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

    const webhooks = new WebhookFixture(database)
    await webhooks.subscribe('http://127.0.0.1:1/')
    await webhooks.end('Failed')
    await webhooks.end('Succeeded')
    t.equal((await at(0)).messagesPending, 2, 'messages on their way')
  })
