import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { v7 as uuidv7 } from 'uuid'
import { purge } from '../../src/admin/purge.ts'
import { readConfig } from '../../src/config.ts'
import { appendAudit } from '../../src/database/audit/audit-log.ts'
import { verifyExport } from '../../src/database/audit/export-audit.ts'
import { verifyAudit } from '../../src/database/audit/verify-audit.ts'
import type { Database, Queries } from '../../src/database/engine/database.ts'
import { deleteExpired } from '../../src/database/stores/cleanup.ts'
import { appendEvents } from '../../src/database/stores/job-store.ts'
import { type Figure, percentile } from './measure.ts'
import { ask, planRequest, startWorld, type World } from './world.ts'

const JOBS = 100_000
const CLUSTERS = 1_000
const EVENTS = 5
const AUDIT_ROWS = 2_000
const ROUNDS = 300
/** Nine tenths of the jobs are older. */
const RETENTION_DAYS = 10
const LIKE = 'lb-managed'

interface Planned {
  id: string
  acknowledgementsRequired: string[]
}

/** Lists, polls and ticks while old jobs of 100,000 are deleted, compared with the same before, in one run. */
export async function retention(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-retention-'))
  const world = await startWorld()
  try {
    return await measure(world, join(folder, 'audit.jsonl'))
  } finally {
    await world.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(world: World, auditFile: string): Promise<Figure[]> {
  const { database } = world
  const view = await fill(world)
  const jobId = await anUnfinishedJob(database.kysely, view)
  const calls = {
    lists: () => ask(`${world.url}/v1/jobs?limit=100`),
    polls: () => ask(`${world.url}/v1/jobs/${jobId}`),
    ticks: aTick(database, jobId, view),
  }
  await rounds(calls, 20)
  const before = await rounds(calls, ROUNDS)
  const bytesBefore = await bytesOf(database)
  const stopping = new AbortController()
  const options = { now: new Date(), retentionDays: RETENTION_DAYS }
  const deletion = deleteExpired(database, { ...options, signal: stopping.signal })
  const during = await rounds(calls, ROUNDS)
  stopping.abort()
  const { jobs } = await deletion
  const admin = (now: Date) => ({
    config: readConfig({}),
    database,
    now: () => now,
    newId: uuidv7,
    print: () => {},
  })
  await purge(admin(new Date()), { days: RETENTION_DAYS, auditFile: null, compact: true })
  const size = (await bytesOf(database)) / bytesBefore
  const left = await database.kysely
    .selectFrom('jobs')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  const later = new Date(Date.now() + 1_000 * 86_400_000)
  await purge(admin(later), { days: RETENTION_DAYS, auditFile, compact: false })
  const verdicts = [await verifyAudit(database.kysely), await verifyExport(auditFile, null)]
  return [
    ...(Object.keys(calls) as (keyof typeof calls)[]).flatMap((name) =>
      ratios(name, before[name], during[name]),
    ),
    { name: 'jobs deleted meanwhile', value: jobs, unit: 'jobs', atLeast: 100 },
    { name: `jobs left of ${JOBS}`, value: Number(left.count), unit: 'jobs', atMost: JOBS / 5 },
    {
      name: 'size of the database afterwards',
      value: size,
      unit: 'of before',
      atMost: 0.5,
    },
    {
      name: 'audit log and its export that verify',
      value: verdicts.filter(({ intact }) => intact).length,
      unit: 'chains',
      atLeast: 2,
    },
  ]
}

function ratios(name: string, before: number[], during: number[]): Figure[] {
  const note = `${percentile(before, 50).toFixed(1)} and ${percentile(before, 95).toFixed(1)} ms before`
  return [
    {
      name: `${name} during the deletion, p50`,
      value: percentile(during, 50) / percentile(before, 50),
      unit: 'times',
      atMost: 1.5,
      note,
    },
    {
      name: `${name} during the deletion, p95`,
      value: percentile(during, 95) / percentile(before, 95),
      unit: 'times',
      atMost: 3,
    },
  ]
}

/** Milliseconds of each call, round by round. */
async function rounds<Name extends string>(
  calls: Record<Name, () => Promise<unknown>>,
  count: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(calls) as Name[]
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round < count; round++)
    for (const name of names) {
      const begun = performance.now()
      await calls[name]()
      times[name].push(performance.now() - begun)
    }
  return times
}

/**
 * Finished jobs of the last 100 days, with plans and logs like those of a real job, and an audit log. Returns the view
 * of the real job.
 */
async function fill(world: World): Promise<string> {
  const { url, database } = world
  const { kysely: db } = database
  const plan = await ask<Planned>(`${url}/v1/plans`, planRequest(`${LIKE}`, 'managedNATGateway'))
  const view = await aView(world, plan)
  await database.withoutStatementTimeout(async (unlimited) => {
    await sql`create temporary table numbers as
      select n, lpad(to_hex(n), 12, '0') as hex, now() - interval '100 days' * (1 - n::float / ${sql.lit(JOBS)}) as at
      from generate_series(1, ${sql.lit(JOBS)}) n`.execute(unlimited)
    await sql`insert into plans (id, cluster_key, subscription_id, resource_group, cluster_name, from_type, to_type,
        made_status, state, created_at, expires_at, created_by, document)
      select ('01800000-0000-7000-8000-' || hex)::uuid, 'cluster-' || n % ${sql.lit(CLUSTERS)}, subscription_id,
        resource_group, cluster_name, from_type, to_type, made_status, 'executed', at, at, created_by,
        left(document, 1500)
      from numbers, plans where plans.id = ${plan.id}`.execute(unlimited)
    await sql`insert into jobs (id, plan_id, cluster_key, status, revision, log_length, created_at, created_by, from_type,
        to_type, view)
      select ('01800000-0000-7000-9000-' || hex)::uuid, ('01800000-0000-7000-8000-' || hex)::uuid,
        'cluster-' || n % ${sql.lit(CLUSTERS)}, 'Succeeded', 9, ${sql.lit(EVENTS)}, at, 'bench', 'loadBalancer',
        'managedNATGateway', replace(${view}::text, '"finishedAt":null', '"finishedAt":"'
          || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '"')
      from numbers`.execute(unlimited)
    await sql`insert into job_events (job_id, sequence, body)
      select ('01800000-0000-7000-9000-' || hex)::uuid, sequence, '{"type":"stepStarted","padding":"' || repeat('x', 100) || '"}'
      from numbers, generate_series(1, ${sql.lit(EVENTS)}) sequence`.execute(unlimited)
    await sql`drop table numbers`.execute(unlimited)
    await sql`analyze`.execute(unlimited)
  })
  for (let row = 0; row < AUDIT_ROWS; row++) await appendRow(db)
  return view
}

/** The view of a job of this plan, which never begins; without steps, so that 100,000 of them are filled in quickly. */
async function aView({ url, database }: World, plan: Planned): Promise<string> {
  const notBefore = new Date(Date.now() + 86_400_000).toISOString()
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired, notBefore }
  const { id } = await ask<{ id: string }>(`${url}/v1/jobs`, order)
  const row = await database.kysely
    .selectFrom('jobs')
    .select('view')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return JSON.stringify({ ...JSON.parse(row.view), steps: [] })
}

