import { sql } from 'kysely'
import type { InventoryRefresh, RefreshResult } from '../../contract/inventory.ts'
import type { Queries } from '../engine/database.ts'
import type { InventoryRefreshesTable } from '../engine/inventory-tables.ts'
import { toIso } from '../engine/tables.ts'

/*
 * Refreshes are coordinated by their rows, on the clock of the database: clocks of the processes can differ. At most one
 * row is unfinished. It holds the request, the progress, and the lock.
 */

/** How long a process without a sign of life keeps a refresh. */
const LEASE_SECONDS = 60

export const EMPTY_RESULT: RefreshResult = {
  source: null,
  clusters: 0,
  changed: 0,
  unconfirmed: 0,
  unread: [],
  error: null,
}

/** Adds a refresh unless one is unfinished; returns the unfinished one. */
export async function requestRefresh(db: Queries, id: string, by: string | null): Promise<InventoryRefresh> {
  await sql`insert into inventory_refreshes (id, requested_at, requested_by) values (${id}, now(), ${by})
    on conflict do nothing`.execute(db)
  const row = await db
    .selectFrom('inventory_refreshes')
    .selectAll()
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  // It may have ended in between.
  return toRefresh(row ?? (await requireRow(db, id)))
}

async function requireRow(db: Queries, id: string): Promise<InventoryRefreshesTable> {
  const row = await db.selectFrom('inventory_refreshes').selectAll().where('id', '=', id).executeTakeFirst()
  return row ?? (await latestRow(db)) ?? Promise.reject(new Error('the refresh has no row'))
}

async function latestRow(db: Queries): Promise<InventoryRefreshesTable | undefined> {
  return db.selectFrom('inventory_refreshes').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirst()
}

/** The latest refresh; null before the first. */
export async function latestRefresh(db: Queries): Promise<InventoryRefresh | null> {
  const row = await latestRow(db)
  return row === undefined ? null : toRefresh(row)
}

/** The latest refresh that has ended; null before that. */
export async function latestEndedRefresh(db: Queries): Promise<InventoryRefresh | null> {
  const row = await db
    .selectFrom('inventory_refreshes')
    .selectAll()
    .where('ended_at', 'is not', null)
    .orderBy('ended_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : toRefresh(row)
}

/** Adds a refresh if none has started within the interval. On a clock that was set back, one is due. */
export async function addDueRefresh(db: Queries, id: string, intervalMinutes: number): Promise<void> {
  await sql`insert into inventory_refreshes (id, requested_at)
    select ${id}, now() where not exists (
      select from inventory_refreshes where ended_at is null
        or started_at between now() - make_interval(mins => ${intervalMinutes}::integer) and now()
    ) on conflict do nothing`.execute(db)
}

/** Takes the unfinished refresh if no living process has it. It starts from the beginning. */
export async function claimRefresh(db: Queries, holder: string): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    update inventory_refreshes set status = 'running', holder = ${holder}, result = '{}',
        started_at = coalesce(started_at, now()), lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
      where ended_at is null and (holder is null or not lease_until between now() and now() + make_interval(secs => ${LEASE_SECONDS}))
      returning id`.execute(db)
  return rows[0]?.id ?? null
}

/** The refresh was taken over: its lease had expired. */
export class RefreshLostError extends Error {
  constructor() {
    super('another process has taken over the refresh of the inventory')
    this.name = 'RefreshLostError'
  }
}

/** Extends the lease and stores the progress. Throws if another process has the refresh: then nothing more is stored. */
export async function renewRefresh(
  db: Queries,
  { id, holder }: { id: string; holder: string },
  result: RefreshResult,
): Promise<void> {
  const renewed = await sql`
    update inventory_refreshes set lease_until = now() + make_interval(secs => ${LEASE_SECONDS}),
        result = ${JSON.stringify(result)}
      where id = ${id} and holder = ${holder} and ended_at is null`.execute(db)
  if (renewed.numAffectedRows !== 1n) throw new RefreshLostError()
}

export async function endRefresh(
  db: Queries,
  { id, holder }: { id: string; holder: string },
  status: 'succeeded' | 'partial' | 'failed',
  result: RefreshResult,
): Promise<void> {
  await sql`update inventory_refreshes set ended_at = now(), status = ${status}, result = ${JSON.stringify(result)}
    where id = ${id} and holder = ${holder} and ended_at is null`.execute(db)
}

/** Gives a refresh back at a stop, so that another process can take it over immediately. */
export async function releaseRefresh(db: Queries, holder: string): Promise<void> {
  await sql`update inventory_refreshes set holder = null, status = 'pending'
    where holder = ${holder} and ended_at is null`.execute(db)
}

/** Changes whenever the inventory may have changed. */
export async function inventoryRevision(db: Queries): Promise<string> {
  const row = await latestRow(db)
  const query = db.selectFrom('inventory_clusters').select('job_read_at').where('job_read_at', 'is not', null)
  const reading = await query.orderBy('job_read_at', 'desc').limit(1).executeTakeFirst()
  const ofJob = reading?.job_read_at?.toISOString() ?? ''
  return row === undefined ? ofJob : `${row.id} ${row.result} ${row.status} ${ofJob}`
}

function toRefresh(row: InventoryRefreshesTable): InventoryRefresh {
  return {
    id: row.id,
    status: row.status,
    requestedAt: toIso(row.requested_at),
    requestedBy: row.requested_by,
    startedAt: toIso(row.started_at),
    endedAt: toIso(row.ended_at),
    result: { ...EMPTY_RESULT, ...(JSON.parse(row.result) as Partial<RefreshResult>) },
  }
}
