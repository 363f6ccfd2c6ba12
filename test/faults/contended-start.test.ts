import { sql } from 'kysely'
import t from 'tap'
import { openDatabase } from '../../src/database/engine/database.ts'
import { MIGRATIONS } from '../../src/database/migrations/migrate.ts'
import { execute, makePlan, planFor } from '../acceptance/support/requests.ts'
import { client, ended } from '../acceptance/support/service.ts'
import { startPostgres } from '../support/databases.ts'
import { startService, startSimulatorProcess, startWorker } from '../support/processes.ts'
import { assertServiceAnnounced } from '../support/watcher.ts'

/** Processes of each kind. */
const OF_EACH = 4

t.test('starts all of eight simultaneous processes on an empty database and migrates it once', async (t) => {
  const databaseUrl = await startPostgres(t)
  if (databaseUrl === null) return
  const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: '200' })
  t.teardown(() => simulator.kill())
  const settings = { ARM_ENDPOINT: simulator.url, DATABASE_URL: databaseUrl, SIMULATOR_TIME_SCALE: '200' }
  const each = Array.from({ length: OF_EACH }, () => null)
  const starts = await Promise.allSettled([
    ...each.map(() => startService({ ...settings, ROLE: 'api' })),
    ...each.map(() => startWorker(settings)),
  ])
  const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  t.teardown(() => Promise.all(started.map((one) => one.kill())))
  t.strictSame(
    starts.flatMap((start) => (start.status === 'rejected' ? [String(start.reason)] : [])),
    [],
    'none failed',
  )
  const complaints = started.flatMap(({ lines }) =>
    lines.filter((line) => Number((JSON.parse(line) as { level: number }).level) >= 40),
  )
  t.strictSame(complaints, [], 'and none complained')

  const database = await openDatabase({ dataDir: null, databaseUrl })
  t.teardown(() => database.close())
  const { rows } = await sql<{ version: number }>`select version from schema_migrations order by 1`.execute(
    database.kysely,
  )
  t.strictSame(
    rows.map(({ version }) => version),
    MIGRATIONS.map(({ version }) => version),
  )

  const apis = started.filter(({ url }) => url !== '')
  t.equal(apis.length, OF_EACH)
  for (const { url } of apis) t.equal((await fetch(`${url}/readyz`)).status, 200)
  const planner = client(apis[0]?.url ?? '')
  const { id } = await execute(planner, await makePlan(planner, planFor('lb-managed', 'managedNATGateway')))
  t.match(await ended(client(apis[1]?.url ?? ''), String(id), 60_000), { status: 'Succeeded' }, 'they work')
  const [api] = apis
  if (api !== undefined) await assertServiceAnnounced(api, simulator.url)
})