function appendRow(db: Queries) {
  const subject = { clusterId: null, planId: null, jobId: null, webhookId: null, reason: null }
  const call = { actor: null, operation: 'createPlan', address: null, userAgent: null, requestId: 'bench' }
  const entry = { ...call, ...subject, at: new Date().toISOString(), outcome: 'allowed' as const, code: null }
  return db.transaction().execute((trx) => appendAudit(trx, uuidv7(), entry))
}

async function anUnfinishedJob(db: Queries, view: string): Promise<string> {
  const id = uuidv7()
  await sql`insert into plans select (jsonb_populate_record(plans, jsonb_build_object('id', ${id}::text))).* from plans
    limit 1`.execute(db)
  await sql`insert into jobs (id, plan_id, cluster_key, status, revision, log_length, created_at, created_by, from_type,
      to_type, next_tick_at, view)
    values (${id}, ${id}, 'running', 'Running', 1, 0, now(), 'bench', 'loadBalancer', 'managedNATGateway',
      now() + interval '1 day', ${view})`.execute(db)
  return id
}

/** What a tick does in the database. */
function aTick({ kysely }: Database, jobId: string, view: string): () => Promise<void> {
  let length = 0
  return () =>
    kysely.transaction().execute(async (trx) => {
      const nextTickAt = new Date(Date.now() + 86_400_000)
      const events = [{ type: 'stepStarted' }]
      const append = {
        jobId,
        revision: length + 1,
        length,
        events,
        status: 'Running' as const,
        view,
        nextTickAt,
      }
      await appendEvents(trx, append)
      length++
    })
}

async function bytesOf({ kysely }: Database): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`select pg_database_size(current_database()) as bytes`.execute(
    kysely,
  )
  return Number(rows[0]?.bytes ?? Number.NaN)
}
