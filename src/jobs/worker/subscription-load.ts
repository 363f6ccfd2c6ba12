import { subscriptionOf } from '../../core/arm/resource-id.ts'

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
