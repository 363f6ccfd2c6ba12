import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliDecompressSync } from 'node:zlib'
import t from 'tap'
import { toJob } from '../../src/core/job/job-view.ts'
import { verifyAudit } from '../../src/database/audit/verify-audit.ts'
import { openDatabase } from '../../src/database/engine/database.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { jobText } from '../../src/database/stores/job-store.ts'
import { loadJob, PlanCache } from '../../src/jobs/event-log.ts'
import { execute, isServed } from './support/requests.ts'
import { ended, type Loose, listOf, service, temporaryFolder, until } from './support/service.ts'

const ARCHIVE = fileURLToPath(new URL('../data/database-625b46e/database.tar.br', import.meta.url))

/** Unpacks a data folder that the service wrote at commit 625b46e. */
async function unpackDataFolder(folder: string): Promise<void> {
  const archive = join(folder, 'database.tar')
  await writeFile(archive, brotliDecompressSync(await readFile(ARCHIVE)))
  await promisify(execFile)('tar', ['-x', '-C', folder, '-f', archive])
  await rm(archive)
}

const folder = await temporaryFolder(t)
await unpackDataFolder(folder)

/** The members of an object that an earlier version of it has. */
function membersOf(earlier: object, later: object): object {
  return Object.fromEntries(Object.entries(later).filter(([name]) => Object.hasOwn(earlier, name)))
}

t.test('a database of an earlier version keeps its audit chain and its jobs', async (t) => {
  const database = await openDatabase({ dataDir: join(folder, 'database'), databaseUrl: null })
  t.teardown(() => database.close())
  await migrate(database)
  t.match(await verifyAudit(database.kysely), { intact: true, rows: 13 })
  const jobs = await database.kysely.selectFrom('jobs').select('id').orderBy('id').execute()
  t.equal(jobs.length, 3)
  for (const { id } of jobs) {
    const job = await loadJob(database.kysely, new PlanCache(), id)
    if (job === null) throw new Error(`job ${id} is missing`)
    const view = JSON.parse((await jobText(database.kysely, id)) ?? '')
    const now = toJob(id, job.plan, job.state)
    const former = {
      ...membersOf(view, now),
      steps: now.steps.map((step, index) => membersOf(view.steps[index], step)),
      actions: membersOf(view.actions, now.actions),
    }
    t.strictSame(former, view, `the events of job ${id} give its stored view, but for later members`)
  }
})

t.test('the service reads, releases, and rolls back what an earlier version stored', async (t) => {
  const planner = await service(t, { DATA_DIR: folder, SIMULATOR_TIME_SCALE: '1000' })
  const get = (path: string, headers = {}) => until(() => planner.get(path, headers), isServed)
  const post = (path: string) => until(() => planner.post(path), isServed)
  const read = async (path: string): Promise<Loose> => {
    const { status, body, text } = await get(path)
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`)
    return body
  }
  /** Every item of a list, read in pages of two. */
  const list = async (path: string): Promise<Loose[]> => {
    const items: Loose[] = []
    for (let cursor = ''; ; ) {
      const page = await read(`${path}?limit=2${cursor}`)
      items.push(...listOf(page.items))
      if (page.next === null) return items
      cursor = `&cursor=${page.next}`
    }
  }
  const plans = await list('/v1/plans')
  t.strictSame(
    plans.map(({ status }) => String(status)),
    ['noChange', 'executed', 'executed', 'discarded', 'blocked', 'executed'],
  )
  for (const { id } of plans) {
    t.equal((await read(`/v1/plans/${id}`)).id, id)
    for (const type of ['text/markdown', 'text/html'])
      t.equal((await get(`/v1/plans/${id}`, { accept: type })).status, 200, type)
  }
  const approved = plans.at(-1)
  t.match((await read(`/v1/plans/${approved?.id}/approvals`)).items, [{ by: { name: 'b@example.com' } }])

  const jobs = await list('/v1/jobs')
  t.match(jobs, [
    { status: 'Failed', error: { code: String } },
    { status: 'Running', hold: { status: 'Held' } },
    { status: 'Succeeded', createdBy: 'a@example.com', approvals: [{ by: 'b@example.com' }] },
  ])
  for (const { id } of jobs) {
    t.strictSame(
      await read(`/v1/jobs/${id}`),
      jobs.find((job) => job.id === id),
    )
    t.not(listOf((await read(`/v1/jobs/${id}/events?limit=100`)).items).length, 0)
  }
  const [webhook, ...others] = await list('/v1/webhooks')
  t.match(webhook, { status: 'enabled', description: 'Subscription without a person' })
  t.equal(others.length, 0)
  t.match(await read(`/v1/webhooks/${webhook?.id}`), webhook as object)
  await list(`/v1/webhooks/${webhook?.id}/deliveries`)
  t.equal((await list('/v1/audit')).length, 13)

  const [failed, held, succeeded] = jobs.map(({ id }) => String(id))
  t.equal((await post(`/v1/jobs/${held}/release`)).status, 202)
  t.match(await ended(planner, held ?? ''), { status: 'Succeeded', error: null })
  const rollback = await post(`/v1/jobs/${succeeded}/rollback-plan`)
  t.match(rollback, { status: 201, body: { status: 'applicable', to: { outboundType: 'loadBalancer' } } })
  const job = await execute(planner, rollback.body)
  t.match(await ended(planner, String(job.id)), { status: 'Succeeded', error: null })
  t.equal((await post(`/v1/jobs/${failed}/clean-up-plan`)).status, 201)
})
