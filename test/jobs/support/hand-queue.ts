import type { Queries } from '../../../src/database/engine/database.ts'
import type { AttemptRef } from '../../../src/database/stores/delivery-store.ts'
import type { DeliveryQueue, Queue, TickOrder } from '../../../src/jobs/deps.ts'

/** Whether a promise is still open after everything that could run has run. */
export async function unsettled(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<true>((resolve) => setImmediate(() => resolve(true)))
  return Promise.race([promise.then(() => false), turn])
}

interface OrderedTick {
  order: TickOrder
  at: Date
  isRedelivery: boolean
}

/**
 * The contract of the queue without its clock: orders are kept until a test takes them, earliest first. An order from
 * a rolled-back transaction stays. Such ticks exist in the product as duplicates, and must do nothing.
 */
export class ManualQueue implements Queue {
  readonly deliveries = new ManualDeliveryQueue()
  #ordered: OrderedTick[] = []

  get length(): number {
    return this.#ordered.length
  }

  async order(_db: Queries, order: TickOrder, at: Date | null): Promise<void> {
    this.#ordered.push({ order, at: at ?? new Date(0), isRedelivery: false })
  }

  redeliver(order: TickOrder, at: Date): void {
    this.#ordered.push({ order, at, isRedelivery: true })
  }

  /** The earliest tick; of several for the same time the first that was ordered. */
  take(): OrderedTick | null {
    const earliest = this.#ordered.reduce<OrderedTick | null>(
      (best, each) => (best === null || each.at < best.at ? each : best),
      null,
    )
    this.#ordered = this.#ordered.filter((each) => each !== earliest)
    return earliest
  }

  /** Everything that is due at this moment. */
  takeDue(now: Date): OrderedTick[] {
    const due = this.#ordered.filter((each) => each.at <= now)
    this.#ordered = this.#ordered.filter((each) => each.at > now)
    return due
  }

  async work(): Promise<void> {}

  async rest(): Promise<void> {}

  polledAt(): Date | null {
    return null
  }

  async stop(): Promise<void> {}
}

/** As HandQueue, for messages to webhooks. */
export class ManualDeliveryQueue implements DeliveryQueue {
  #ordered: { attempt: AttemptRef; at: Date }[] = []

  get length(): number {
    return this.#ordered.length
  }

  async order(_db: Queries, attempt: AttemptRef, at: Date | null): Promise<void> {
    this.#ordered.push({ attempt, at: at ?? new Date(0) })
  }

  /** The earliest attempt. */
  take(): { attempt: AttemptRef; at: Date } | null {
    const [earliest = null] = this.#ordered.toSorted((a, b) => a.at.getTime() - b.at.getTime())
    this.#ordered = this.#ordered.filter((each) => each !== earliest)
    return earliest
  }

  async work(): Promise<void> {}

  async rest(): Promise<void> {}
}
