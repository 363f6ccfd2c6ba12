import type { Step } from '../../contract/steps.ts'
import { subscriptionOf } from '../../core/arm/resource-id.ts'
import { jobError } from '../../core/job/job-error.ts'
import { type JobAction, nextAction } from '../../core/job/next-action.ts'
import { claimUnfinishedJobs, StaleRevisionError } from '../../database/stores/job-store.ts'
import { SetBackDetector } from '../../lib/clock-watch.ts'
import type { JobsDeps, TickFacts, TickOrder } from '../deps.ts'
import { type LoadedJob, loadJob, logFacts, PlanCache, recordEvents } from '../event-log.ts'
import { runProbeTick, sweepProbes } from '../probes/probe-tick.ts'
import { recheckAfterHold } from '../steps/check-freshness.ts'
import { clusterTarget } from '../steps/cluster-target.ts'
import { abortOperation, pollWriteOperation } from '../steps/follow-operation.ts'
import { readBack, reconcileWrite, watchWrite } from '../steps/follow-write.ts'
import { endJob, handleArmError, recordInternalError } from '../steps/outcome.ts'
import { performStep } from '../steps/perform-step.ts'
import { resourceTarget } from '../steps/resource-target.ts'
import { sendWrite } from '../steps/send-write.ts'
import { recordStep, type StepContext, stepContext } from '../steps/step-context.ts'
import type { WriteTarget } from '../steps/write-target.ts'

/**
 * Runs the ticks of one process. A tick loads its job, folds the log, performs one action, records the outcome and
 * schedules the next tick.
 *
 * A tick that is not for the job's current revision does nothing: it was delivered twice, or late. Ticks of one job run
 * one after the other, so no read reconciles a PUT that is still in flight.
 */
export class TickRunner {
  readonly #deps: JobsDeps
  readonly #plans = new PlanCache()
  readonly #load: SubscriptionLoad
  /** The end of the latest tick of each job with a tick in progress. */
  readonly #running = new Map<string, Promise<void>>()

  constructor(deps: JobsDeps) {
    this.#deps = deps
    this.#load = new SubscriptionLoad(deps.uptime)
  }

