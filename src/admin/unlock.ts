import { releaseClusterLock } from '../database/stores/job-store.ts'
import { endByOperator } from '../jobs/commands/change-job.ts'
import { connectedDeps } from './jobs-deps.ts'
import { LATE_MS } from './list-stuck.ts'
import { AdminError, adminOrigin, auditCommand, type Session } from './session.ts'

const OPERATION = 'adminUnlockCluster'

interface Unlock {
  /** The ARM ID of the cluster. */
  cluster: string
  reason: string
  /** Ends the job although a worker may continue it. */
  force: boolean
}

/** Releases the lock of a cluster, and ends the job that holds it. The audit log records who did it and why. */
export async function unlockCluster(session: Session, { cluster, reason, force }: Unlock): Promise<void> {
  const { database, now, print } = session
  const clusterKey = cluster.toLowerCase()
  const lock = await database.kysely
    .selectFrom('cluster_locks')
    .innerJoin('jobs', 'jobs.id', 'job_id')
    .select(['job_id', 'jobs.status', 'next_tick_at'])
    .where('cluster_locks.cluster_key', '=', clusterKey)
    .executeTakeFirst()
  if (lock === undefined) throw new AdminError(`No job holds the lock of ${cluster}.`)
  const { job_id: jobId, next_tick_at: dueAt } = lock
  if (dueAt === null)
    await database.kysely.transaction().execute(async (trx) => {
      await releaseClusterLock(trx, clusterKey, jobId)
      await auditCommand(trx, session, OPERATION, { clusterId: clusterKey, jobId, reason })
    })
  else {
    if (!force && dueAt.getTime() > now().getTime() - LATE_MS)
      throw new AdminError(
        `Job ${jobId} is ${lock.status} and not late: its next tick is due at ${dueAt.toISOString()}. Cancel it with POST /v1/jobs/${jobId}/cancellation, or repeat the command with --force.`,
      )
    const { jobsDeps, stop } = await connectedDeps(session)
    try {
      await endByOperator(jobsDeps, jobId, reason, { origin: adminOrigin(session, OPERATION) })
    } finally {
      await stop()
    }
    print('Check the cluster: an operation that Azure has accepted continues.')
  }
  print(`The cluster is unlocked; job ${jobId} has ended.`)
}
