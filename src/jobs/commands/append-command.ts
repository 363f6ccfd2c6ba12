import type { Job } from '../../contract/job.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { toJob } from '../../core/job/job-view.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { auditAllowed } from '../../database/audit/audit-log.ts'
import type { Queries } from '../../database/engine/database.ts'
import { StaleRevisionError } from '../../database/stores/job-store.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, loadJob, logFacts, type PlanCache, recordEvents } from '../event-log.ts'
import type { CallContext } from '../jobs.ts'

/** A worker that continues the job at the same moment can make a command fail. A few attempts are enough. */
const MAX_ATTEMPTS = 10

/** A request to a job that has not ended. */
export interface JobCommand {
  /** The log message. */
  line: { message: string; facts: object }
  /** The reason that the caller gave, for the audit log. */
  reason: string | null
  /** Throws a `DomainError` if the job cannot execute the command now. */
  assertPossible?(job: LoadedJob): void
  /** Whether the command was requested before. Then nothing is recorded, and the request succeeds. */
  isKnown(job: LoadedJob): boolean
  events(job: LoadedJob): JobEvent[]
  /** The time of the next tick; null means now. */
  nextTick(job: LoadedJob): Date | null
}

/**
 * Records a command in the log of a job and orders the tick that executes it, with the audit record and the hook in one
 * transaction. Returns the job with the command. If a worker continues the job at the same time, all checks are
 * repeated.
 */
export async function appendCommand(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  command: JobCommand,
  { origin, hook, precondition }: CallContext<Job>,
): Promise<Job> {
  const db = deps.database.kysely
  for (let attempt = 1; ; attempt++) {
    const job = await loadJob(db, plans, jobId)
    if (job === null) throw new DomainError('JOB_NOT_FOUND', { jobId })
    const { row, plan, state } = job
    precondition?.(String(state.length))
    if (state.finishedAt !== null)
      throw new DomainError('JOB_ALREADY_FINISHED', { jobId, status: state.status })
    command.assertPossible?.(job)
    const runHooks = async (trx: Queries, { state: latest }: LoadedJob) => {
      await hook?.(trx, toJob(jobId, plan, latest))
      const subject = { clusterId: row.cluster_key, planId: plan.id, jobId: row.id, reason: command.reason }
      await auditAllowed(trx, deps, origin, subject)
    }
    if (command.isKnown(job)) {
      await db.transaction().execute((trx) => runHooks(trx, job))
      return toJob(jobId, plan, state)
    }
    try {
      const nextAt = command.nextTick(job)
      const next = await recordEvents(deps, job, command.events(job), { nextAt, hook: runHooks })
      deps.logger.info({ ...logFacts(job), ...command.line.facts }, command.line.message)
      return toJob(jobId, plan, next.state)
    } catch (error) {
      if (!(error instanceof StaleRevisionError) || attempt === MAX_ATTEMPTS) throw error
    }
  }
}
