import type { Step } from '../../contract/steps.ts'
import { jobError } from '../../core/job/job-error.ts'
import { type JobAction, nextAction } from '../../core/job/next-action.ts'
import { claimUnfinishedJobs, StaleRevisionError } from '../../database/stores/job-store.ts'
import type { JobsDeps, TickFacts, TickOrder } from '../deps.ts'
import { type LoadedJob, loadJob, logFacts, PlanCache, recordEvents } from '../event-log.ts'

import { recheckAfterHold } from '../steps/check-freshness.ts'
import { abortOperation, pollWriteOperation, watchCluster, watchResource } from '../steps/follow-operation.ts'
import { recordInternalError } from '../steps/outcome.ts'
import { performStep } from '../steps/perform-step.ts'
import { readBackCluster, readBackResource } from '../steps/read-back.ts'
import { reconcileClusterWrite, reconcileResourceWrite } from '../steps/reconcile.ts'
import { writeCluster, writeResource } from '../steps/write.ts'

/**
 * The ticks of one process. One tick of one job: load it, fold its log, do one thing to Azure, record it and
 * order the next tick.
 *
 * A tick that is not for the job's present revision does nothing: it was delivered twice, or late. Ticks of
 * one job run one after the other, which keeps a settling look from judging a PUT that is still on its way.
 */
export class TickRunner {
  readonly #deps: JobsDeps
  readonly #plans = new PlanCache()
  /** Per job the end of its last tick, while there is one under way. */
  readonly #busy = new Map<string, Promise<void>>()

  constructor(deps: JobsDeps) {
    this.#deps = deps
  }

