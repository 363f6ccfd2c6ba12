import { regionKey } from '../arm/regions.ts'
import { idKey } from '../arm/resource-id.ts'
import { type BucketSize, TokenBuckets } from '../lib/token-lease.ts'

/**
 * Status reads of operations that AKS allows per subscription and region: a burst of 200, then 2 per second
 * (quotas-skus-regions). A tenth is left to other clients.
 */
const STATUS_READS: BucketSize = { burst: 180, refill: 1.8 }

/**
 * Distributes the polls of all jobs of a process within the limits of AKS. With many running jobs, each job is polled
 * less often, so that no poll is throttled. It has state, but no clock: times are arguments.
 */
export class PollBudget {
  readonly #buckets = new TokenBuckets()
  readonly #size: BucketSize

  /** `scale` is the speed of Azure relative to real time: 1 for real Azure. */
  constructor(scale = 1) {
    this.#size = { burst: STATUS_READS.burst, refill: STATUS_READS.refill * scale }
  }

  /**
   * The milliseconds until an operation in this place may be polled, at least `wantedMs`. `uptimeMs` is the time of a
   * monotonic clock: if a wall clock is set back, every poll would wait until it catches up.
   */
  reserve(
    { subscriptionId, location }: { subscriptionId: string; location: string },
    wantedMs: number,
    uptimeMs: number,
  ): number {
    const name = `${idKey(subscriptionId)} ${regionKey(location)}`
    return this.#buckets.reserve(name, this.#size, uptimeMs + wantedMs) - uptimeMs
  }
}

/**
 * When to read the status of an operation again. AKS sends no Retry-After on a cluster PUT, and an outbound-type
 * change took 172 s (recordings of Resource Manager). The limit is 2 status reads per second for a whole subscription
 * (quotas-skus-regions). So the first reads are quick and later reads come every 15 s.
 */
const MIN_INTERVAL_MS = 1_000
const MAX_INTERVAL_MS = 15_000
/** Each wait is about this fraction of the duration of the operation so far. */
const SHARE = 0.5

/** Milliseconds until the next poll of an operation that has run for `elapsedMs`; never a tight loop. */
export function pollInterval(elapsedMs: number, retryAfterMs: number | null): number {
  if (retryAfterMs !== null) return Math.max(retryAfterMs, MIN_INTERVAL_MS)
  return Math.round(Math.min(Math.max(elapsedMs * SHARE, MIN_INTERVAL_MS), MAX_INTERVAL_MS))
}

/** The time limit of an operation: three times the longest documented timeout of AKS. */
export const MAX_OPERATION_MS = 90 * 60_000
