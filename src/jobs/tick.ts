import { type Action, nextAction } from '../core/job/next-action.ts'
import { Fenced } from '../database/job-store.ts'
import type { JobsDeps } from './deps.ts'
import { type LoadedJob, loadJob, type PlanCache } from './load-job.ts'
import type { TickOrder } from './queue.ts'
import { record } from './record.ts'
import { performStep } from './steps/perform-step.ts'
import { pollWrite } from './steps/poll-write.ts'
import { readBack } from './steps/read-back.ts'
import { settleWrite } from './steps/settle-write.ts'
import { watchCluster } from './steps/watch-cluster.ts'
import { writeCluster } from './steps/write-cluster.ts'

/**
 * One tick of one job: load it, fold its log, do one thing to Azure, record it and order the next tick. A
 * tick that is not for the job's present revision does nothing: it was delivered twice, or late. One that is
 * delivered again is obeyed at any revision: whoever had it may have died between two appends. A fault of ours
 * rejects, and the queue delivers the tick again.
 */
export async function tick(
  deps: JobsDeps,
  plans: PlanCache,
  order: TickOrder,
  isRedelivery: boolean,
): Promise<void> {
  const job = await loadJob(deps.database.kysely, plans, order.jobId)
  if (job === null || (job.row.revision !== order.revision && !isRedelivery)) return
  const action = nextAction(job.plan, job.state, deps.now())
  try {
    await act(deps, job, action)
  } catch (error) {
    if (error instanceof Fenced) return
    deps.logger.error({ err: error, jobId: job.row.id, step: job.state.current }, 'a tick failed')
    throw error
  }
}

async function act(deps: JobsDeps, job: LoadedJob, action: Action): Promise<void> {
  switch (action.kind) {
    case 'nothing':
      return
    case 'wait':
      await record(deps, job, [], new Date(action.until))
      return
    case 'end':
      await end(deps, job, action.status)
      return
    case 'perform':
      return performStep(deps, job, action.step, action.isNew)
    case 'write':
      return writeCluster(deps, job, action.step, action.isNew)
    case 'settle':
      return settleWrite(deps, job, action.step)
    case 'poll':
      return pollWrite(deps, job, action.step)
    case 'watch':
      return watchCluster(deps, job, action.step)
    case 'readBack':
      return readBack(deps, job, action.step)
  }
}

async function end(deps: JobsDeps, job: LoadedJob, status: 'Succeeded' | 'Canceled'): Promise<void> {
  await record(deps, job, [{ type: 'ended', at: deps.now().toISOString(), status, error: null }])
  deps.logger.info(
    { jobId: job.row.id, planId: job.plan.id, cluster: job.plan.cluster.id, status },
    'job ended',
  )
}
