import { sql } from 'kysely'
import { DAY_MS } from '../core/lib/durations.ts'
import { deleteExportedRows, exportAudit, lastOldRow } from '../database/audit/export-audit.ts'
import type { Tables } from '../database/engine/tables.ts'
import { deleteExpired } from '../database/stores/cleanup.ts'
import { AdminError, auditCommand, onFile, type Session } from './session.ts'

/** Whether rows of a table are replaced or deleted, so that a purge can shrink it. */
const SHRINKS: Record<keyof Tables, boolean> = {
  access_links: true,
  audit_anchors: false,
  audit_log: true,
  call_budgets: true,
  campaign_events: true,
  campaign_members: true,
  campaigns: true,
  cluster_locks: true,
  clusters: true,
  idempotency_keys: true,
  inventory_addresses: true,
  inventory_changes: true,
  inventory_clusters: true,
  inventory_notes: true,
  inventory_refreshes: true,
  job_events: true,
  jobs: true,
  plan_approvals: true,
  plans: true,
  probes: true,
  schema_migrations: false,
  secrets: false,
  service_clock: true,
  webhook_deliveries: true,
  webhooks: true,
}

interface Purge {
  /** null uses `RETENTION_DAYS`. */
  days: number | null
  /** Where the audit records go; null keeps them. */
  auditFile: string | null
  /** Returns the space to the file system. */
  compact: boolean
}

/** Deletes what is older than the retention time now, and the audit records with it if they are exported to a file. */
export async function purge(session: Session, { days, auditFile, compact }: Purge): Promise<void> {
  const { config, database, now, print } = session
  const retentionDays = days ?? config.retentionDays
  if (retentionDays === null) throw new AdminError('Set RETENTION_DAYS, or pass --days.')
  const isAlone = database.engine === 'embedded'
  const deleted = await deleteExpired(database, { now: now(), retentionDays, isAlone, waits: true })
  const { jobs, plans, campaigns, deliveries } = deleted
  print(`Deleted ${jobs} jobs, ${plans} plans, ${campaigns} campaigns and ${deliveries} webhook deliveries.`)
  if (auditFile !== null) await purgeAudit(session, auditFile, retentionDays)
  if (compact) await shrink(session)
}

async function purgeAudit(session: Session, path: string, retentionDays: number): Promise<void> {
  const { database, now, print } = session
  const db = database.kysely
  const last = await lastOldRow(db, new Date(now().getTime() - retentionDays * DAY_MS))
  const anchor = await db
    .selectFrom('audit_anchors')
    .select(({ fn }) => fn.max('sequence').as('last'))
    .executeTakeFirst()
  if (last === null || last.sequence <= (anchor?.last ?? 0)) {
    // A former run may have ended before it had deleted everything.
    await deleteExportedRows(db)
    return print('No audit record is old enough; no file was written.')
  }
  const exported = await onFile(path, () => exportAudit(db, last, path, now()))
  const { sequence, hash, file_hash: fileHash } = exported
  const reason = `Exported audit records up to ${sequence} to ${exported.file_name}, SHA-256 ${fileHash}.`
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('audit_anchors').values(exported).execute()
    await auditCommand(trx, session, 'adminPurgeAudit', { reason })
  })
  const count = await deleteExportedRows(db)
  print(`Exported audit records up to ${sequence}, with hash ${hash}, to ${path}. Deleted ${count} of them.`)
  print(`Keep the file: its SHA-256 hash is ${fileHash}.`)
}

/** Rewrites the tables. Nothing can use a table meanwhile, so the service should be stopped. */
async function shrink({ database, print }: Session): Promise<void> {
  const before = await databaseBytes(database)
  await database.withoutStatementTimeout(async (db) => {
    for (const [table] of Object.entries(SHRINKS).filter(([, shrinks]) => shrinks))
      await sql.raw(`vacuum full ${table}`).execute(db)
  })
  const megabytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MB`
  const after = await databaseBytes(database)
  print(`The size of the database changed from ${megabytes(before)} to ${megabytes(after)}.`)
}

async function databaseBytes({ kysely }: Session['database']): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`
    select pg_database_size(current_database()) as bytes`.execute(kysely)
  return Number(rows[0]?.bytes ?? 0)
}
