import type { Queries } from './database.ts'

/**
 * Takes the lock of a cluster for a job. Contention is no error: the answer is null when it was taken, or
 * the job that holds it. Belongs into the transaction that makes the job.
 */
export async function takeClusterLock(
  db: Queries,
  clusterKey: string,
  jobId: string,
  takenAt: Date,
): Promise<string | null> {
  for (;;) {
    const taken = await db
      .insertInto('cluster_locks')
      .values({ cluster_key: clusterKey, job_id: jobId, taken_at: takenAt })
      .onConflict((conflict) => conflict.doNothing())
      .returning('job_id')
      .executeTakeFirst()
    if (taken !== undefined) return null
    const holder = await lockHolder(db, clusterKey)
    if (holder !== null) return holder
    // Given back between the two statements: it is free now.
  }
}

export async function lockHolder(db: Queries, clusterKey: string): Promise<string | null> {
  const row = await db
    .selectFrom('cluster_locks')
    .select('job_id')
    .where('cluster_key', '=', clusterKey)
    .executeTakeFirst()
  return row?.job_id ?? null
}

/** Gives the lock back, if it is still this job's. */
export async function releaseClusterLock(db: Queries, clusterKey: string, jobId: string): Promise<void> {
  await db
    .deleteFrom('cluster_locks')
    .where('cluster_key', '=', clusterKey)
    .where('job_id', '=', jobId)
    .execute()
}
