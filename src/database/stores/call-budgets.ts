import { sql } from 'kysely'
import { DAY_MS } from '../../core/lib/durations.ts'
import type { LeaseGrant, LeaseOrder } from '../../core/lib/token-lease.ts'
import type { Queries } from '../engine/database.ts'

/** The clock of the database, which all processes share, in milliseconds. */
const NOW_MS = sql`(extract(epoch from clock_timestamp()) * 1000)::double precision`
/** Below the resolution of the clock: an order is not denied for a rounding error. */
const ROUNDING = sql.lit(0.000_001)

/** The budgets of calls that all processes of this database share. */
export function createBudgetLedger(db: Queries) {
  return {
    lease: (orders: readonly LeaseOrder[]) => leaseTokens(db, orders),
    block: (order: LeaseOrder, waitMs: number) => blockTokens(db, order, waitMs),
  }
}

/** Deletes buckets that have been full for long. */
export async function deleteFullBuckets(db: Queries): Promise<void> {
  await sql`delete from call_budgets where full_at < ${NOW_MS} - ${sql.lit(DAY_MS)}`.execute(db)
}

/** Grants orders of tokens, in one statement. Each bucket occurs once in them. */
async function leaseTokens(db: Queries, orders: readonly LeaseOrder[]): Promise<LeaseGrant[]> {
  const column = (name: keyof LeaseOrder) => orders.map((order) => order[name])
  const { rows } = await sql<{ bucket: string; granted: number; full_in_ms: number }>`
    with orders as (
      select ordered.*, clock.now_ms from unnest(
        ${column('bucket')}::text[], ${column('tokenMs')}::double precision[],
        ${column('capacity')}::double precision[], ${column('wanted')}::integer[]
      ) as ordered (bucket, token_ms, capacity, wanted), (select ${NOW_MS} as now_ms) as clock
    )
    insert into call_budgets as budget (bucket, full_at, granted)
      select bucket, now_ms + least(wanted, floor(capacity)) * token_ms, least(wanted, floor(capacity))
        from orders order by bucket
    on conflict (bucket) do update set (full_at, granted) = (
      select present.full_at + grants.number * token_ms, grants.number
        from orders,
          lateral (select greatest(budget.full_at, now_ms) as full_at) as present,
          lateral (select greatest(0, least(
            wanted, floor((now_ms - present.full_at) / token_ms + capacity + ${ROUNDING})
          ))::integer as number) as grants
        where orders.bucket = excluded.bucket
    )
    returning bucket, granted, full_at - ${NOW_MS} as full_in_ms`.execute(db)
  return rows.map(({ bucket, granted, full_in_ms }) => ({ bucket, granted, fullInMs: full_in_ms }))
}

/** Empties a bucket, so that it grants its next token after this time: Azure has said so. */
async function blockTokens(
  db: Queries,
  { bucket, tokenMs, capacity }: LeaseOrder,
  waitMs: number,
): Promise<void> {
  const fullInMs = waitMs + (capacity - 1) * tokenMs
  await sql`
    insert into call_budgets as budget (bucket, full_at, granted) values (${bucket}, ${NOW_MS} + ${fullInMs}, 0)
    on conflict (bucket) do update set full_at = greatest(budget.full_at, excluded.full_at), granted = 0
  `.execute(db)
}
