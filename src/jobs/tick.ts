import { jobError } from '../core/job/job-error.ts'
import { type Action, nextAction } from '../core/job/next-action.ts'
import type { Step } from '../core/plan-steps.ts'
import { Fenced } from '../database/job-store.ts'
import type { JobsDeps } from './deps.ts'
import { type LoadedJob, loadJob, logFacts, PlanCache } from './load-job.ts'
import type { TickFacts } from './observer.ts'
import type { TickOrder } from './queue.ts'
import { record } from './record.ts'
import { abortOperation } from './steps/abort-operation.ts'
import { ownFault } from './steps/own-fault.ts'
import { performStep } from './steps/perform-step.ts'
import { pollWrite } from './steps/poll-write.ts'
import { readBack } from './steps/read-back.ts'
import { readBackResource } from './steps/read-back-resource.ts'
import { recheck } from './steps/recheck.ts'
import { settleResource } from './steps/settle-resource.ts'
import { settleWrite } from './steps/settle-write.ts'
import { watchCluster } from './steps/watch-cluster.ts'
import { watchResource } from './steps/watch-resource.ts'
import { writeCluster } from './steps/write-cluster.ts'
import { writeResource } from './steps/write-resource.ts'

/**
 * The ticks of one process. One tick of one job: load it, fold its log, do one thing to Azure, record it and
 * order the next tick.
 *
 * A tick that is not for the job's present revision does nothing: it was delivered twice, or late. Ticks of
 * one job run one after the other, which keeps a settling look from judging a PUT that is still on its way.
 */
export class Ticks {
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
    if (job !== null && isDue(job, order, isRedelivery)) await tick(this.#deps, job)
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

async function tick(deps: JobsDeps, job: LoadedJob): Promise<void> {
  const action = nextAction(job.plan, job.state, deps.now())
  const run = () => perform(deps, job, action)
  await (deps.observer?.tick(factsOf(job, action), run) ?? run())
}

function factsOf({ row, plan, state, events }: LoadedJob, action: Action): TickFacts {
  const [first] = events
  const traceparent = first?.type === 'accepted' ? (first.traceparent ?? null) : null
  const step = 'step' in action ? action.step.key : state.current
  return { jobId: row.id, cluster: plan.cluster.id, action: action.kind, step, traceparent }
}

async function perform(deps: JobsDeps, job: LoadedJob, action: Action): Promise<void> {
  deps.logger.debug({ ...logFacts(job), action: action.kind }, 'tick')
  try {
    await act(deps, job, action)
  } catch (error) {
    if (error instanceof Fenced) return
    deps.logger.error({ ...logFacts(job), err: error }, 'a tick failed')
    await ownFault(deps, job, error)
  }
}

async function act(deps: JobsDeps, job: LoadedJob, action: Action): Promise<void> {
  switch (action.kind) {
    case 'nothing':
      return
    case 'wait':
      await record(deps, job, [], new Date(action.until))
      return
    case 'hold':
      return hold(deps, job, action.step)
    case 'recheck':
      return recheck(deps, job, action.step, action.isNew)
    case 'abort':
      return abortOperation(deps, job, action.step)
    case 'giveUp':
      return giveUp(deps, job)
    case 'endRollback':
      return endRollback(deps, job)
    case 'end':
      return end(deps, job, action.status)
    case 'perform':
      return performStep(deps, job, action.step, action.isNew)
    case 'write':
      return (isOfCluster(action) ? writeCluster : writeResource)(deps, job, action.step, action.isNew)
    case 'settle':
      return (isOfCluster(action) ? settleWrite : settleResource)(deps, job, action.step)
    case 'poll':
      return pollWrite(deps, job, action.step)
    case 'watch':
      return (isOfCluster(action) ? watchCluster : watchResource)(deps, job, action.step)
    case 'readBack':
      return (isOfCluster(action) ? readBack : readBackResource)(deps, job, action.step)
    default:
      action satisfies never
  }
}

/** Whether the write is one of the cluster itself, and not of a resource beside it. */
function isOfCluster({ step }: { step: Step }): boolean {
  return step.does.kind === 'updateCluster'
}

/** The next tick only says how long to wait, so that it is said in one place. */
async function hold(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  await record(deps, job, [{ type: 'held', at: deps.now().toISOString(), step: step.key }])
  deps.logger.info(logFacts(job, step), 'job held before its cut-over')
}

async function giveUp(deps: JobsDeps, job: LoadedJob): Promise<void> {
  const error = jobError('NOT_STARTED_IN_TIME', null)
  await record(deps, job, [{ type: 'ended', at: deps.now().toISOString(), status: 'Failed', error }])
  deps.logger.warn(logFacts(job), 'job given up before it began')
}

/** The change is taken back; the job has failed all the same, and says why. */
async function endRollback(deps: JobsDeps, job: LoadedJob): Promise<void> {
  const error = job.state.rollback?.error ?? null
  await record(deps, job, [{ type: 'ended', at: deps.now().toISOString(), status: 'Failed', error }])
  deps.logger.info(logFacts(job), 'job failed and was taken back')
}

async function end(deps: JobsDeps, job: LoadedJob, status: 'Succeeded' | 'Canceled'): Promise<void> {
  await record(deps, job, [{ type: 'ended', at: deps.now().toISOString(), status, error: null }])
  deps.logger.info({ ...logFacts(job), status }, 'job ended')
}
