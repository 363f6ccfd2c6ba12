import type { Arm } from '../azure/arm.ts'
import type { AzureMode, ClusterRef } from '../contract/cluster.ts'
import type { JobMessageType } from '../contract/webhook.ts'
import type { Owner } from '../core/access/access-policy.ts'
import type { JobState } from '../core/job/job-state.ts'
import type { PollBudget } from '../core/job/polling.ts'
import type { Logger } from '../core/lib/logger.ts'
import type { Snapshot } from '../core/snapshot/snapshot.ts'
import type { AppendedEvents } from '../core/webhooks/job-messages.ts'
import type { Database, Queries } from '../database/engine/database.ts'
import type { AttemptRef } from '../database/stores/delivery-store.ts'

/** A webhook that is ordered with a job, and about it alone. */
export interface OrderedWebhook {
  url: string
  /** `whsec_…`; the caller's own, so that it need not be answered. */
  secret: string
  /** Left out: all. */
  events?: JobMessageType[]
  owner: Owner
}

/** Tells others of jobs; the jobs know nothing of how. */
export interface JobWebhooks {
  /** Rejects with a `Refusal` when nothing would be sent there; before anything is done. */
  check(webhook: Pick<OrderedWebhook, 'url' | 'secret'>): Promise<void>
  /** Stores a job's own webhook, in the transaction that makes the job. */
  add(trx: Queries, jobId: string, by: string, webhook: OrderedWebhook): Promise<void>
  /** Orders the messages that follow, in the transaction that lengthens the log. */
  publish(trx: Queries, clusterKey: string, appended: AppendedEvents): Promise<void>
}

/** One tick, for whoever looks on. */
export interface TickFacts {
  jobId: string
  /** The cluster's ARM id. */
  cluster: string
  /** What the tick does, of next-action.ts. */
  action: string
  /** The step that it is about; null before the first. */
  step: string | null
  /** The trace that the job was accepted in, as W3C writes it; null where none was kept. */
  traceparent: string | null
}

/** Looks on while jobs are executed, and changes nothing about them. */
export interface JobsObserver {
  /** The trace at hand, to be kept with a job; null when nothing is traced. */
  traceparent(): string | null
  /** A job was accepted and committed. */
  accepted(): void
  /** Runs a tick and gives what it gives. */
  tick(facts: TickFacts, run: () => Promise<void>): Promise<void>
  /** A job's log has grown, and is committed. */
  advanced(before: JobState, after: JobState): void
}

/** What jobs need of the world. Nothing here is global, so a test passes its own. */
export interface JobsDeps {
  database: Database
  queue: Queue
  arm: Arm
  takeSnapshot: (
    ref: ClusterRef,
    requestedIds?: string[],
    options?: { requireComplete?: boolean },
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

/** One tick's order: look at this job, if it is still at this revision. */
export interface TickOrder {
  version: 1
  jobId: string
  revision: number
}

/** The queue of ticks, and beside it that of messages to webhooks, on the same database as the jobs. */
export interface Queue {
  /** Orders a tick within a transaction, for at once or for a later moment. */
  order(db: Queries, order: TickOrder, at: Date | null): Promise<void>
  /**
   * Runs `handle` for every tick that comes due, many at a time; one that rejects is delivered again later.
   * `isRedelivery`: whoever had the tick before did not finish it, and how far they came only the job's log
   * knows.
   */
  work(handle: (order: TickOrder, isRedelivery: boolean) => Promise<void>): Promise<void>
  /** Attempts to deliver messages, apart from the ticks: a slow receiver holds up no job. */
  readonly deliveries: DeliveryQueue
  /** Takes no more ticks, and resolves when those under way have ended. Ticks can still be ordered. */
  rest(): Promise<void>
  /**
   * When this process last looked for ticks; now, while it has some. null where it never does, as in a process
   * that only answers requests.
   */
  polledAt(): Date | null
  /** Ends the queue. What is still under way then is given back, for another process. */
  stop(): Promise<void>
}

/** The queue of attempts to deliver a message to a webhook. */
export interface DeliveryQueue {
  /** Orders an attempt within a transaction, for at once or for a later moment. */
  order(db: Queries, attempt: AttemptRef, at: Date | null): Promise<void>
  /** Runs `handle` for every attempt that comes due; one that rejects comes again later. */
  work(handle: (attempt: AttemptRef) => Promise<void>): Promise<void>
  /** Takes no more attempts, and resolves when those under way have ended. */
  rest(): Promise<void>
}
