import type { LeaseGrant, LeaseOrder } from '../../src/core/lib/token-lease.ts'

/** What the statement of the database does, in memory, on a clock that is passed in. */
export class ModelLedger {
  readonly #fullAt = new Map<string, number>()

  lease(order: LeaseOrder, nowMs: number): LeaseGrant {
    const { bucket, tokenMs, capacity, wanted } = order
    const fullAt = Math.max(this.#fullAt.get(bucket) ?? 0, nowMs)
    const present = Math.floor((nowMs - fullAt) / tokenMs + capacity + 1e-6)
    const granted = Math.max(0, Math.min(wanted, present))
    this.#fullAt.set(bucket, fullAt + granted * tokenMs)
    return { bucket, granted, fullInMs: fullAt + granted * tokenMs - nowMs }
  }

  block({ bucket, tokenMs, capacity }: LeaseOrder, waitMs: number, nowMs: number): void {
    const fullAt = nowMs + waitMs + (capacity - 1) * tokenMs
    this.#fullAt.set(bucket, Math.max(this.#fullAt.get(bucket) ?? 0, fullAt))
  }
}
