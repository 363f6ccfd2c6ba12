import { sql } from 'kysely'
import t from 'tap'
import { type Database, openDatabase } from '../../src/database/engine/database.ts'
import { ended, listOf, until } from '../acceptance/support/service.ts'
import { type StartedProcess, startWorker } from '../support/processes.ts'
import { clusterLocks, executeAll, plansFor, putsOf, startReplicas } from './support/replicas.ts'

/** Long enough to stop a process while it waits for the answer to its commit. */
const HELD_SECONDS = 2
/** As the queue promises, and how much later a busy machine may be. */
const TAKEOVER_MS = 45_000

/** From now on the server holds back the answer to the commit of every intent, so that a worker can be stopped between it and its PUT. */
async function holdIntents({ kysely }: Database): Promise<void> {
  await sql
    .raw(`
    create function hold_intents() returns trigger language plpgsql as $$
      begin perform pg_sleep(${HELD_SECONDS}); return new; end $$;
    create constraint trigger hold_intents after insert on job_events deferrable initially deferred for each row
      when (new.body like '%"writeIntended"%') execute function hold_intents()`)
    .execute(kysely)
}

async function isHeld({ kysely }: Database): Promise<boolean> {
  const { rows } = await sql`select 1 from pg_stat_activity where wait_event = 'PgSleep'`.execute(kysely)
  return rows.length > 0
}

t.test('a worker that wakes up after another worker took over sends no PUT', async (t) => {
  const world = await startReplicas(t, { clusters: 2, workers: 1, scale: '60' })
  if (world === null) return
  const { planner, server, names, azure } = world
  const database = await openDatabase({ dataDir: null, databaseUrl: server.url })
  t.teardown(() => database.close())
  const [sleeper] = world.workers as [StartedProcess]
  const [first, second] = await plansFor(world, names)
  const logOf = async (id: string) =>
    listOf((await planner.get(`/v1/jobs/${id}/events?limit=1000`)).body.items).map(({ type }) => String(type))

  await holdIntents(database)
  const [id = ''] = await executeAll(world, [first ?? {}])
  await until(() => isHeld(database), Boolean)
  process.kill(sleeper.pid, 'SIGSTOP')
  t.teardown(() => process.kill(sleeper.pid, 'SIGCONT'))
  t.ok(
    (
      await until(
        () => logOf(id),
        (types) => types.includes('writeIntended'),
      )
    ).length > 0,
  )
  t.strictSame(await putsOf(world), [], 'it sleeps between its intent and its PUT')
  await sql`drop trigger hold_intents on job_events`.execute(database.kysely)

  const other = await startWorker(world.settings)
  t.teardown(() => other.kill())
  await until(
    () => putsOf(world),
    (puts) => puts.length > 0,
    TAKEOVER_MS,
  )
  t.match(await logOf(id), [
    'accepted',
    'stepStarted',
    'stepSucceeded',
    'stepStarted',
    'writeIntended',
    'writeNotSeen',
    'writeLost',
  ])
  process.kill(sleeper.pid, 'SIGCONT')
  await until(
    async () => sleeper.lines,
    (lines) =>
      lines.some((line) =>
        /write not sent: its time limit has passed|the database does not respond/.test(line),
      ),
  )
  t.match(await ended(planner, id, TAKEOVER_MS), { status: 'Succeeded', error: null })
  t.strictSame(await putsOf(world), [names[0]], 'one PUT was sent, that of the other worker')

  t.equal(await other.stop(), 0)
  const [next = ''] = await executeAll(world, [second ?? {}])
  t.match(await ended(planner, next, TAKEOVER_MS), { status: 'Succeeded' }, 'who has slept works on')
  t.strictSame(await putsOf(world), names)
  const refused = listOf((await azure.get('/simulator/requests?method=PUT')).body)
  t.ok(
    refused.every(({ status }) => [200, 201].includes(Number(status))),
    'Azure had nothing to refuse',
  )
  t.equal(await clusterLocks(server.url), 0, 'no lock is left')
})
