import { sql } from 'kysely'
import type { Session } from './session.ts'

/** A tick or an attempt that is later than this was not delivered. */
export const LATE_MS = 300_000

/** Prints unfinished jobs that no worker continues, locks without such a job, and messages that are not delivered. */
export async function listStuck({ database: { kysely: db }, now, print }: Session): Promise<void> {
  const late = new Date(now().getTime() - LATE_MS)
  const jobs = await sql<{ id: string; cluster_key: string; status: string; next_tick_at: Date }>`
    select id, cluster_key, status, next_tick_at from jobs where next_tick_at < ${late}
    order by next_tick_at`.execute(db)
  print(`Jobs whose tick is late: ${jobs.rows.length}`)
  for (const { id, cluster_key, status, next_tick_at } of jobs.rows)
    print(`  ${id}  ${status}  due since ${next_tick_at.toISOString()}  ${cluster_key}`)
  const locks = await sql<{ cluster_key: string; job_id: string }>`
    select cluster_locks.cluster_key, job_id from cluster_locks join jobs on jobs.id = job_id
    where jobs.next_tick_at is null order by 1`.execute(db)
  print(`Clusters locked by a job that has ended: ${locks.rows.length}`)
  for (const { cluster_key, job_id } of locks.rows) print(`  ${cluster_key}  job ${job_id}`)
  const messages = await sql<{
    webhook_id: string
    url: string
    status: string
    late: number
    failed: number
  }>`
    select webhook_id, url, webhooks.status,
      (count(*) filter (where d.status = 'pending' and next_attempt_at < ${late}))::int as late,
      (count(*) filter (where d.status = 'failed'))::int as failed
    from webhook_deliveries d join webhooks on webhooks.id = webhook_id
    where d.status = 'failed' or (d.status = 'pending' and next_attempt_at < ${late})
    group by 1, 2, 3 order by 1`.execute(db)
  print(`Webhooks with late or failed messages: ${messages.rows.length}`)
  for (const { webhook_id, url, status, late: pending, failed } of messages.rows)
    print(`  ${webhook_id}  ${status}  ${pending} late, ${failed} failed  ${new URL(url).host}`)
}
