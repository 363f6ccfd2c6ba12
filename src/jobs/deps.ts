import type { Arm, MaySend } from '../azure/arm.ts'
import type { AzureMode, ClusterRef } from '../contract/cluster.ts'
import type { InventoryChange } from '../contract/inventory.ts'
import type { JobMessageType } from '../contract/webhook.ts'
import type { Owner } from '../core/access/access-policy.ts'
import type { JobState } from '../core/job/job-state.ts'
import type { PollBudget } from '../core/job/polling.ts'
import type { Logger } from '../core/lib/logger.ts'
import type { Snapshot } from '../core/snapshot/snapshot.ts'
import type { AppendedEvents, PlanMessage } from '../core/webhooks/messages.ts'
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
  /** Checks the target only: rejects with a `DomainError` if messages cannot be sent there. */
  check(webhook: Pick<OrderedWebhook, 'url' | 'secret'>): Promise<void>
  /** Stores the webhook of a single job, in the transaction that creates the job. */
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
  /** The current trace, stored with a job; null without tracing. */
  traceparent(): string | null
  /** A job was accepted and committed. */
  accepted(): void
  /** Runs a tick and returns its result. */
  tick(facts: TickFacts, run: () => Promise<void>): Promise<void>
  /** Events of a job were committed. */
  advanced(before: JobState, after: JobState): void
}

/** Everything that jobs use from other modules and from the environment. Nothing is global, so tests can pass replacements. */
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
  /** Whether a job on the cluster with this key requires the approval of a second person. Default: false for every cluster. */
  needsApproval?: (clusterKey: string) => boolean
  now: () => Date
  /** Milliseconds on a monotonic clock. */
  uptime: () => number
  /** The wall clock of this machine in milliseconds, also while `now` follows another one. Default: `now`. */
  wall?: () => number
  /** Milliseconds since a time (RFC 3339), corrected for changes of the clock since then. Default: based on `now`. */
  elapsedSince?: (time: string) => number
  /** The milliseconds by which `now` has jumped since a time (RFC 3339); negative if the clock was set back. Default: 0. */
  jumpedSince?: (time: string) => number
  /** Whether `now` can be trusted: it has not jumped within the last minute. Default: always. */
  isClockSettled?: () => boolean
  /** Whether `now` was set back within this time. Default: never. */
  wasSetBackWithin?: (ms: number) => boolean
  /** UUID version 7. Lists rely on IDs that increase with time. */
  newId: () => string
  /** A random number from 0 to 1. */
  random: () => number
  /** Divides the service's own waits: 1 for Azure, the simulator's time scale for the simulator. */
  waitScale: number
  /** Distributes the polls of all jobs within the limits of Azure. */
  polls: PollBudget
  logger: Logger
  webhooks?: JobWebhooks
  /** Orders the webhook messages about the approval of a plan, in the transaction that changes it. */
  announce?: (trx: Queries, clusterKey: string, message: PlanMessage) => Promise<void>
  /** Orders the webhook messages about a change of a cluster, in the transaction that records the change. */
  announceChange?: (trx: Queries, clusterKey: string, change: InventoryChange) => Promise<void>
  observer?: JobsObserver
}

/** The order of one tick: process this job, if it is still at this revision. */
export interface TickOrder {
  version: 1
  /** The ID of a job, or of a probe without a job. */
  jobId: string
  revision: number
}

/** The queue of ticks, on the same database as the jobs. */
export interface Queue {
  /** Orders a tick within a transaction; null as the time means now. */
  order(db: Queries, order: TickOrder, at: Date | null): Promise<void>
  /**
   * Runs `handle` for every due tick, many at a time. If `handle` rejects, the tick is delivered again later.
   * `isRedelivery`: the previous worker did not complete the tick, and only the log of the job shows what it did.
   */
  work(handle: (order: TickOrder, isRedelivery: boolean) => Promise<void>): Promise<void>
  /** Deliveries of webhook messages. They are separate from ticks, so that a slow receiver does not delay jobs. */
  readonly deliveries: DeliveryQueue
  /** Stops taking ticks; resolves when the ticks in progress have ended. Ticks can still be ordered. */
  rest(): Promise<void>
  /**
   * When this process last polled for ticks; the current time while it handles ticks. Null if it never polls, as with
   * ROLE `api`.
   */
  polledAt(): Date | null
  /** Closes the queue. Ticks in progress return to the queue for another process. */
  stop(): Promise<void>
}

/** The queue of attempts to deliver a message to a webhook. */
export interface DeliveryQueue {
  /** Orders an attempt within a transaction; null as the time means now. */
  order(db: Queries, attempt: AttemptRef, at: Date | null): Promise<void>
  /** Runs `handle` for every due attempt. If `handle` rejects, the attempt is delivered again later. */
  work(handle: (attempt: AttemptRef) => Promise<void>): Promise<void>
  /** Stops taking attempts; resolves when the attempts in progress have ended. */
  rest(): Promise<void>
}

/** The milliseconds that have passed since a time that was recorded; never less than 0. */
export function elapsedMs({ now, elapsedSince }: JobsDeps, time: string): number {
  return Math.max(0, elapsedSince?.(time) ?? now().getTime() - new Date(time).getTime())
}

/**
 * A write is sent within this time after its intent, or not at all. The time is shorter than the time after which
 * another worker reconciles the write (the sum of `HEARTBEAT_SECONDS` of the queue and `SECOND_READ_DELAY_MS`). The
 * margin covers the network path to Azure. So when a worker repeats a write, the first write can no longer arrive.
 */
const MAX_SEND_DELAY_MS = 5_000

/**
 * Starts the time in which a write may be sent. If the process is suspended in this time, other workers may continue
 * the job before the process sends the write. Two clocks are used, because the monotonic clock stops while the machine
 * is suspended, and the wall clock can be set back. The wall clock is the clock of this machine, because the clock of
 * the database is read only from time to time.
 */
export function startSendDeadline(deps: Pick<JobsDeps, 'now' | 'uptime' | 'wall'>): MaySend {
  const wall = deps.wall ?? (() => deps.now().getTime())
  const [date, uptime] = [wall(), deps.uptime()]
  return () => Math.max(wall() - date, deps.uptime() - uptime) < MAX_SEND_DELAY_MS
}
