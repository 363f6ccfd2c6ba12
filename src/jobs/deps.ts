import type { Arm } from '../azure/arm.ts'
import type { AzureMode, ClusterRef } from '../contract/cluster.ts'
import type { JobMessageType } from '../contract/webhook.ts'
import type { Owner } from '../core/access/access-policy.ts'
import type { JobState } from '../core/job/job-state.ts'
import type { PollBudget } from '../core/job/polling.ts'
import type { Logger } from '../core/lib/logger.ts'
import type { Snapshot } from '../core/snapshot/snapshot.ts'
import type { AppendedEvents } from '../core/webhooks/job-messages.ts'
import type { PlanMessage } from '../core/webhooks/plan-messages.ts'
import type { Database, Queries } from '../database/engine/database.ts'
import type { AttemptRef } from '../database/stores/delivery-store.ts'

/** A webhook that receives the messages of one job, ordered with it. */
export interface OrderedWebhook {
  url: string
  /** `whsec_…`, chosen by the caller, so it is never returned. */
  secret: string
  /** Default: all. */
  events?: JobMessageType[]
  owner: Owner
}

/** Sends messages about jobs. */
export interface JobWebhooks {
  /** Rejects with a `DomainError` when nothing can be sent there; has no effect. */
  check(webhook: Pick<OrderedWebhook, 'url' | 'secret'>): Promise<void>
  /** Stores a job's own webhook, in the transaction that creates the job. */
  add(trx: Queries, jobId: string, by: string, webhook: OrderedWebhook): Promise<void>
  /** Orders the messages about new events, in the transaction that appends them. */
  publish(trx: Queries, clusterKey: string, appended: AppendedEvents): Promise<void>
}

/** One tick, as observers see it. */
export interface TickFacts {
  jobId: string
  /** The cluster's ARM ID. */
  cluster: string
  /** The kind of a `JobAction` of next-action.ts. */
  action: string
  /** The step of the action; null before the first. */
  step: string | null
  /** The trace in which the job was accepted, in W3C format; null without one. */
  traceparent: string | null
}

/** Observes the execution of jobs without changing it. */
export interface JobsObserver {
  /** The current trace, stored with a job; null when nothing is traced. */
  traceparent(): string | null
  /** A job was accepted and committed. */
  accepted(): void
  /** Runs a tick and returns its result. */
  tick(facts: TickFacts, run: () => Promise<void>): Promise<void>
  /** Events of a job were committed. */
  advanced(before: JobState, after: JobState): void
}

/** Everything that jobs use of other modules and of the environment. Nothing is global, so tests pass their own. */
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
  /** Whether a job on the cluster with this key requires a second person's approval. Default: never. */
  needsApproval?: (clusterKey: string) => boolean
  now: () => Date
  /** Milliseconds on a monotonic clock. */
  uptime: () => number
  /** The wall clock of this machine in milliseconds, also while `now` follows another one. Default: `now`. */
  wall?: () => number
  /** Milliseconds since a time, RFC 3339, although the clock may have been set since. Default: by `now`. */
  elapsedSince?: (time: string) => number
  /** How far `now` has jumped since a time, RFC 3339; negative if it was set back. Default: 0. */
  jumpedSince?: (time: string) => number
  /** Whether `now` can be trusted: it has not jumped within the last minute. Default: always. */
  isClockSettled?: () => boolean
  /** Whether `now` was set back within this time. Default: never. */
  wasSetBackWithin?: (ms: number) => boolean
  /** UUID version 7: IDs grow with time, and lists rely on it. */
  newId: () => string
  /** 0 to 1. */
  random: () => number
  /** Divides the service's own waits: 1 for Azure, the simulator's time scale for the simulator. */
  waitScale: number
  /** Spreads the polls of all jobs over what Azure allows. */
  polls: PollBudget
  logger: Logger
  webhooks?: JobWebhooks
  /** Orders the webhook messages about the approval of a plan, in the transaction that changes it. */
  announce?: (trx: Queries, clusterKey: string, message: PlanMessage) => Promise<void>
  observer?: JobsObserver
}

/** The order of one tick: process this job, if it is still at this revision. */
export interface TickOrder {
  version: 1
  /** The ID of a job, or of a probe of its own. */
  jobId: string
  revision: number
}

/** The queue of ticks, on the same database as the jobs. */
export interface Queue {
  /** Orders a tick within a transaction; null as the time means now. */
  order(db: Queries, order: TickOrder, at: Date | null): Promise<void>
  /**
   * Runs `handle` for every due tick, many at a time; a tick that rejects is delivered again later. `isRedelivery`: the
   * previous worker did not finish the tick, and only the job's log shows how far it came.
   */
  work(handle: (order: TickOrder, isRedelivery: boolean) => Promise<void>): Promise<void>
  /** Deliveries of webhook messages, apart from the ticks: a slow receiver delays no job. */
  readonly deliveries: DeliveryQueue
  /** Takes no more ticks; resolves when those under way have ended. Ticks can still be ordered. */
  rest(): Promise<void>
  /**
   * When this process last polled for ticks; now, while it handles some. null where it never polls, as in a process with
   * ROLE `api`.
   */
  polledAt(): Date | null
  /** Closes the queue. Ticks under way return to the queue for another process. */
  stop(): Promise<void>
}

/** The queue of attempts to deliver a message to a webhook. */
export interface DeliveryQueue {
  /** Orders an attempt within a transaction; null as the time means now. */
  order(db: Queries, attempt: AttemptRef, at: Date | null): Promise<void>
  /** Runs `handle` for every due attempt; an attempt that rejects is delivered again later. */
  work(handle: (attempt: AttemptRef) => Promise<void>): Promise<void>
  /** Takes no more attempts; resolves when those under way have ended. */
  rest(): Promise<void>
}
