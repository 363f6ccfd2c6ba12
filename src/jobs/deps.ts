import type { Arm } from '../azure/arm.ts'
import type { PollBudget } from '../core/job/poll-budget.ts'
import type { AzureMode } from '../core/plan.ts'
import type { Snapshot } from '../core/snapshot.ts'
import type { ClusterRef } from '../core/target.ts'
import type { Database } from '../database/database.ts'
import type { JobWebhooks } from './job-webhooks.ts'
import type { JobsObserver } from './observer.ts'
import type { Queue } from './queue.ts'

/** What jobs need of the world. Nothing here is global, so a test passes its own. */
export interface JobsDeps {
  database: Database
  queue: Queue
  arm: Arm
  takeSnapshot: (
    ref: ClusterRef,
    requestedIds?: string[],
    options?: { mustBeWhole?: boolean },
  ) => Promise<Snapshot>
  azure: AzureMode
  /** Whether a job on the cluster of this key needs a second person's approval; never, unless told. */
  needsApproval?: (clusterKey: string) => boolean
  now: () => Date
  /** Milliseconds on a clock that nobody sets. */
  uptime: () => number
  /** UUID version 7: ids grow with time, and lists rely on it. */
  newId: () => string
  /** 0 to 1. */
  random: () => number
  /** Waits of the product are divided by this: 1 for Azure, the simulator's time scale for the simulation. */
  waitScale: number
  /** Spreads the polls of all jobs over what Azure allows. */
  polls: PollBudget
  logger: Logger
  /** Nobody is told of jobs when left out. */
  webhooks?: JobWebhooks
  /** Nobody looks on when left out. */
  observer?: JobsObserver
}

/** The part of pino that jobs use. */
export interface Logger {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}