  /** Rejects only if not even the error could be recorded; then the queue delivers the tick again. */
  async run(order: TickOrder, isRedelivery: boolean): Promise<void> {
    const { jobId } = order
    const previous = this.#running.get(jobId) ?? Promise.resolve()
    const tick = previous.then(() => this.#runNow(order, isRedelivery))
    const end = tick.catch(() => {})
    this.#running.set(jobId, end)
    try {
      await tick
    } finally {
      if (this.#running.get(jobId) === end) this.#running.delete(jobId)
    }
  }

  async #runNow(order: TickOrder, isRedelivery: boolean): Promise<void> {
    const job = await loadJob(this.#deps.database.kysely, this.#plans, order.jobId)
    if (job === null) return runProbeTick(this.#deps, order)
    if (!isDue(job, order, isRedelivery)) return
    const { cluster_key: clusterKey } = job.row
    if (this.#load.isSaturated(clusterKey)) await postpone(this.#deps, job)
    else await this.#load.run(clusterKey, () => runTick(this.#deps, job))
  }
}

/**
 * A redelivered tick may have recorded its intent before its worker died, which changed the revision. The tick runs
 * anyway, because reconciling the write now is better than waiting for the scheduled time.
 */
function isDue(job: LoadedJob, order: TickOrder, isRedelivery: boolean): boolean {
  if (job.row.revision === order.revision) return true
  const { current, steps } = job.state
  return isRedelivery && current !== null && steps[current]?.write.phase === 'intended'
}

/** The wait of a tick while Azure is slow in its subscription. */
const POSTPONE_MS = 5_000

async function postpone(deps: JobsDeps, job: LoadedJob): Promise<void> {
  try {
    await recordEvents(deps, job, [], { nextAt: new Date(deps.now().getTime() + POSTPONE_MS) })
  } catch (error) {
    if (!(error instanceof StaleRevisionError)) throw error
  }
}

async function runTick(deps: JobsDeps, job: LoadedJob): Promise<void> {
  const action = nextAction(job.plan, job.state, deps.now(), deps.elapsedSince?.(job.state.lastEventAt))
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
    if ('step' in action) await performStepAction(stepContext(deps, job, action), action.kind)
    else await performJobAction(deps, job, action)
  } catch (error) {
    if (error instanceof StaleRevisionError) return
    deps.logger.error({ ...logFacts(job), err: error }, 'tick failed')
    await recordInternalError(deps, job, error)
  }
}

type StepAction = Extract<JobAction, { step: Step }>

async function performJobAction(
  deps: JobsDeps,
  job: LoadedJob,
  action: Exclude<JobAction, StepAction>,
): Promise<void> {
  switch (action.kind) {
    case 'nothing':
      return
    case 'wait':
      await recordEvents(deps, job, [], { nextAt: new Date(action.until) })
      return
    case 'delayStart':
      await recordEvents(deps, job, [{ type: 'startDelayed', at: deps.now().toISOString() }], {
        nextAt: new Date(action.until),
      })
      return
    case 'giveUp':
      // A clock that is set forward by mistake must not end a job.
      if (deps.isClockSettled?.() === false)
        return void (await recordEvents(deps, job, [], {
          nextAt: new Date(deps.now().getTime() + SETTLE_MS),
        }))
      await endJob(deps, job, 'Failed', jobError('NOT_STARTED_IN_TIME', null))
      return deps.logger.warn(logFacts(job), 'job ended because it did not start in time')
    case 'endRollback':
      // The change is reverted. The job has still failed, and its error states the reason.
      await endJob(deps, job, 'Failed', job.state.rollback?.error ?? null)
      return deps.logger.info(logFacts(job), 'job failed; rollback succeeded')
    case 'end':
      await endJob(deps, job, action.status, null)
      return deps.logger.info({ ...logFacts(job), status: action.status }, 'job ended')
    default:
      action satisfies never
  }
}

const STEP_ACTIONS: Record<StepAction['kind'], (context: StepContext) => Promise<void>> = {
  hold: holdJob,
  recheck: recheckAfterHold,
  perform: performStep,
  write: (context) => sendWrite(context, writeTarget(context)),
  settle: (context) => reconcileWrite(context, writeTarget(context)),
  poll: pollWriteOperation,
  watch: (context) => watchWrite(context, writeTarget(context)),
  readBack: (context) => readBack(context, writeTarget(context)),
  abort: abortOperation,
}

async function performStepAction(context: StepContext, kind: StepAction['kind']): Promise<void> {
  try {
    await STEP_ACTIONS[kind](context)
  } catch (error) {
    await handleArmError(context, error)
  }
}

function writeTarget(context: StepContext): WriteTarget {
  return context.step.does.kind === 'updateCluster' ? clusterTarget(context) : resourceTarget(context)
}

/** Only the next tick determines the wait, so that the logic exists once. */
async function holdJob(context: StepContext): Promise<void> {
  await recordStep(context, [{ type: 'held' }])
  context.deps.logger.info(logFacts(context.job, context.step), 'job held before its cutover')
}

/** The wait after a jump of the clock. */
const SETTLE_MS = 60_000

/** How often jobs with a lost tick are searched, and how late a tick counts as lost. */
const SWEEP_MS = 15_000
const LATE_MS = 30_000
/** For this time after the clock was set back, a process that starts gives every job a tick. */
const SET_BACK_MS = 10 * 60_000

/**
 * Takes ticks from the queue until stopped; `stop` resolves when the ticks in progress have ended. Every tick is
 * ordered in the transaction that makes it due, so no tick is lost. The sweep covers other cases, such as an emptied
 * queue.
 *
 * The embedded database has only one process, so at the start every unfinished job gets a tick.
 */
export async function startWorkers(deps: JobsDeps): Promise<{ stop(): Promise<void> }> {
  const ticks = new TickRunner(deps)
  const setBack = new SetBackDetector(deps)
  // If the clock was set back, no tick counts as late until the clock catches up. So every job gets a tick.
  const late = () => (setBack.check() ? null : new Date(deps.now().getTime() - LATE_MS))
  // With a server, too: otherwise, processes that end before their first sweep would never search. The last process may
  // have ended before it noticed that the clock was set back.
  const isAllLost = deps.database.engine === 'embedded' || deps.wasSetBackWithin?.(SET_BACK_MS) === true
  await sweep(deps, isAllLost ? null : late())
  await deps.queue.work((order, isRedelivery) => ticks.run(order, isRedelivery))
  const timer = setInterval(() => {
    sweep(deps, late()).catch((error: unknown) =>
      deps.logger.error({ err: error }, 'search for lost ticks failed'),
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

/** Orders a tick for every unfinished job whose tick was due before `before`; null means every unfinished job. */
export async function sweep(deps: JobsDeps, before: Date | null): Promise<void> {
  await deps.database.kysely.transaction().execute(async (trx) => {
    for (const { id, revision } of await claimUnfinishedJobs(trx, before, deps.now()))
      await deps.queue.order(trx, { version: 1, jobId: id, revision }, null)
  })
  await sweepProbes(deps, before)
}

/** The maximum duration of a tick while Azure responds normally. */
const SLOW_MS = 2_000
/** Slow ticks of one subscription at a time. Each of them occupies a worker, of which there are eight. */
const MAX_SLOW = 4

/**
 * Keeps jobs of a subscription in which Azure responds slowly from occupying all workers of a process, which would delay
 * the jobs of every other subscription.
 */
export class SubscriptionLoad {
  /** Milliseconds on a monotonic clock. */
  readonly #uptime: () => number
  /** The start times of the ticks in progress, by subscription. */
  readonly #begun = new Map<string, number[]>()

  constructor(uptime: () => number) {
    this.#uptime = uptime
  }

  /** Whether another tick of the subscription of the cluster must wait. */
  isSaturated(clusterKey: string): boolean {
    const slowBefore = this.#uptime() - SLOW_MS
    const begun = this.#begun.get(subscriptionOf(clusterKey)) ?? []
    return begun.filter((at) => at <= slowBefore).length >= MAX_SLOW
  }

  /** Runs a tick and counts it. */
  async run(clusterKey: string, tick: () => Promise<void>): Promise<void> {
    const key = subscriptionOf(clusterKey)
    const at = this.#uptime()
    this.#begun.set(key, [...(this.#begun.get(key) ?? []), at])
    try {
      await tick()
    } finally {
      const rest = [...(this.#begun.get(key) ?? [])]
      rest.splice(rest.indexOf(at), 1)
      if (rest.length === 0) this.#begun.delete(key)
      else this.#begun.set(key, rest)
    }
  }
}