  /** Rejects only when the fault could not even be recorded; the queue delivers the tick again then. */
  async run(order: TickOrder, isRedelivery: boolean): Promise<void> {
    const { jobId } = order
    const before = this.#busy.get(jobId) ?? Promise.resolve()
    const running = before.then(() => this.#runNow(order, isRedelivery))
    const end = running.catch(() => {})
    this.#busy.set(jobId, end)
    try {
      await running
    } finally {
      if (this.#busy.get(jobId) === end) this.#busy.delete(jobId)
    }
  }

  async #runNow(order: TickOrder, isRedelivery: boolean): Promise<void> {
    const job = await loadJob(this.#deps.database.kysely, this.#plans, order.jobId)
    if (job !== null && isDue(job, order, isRedelivery)) await runTick(this.#deps, job)
  }
}

/**
 * A tick that is delivered again may have written its intent before its worker died, which raised the
 * revision. Then it is obeyed all the same: settling now is better than at the time ordered for it.
 */
function isDue(job: LoadedJob, order: TickOrder, isRedelivery: boolean): boolean {
  if (job.row.revision === order.revision) return true
  const { current, steps } = job.state
  return isRedelivery && current !== null && steps[current]?.write.phase === 'intended'
}

async function runTick(deps: JobsDeps, job: LoadedJob): Promise<void> {
  const action = nextAction(job.plan, job.state, deps.now())
  const run = () => performAction(deps, job, action)
  await (deps.observer?.tick(toTickFacts(job, action), run) ?? run())
}

function toTickFacts({ row, plan, state, events }: LoadedJob, action: JobAction): TickFacts {
  const [first] = events
  const traceparent = first?.type === 'accepted' ? (first.traceparent ?? null) : null
  const step = 'step' in action ? action.step.key : state.current
  return { jobId: row.id, cluster: plan.cluster.id, action: action.kind, step, traceparent }
}

async function performAction(deps: JobsDeps, job: LoadedJob, action: JobAction): Promise<void> {
  deps.logger.debug({ ...logFacts(job), action: action.kind }, 'tick')
  try {
    await dispatchAction(deps, job, action)
  } catch (error) {
    if (error instanceof StaleRevisionError) return
    deps.logger.error({ ...logFacts(job), err: error }, 'a tick failed')
    await recordInternalError(deps, job, error)
  }
}

async function dispatchAction(deps: JobsDeps, job: LoadedJob, action: JobAction): Promise<void> {
  switch (action.kind) {
    case 'nothing':
      return
    case 'wait':
      await recordEvents(deps, job, [], new Date(action.until))
      return
    case 'hold':
      return holdJob(deps, job, action.step)
    case 'recheck':
      return recheckAfterHold(deps, job, action.step, action.isNew)
    case 'abort':
      return abortOperation(deps, job, action.step)
    case 'giveUp':
      return giveUpJob(deps, job)
    case 'endRollback':
      return endRollback(deps, job)
    case 'end':
      return endJob(deps, job, action.status)
    case 'perform':
      return performStep(deps, job, action.step, action.isNew)
    case 'write':
      return (isClusterWrite(action) ? writeCluster : writeResource)(deps, job, action.step, action.isNew)
    case 'settle':
      return (isClusterWrite(action) ? reconcileClusterWrite : reconcileResourceWrite)(deps, job, action.step)
    case 'poll':
      return pollWriteOperation(deps, job, action.step)
    case 'watch':
      return (isClusterWrite(action) ? watchCluster : watchResource)(deps, job, action.step)
    case 'readBack':
      return (isClusterWrite(action) ? readBackCluster : readBackResource)(deps, job, action.step)
    default:
      action satisfies never
  }
}

/** Whether the write is one of the cluster itself, and not of a resource beside it. */
function isClusterWrite({ step }: { step: Step }): boolean {
  return step.does.kind === 'updateCluster'
}

/** The next tick only says how long to wait, so that it is said in one place. */
async function holdJob(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  await recordEvents(deps, job, [{ type: 'held', at: deps.now().toISOString(), step: step.key }])
  deps.logger.info(logFacts(job, step), 'job held before its cut-over')
}

async function giveUpJob(deps: JobsDeps, job: LoadedJob): Promise<void> {
  const error = jobError('NOT_STARTED_IN_TIME', null)
  await recordEvents(deps, job, [{ type: 'ended', at: deps.now().toISOString(), status: 'Failed', error }])
  deps.logger.warn(logFacts(job), 'job given up before it began')
}

/** The change is taken back; the job has failed all the same, and says why. */
async function endRollback(deps: JobsDeps, job: LoadedJob): Promise<void> {
  const error = job.state.rollback?.error ?? null
  await recordEvents(deps, job, [{ type: 'ended', at: deps.now().toISOString(), status: 'Failed', error }])
  deps.logger.info(logFacts(job), 'job failed and was taken back')
}

async function endJob(deps: JobsDeps, job: LoadedJob, status: 'Succeeded' | 'Canceled'): Promise<void> {
  await recordEvents(deps, job, [{ type: 'ended', at: deps.now().toISOString(), status, error: null }])
  deps.logger.info({ ...logFacts(job), status }, 'job ended')
}

/** How often jobs are looked for whose tick got lost, and how late a tick may be before it counts as lost. */
const SWEEP_MS = 15_000
const LATE_MS = 30_000

/**
 * Takes ticks from the queue until stopped; then it resolves when those under way have ended. Every tick is ordered in the transaction that made it due, so
 * none is ever lost; the sweep is for what no transaction can promise, such as a queue that was emptied.
 *
 * The embedded database has one process: whatever a job was doing when the last process ended, nobody does
 * it now. So every unfinished job is looked at once at the start, before this process does anything itself.
 */
export async function startWorkers(deps: JobsDeps): Promise<{ stop(): Promise<void> }> {
  const ticks = new TickRunner(deps)
  const late = () => new Date(deps.now().getTime() - LATE_MS)
  // On a server too, or processes that never live as long as it takes to the first sweep would never make one.
  await sweep(deps, deps.database.engine === 'embedded' ? null : late())
  await deps.queue.work((order, isRedelivery) => ticks.run(order, isRedelivery))
  const timer = setInterval(() => {
    sweep(deps, late()).catch((error: unknown) =>
      deps.logger.error({ err: error }, 'looking for lost ticks failed'),
    )
  }, SWEEP_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await deps.queue.rest()
    },
  }
}

/** Orders a tick for every unfinished job whose last one is overdue since `before`; null takes them all. */
export async function sweep(deps: JobsDeps, before: Date | null): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    for (const { id, revision } of await claimUnfinishedJobs(trx, before, deps.now()))
      await deps.queue.order(trx, { version: 1, jobId: id, revision }, null)
  })
}
