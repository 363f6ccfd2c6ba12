import type { ProbeStatus } from '../../contract/probe.ts'
import type { Queries } from '../engine/database.ts'
import type { ProbesTable } from '../engine/tables.ts'
import { StaleRevisionError } from './job-store.ts'
import { equalTo, type ListQuery, listConditions, pageOf, type RowQuery } from './list-query.ts'

export type ProbeRow = Pick<ProbesTable, 'id' | 'cluster_key' | 'status' | 'revision' | 'run' | 'view'>

export async function insertProbe(db: Queries, probe: Omit<ProbesTable, 'revision'>): Promise<void> {
  await db
    .insertInto('probes')
    .values({ ...probe, revision: 1 })
    .execute()
}

export async function probeRow(db: Queries, id: string): Promise<ProbeRow | null> {
  const query = db.selectFrom('probes').select(['id', 'cluster_key', 'status', 'revision', 'run', 'view'])
  return (await query.where('id', '=', id).executeTakeFirst()) ?? null
}

/** Stores a new state. Rejects with `StaleRevisionError` when another worker has stored one since `revision`. */
export async function updateProbe(
  db: Queries,
  { id, revision }: Pick<ProbesTable, 'id' | 'revision'>,
  change: Pick<ProbesTable, 'status' | 'run' | 'view' | 'next_tick_at'>,
): Promise<void> {
  const result = await db
    .updateTable('probes')
    .set({ ...change, revision: revision + 1 })
    .where('id', '=', id)
    .where('revision', '=', revision)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw new StaleRevisionError(id)
}

/** As `claimUnfinishedJobs`. */
export async function claimUnfinishedProbes(
  db: Queries,
  before: Date | null,
  now: Date,
): Promise<{ id: string; revision: number }[]> {
  const query = db.updateTable('probes').set({ next_tick_at: now }).where('next_tick_at', 'is not', null)
  return (before === null ? query : query.where('next_tick_at', '<', before))
    .returning(['id', 'revision'])
    .execute()
}

export interface ProbeQuery extends Omit<ListQuery, 'from' | 'to'> {
  status?: ProbeStatus | undefined
}

/** The stored views of one page, newest first, and one row more if there are more. */
export function listProbeViews(
  db: Queries,
  query: RowQuery<ProbeQuery>,
): Promise<{ id: string; view: string }[]> {
  const conditions = [...listConditions(query), ...equalTo<ProbesTable>({ status: query.status })]
  return pageOf(db.selectFrom('probes').select(['id', 'view']), query, conditions).execute()
}
