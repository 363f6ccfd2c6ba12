import { sql } from 'kysely'
import type { Database, Queries } from '../engine/database.ts'
import { plansAndJobs } from './0001-plans-and-jobs.ts'
import { audit } from './0002-audit.ts'
import { approvals } from './0003-approvals.ts'
import { polling } from './0004-polling.ts'
import { webhooks } from './0005-webhooks.ts'
import { holds } from './0006-holds.ts'
import { auditOfWebhooks } from './0007-audit-of-webhooks.ts'
import { jobsOfAPlan } from './0008-jobs-of-a-plan.ts'
import { approvalWindowAndLinks } from './0009-approval-window-and-links.ts'
import { beginOfJobs } from './0010-begin-of-jobs.ts'
import { retention } from './0011-retention.ts'
import { clusters } from './0012-clusters.ts'
import { inventory } from './0013-inventory.ts'
import { campaigns } from './0014-campaigns.ts'
import { labels } from './0015-labels.ts'
import { probes } from './0016-probes.ts'
import { campaignSelection } from './0017-campaign-selection.ts'
import { callBudgets } from './0018-call-budgets.ts'
import { clockAndTypes } from './0019-clock-and-types.ts'
import { causesOfChanges } from './0020-causes-of-changes.ts'
import { readingsOfJobs } from './0021-readings-of-jobs.ts'

/** One step of the schema: forward only, all its statements in one transaction with its row. */
export interface Migration {
  version: number
  name: string
  statements: string[]
}

/** In order. A released migration never changes; a later migration fixes its errors. */
export const MIGRATIONS: readonly Migration[] = [
  plansAndJobs,
  audit,
  approvals,
  polling,
  webhooks,
  holds,
  auditOfWebhooks,
  jobsOfAPlan,
  approvalWindowAndLinks,
  beginOfJobs,
  retention,
  clusters,
  inventory,
  campaigns,
  labels,
  probes,
  campaignSelection,
  callBudgets,
  clockAndTypes,
  causesOfChanges,
  readingsOfJobs,
]

/** Any number: it only has to be the same for every process that migrates this schema. */
const LOCK_KEY = 7_241_901

/** The database was migrated by a newer version of this service; an older version must not write to it. */
export class DatabaseTooNewError extends Error {
  constructor(found: number, known: number) {
    super(
      `The schema version of the database is ${found}, but this program supports versions up to ${known}. Run a newer version of the program.`,
    )
    this.name = 'DatabaseTooNewError'
  }
}

/**
 * Brings the schema up to date, and returns its versions before and after. Several processes may call it at the same
 * time: the first migrates, the others wait. Rejects with `DatabaseTooNewError` on a schema from the future.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<{ from: number; to: number }> {
  return database.withoutStatementTimeout((db) =>
    db.transaction().execute((trx) => applyPending(trx, migrations)),
  )
}

async function applyPending(
  trx: Queries,
  migrations: readonly Migration[],
): Promise<{ from: number; to: number }> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LOCK_KEY)})`.execute(trx)
  await sql`create table if not exists schema_migrations (
    version integer primary key, name text not null, applied_at timestamptz not null default now()
  )`.execute(trx)
  const present = await schemaVersion(trx)
  const newest = migrations.at(-1)?.version ?? 0
  if (present > newest) throw new DatabaseTooNewError(present, newest)
  for (const migration of migrations.filter(({ version }) => version > present))
    await applyMigration(trx, migration)
  return { from: present, to: newest }
}

async function schemaVersion(db: Queries): Promise<number> {
  const row = await db
    .selectFrom('schema_migrations')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst()
  return row?.version ?? 0
}

async function applyMigration(trx: Queries, { version, name, statements }: Migration): Promise<void> {
  await trx.insertInto('schema_migrations').values({ version, name, applied_at: sql`now()` }).execute()
  for (const statement of statements) await sql.raw(statement).execute(trx)
}

/**
 * Rejects when the database does not respond, is older than this program, such as after a restore from a backup, or was
 * migrated by a newer version while this process runs.
 */
export async function checkMigrated({ kysely }: Database): Promise<void> {
  const present = await schemaVersion(kysely)
  const required = MIGRATIONS.at(-1)?.version ?? 0
  if (present > required) throw new DatabaseTooNewError(present, required)
  if (present < required)
    throw new Error(`the schema version of the database is ${present}, but ${required} is required`)
}
