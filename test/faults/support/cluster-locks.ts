import { sql } from 'kysely'
import { openDatabase } from '../../../src/database/database.ts'

/** How many clusters are locked by a job. */
export async function clusterLocks(databaseUrl: string): Promise<number> {
  const database = await openDatabase({ dataDir: null, databaseUrl })
  try {
    const { rows } = await sql<{ count: string }>`select count(*) as count from cluster_locks`.execute(
      database.kysely,
    )
    return Number(rows[0]?.count)
  } finally {
    await database.close()
  }
}
