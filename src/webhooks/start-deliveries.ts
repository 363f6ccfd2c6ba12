import { setTimeout as delay } from 'node:timers/promises'
import { type AttemptRef, claimDueDeliveries, deliveryRow } from '../database/stores/delivery-store.ts'
import { SetBackDetector } from '../lib/clock-watch.ts'
import { attemptDelivery } from './attempt-delivery.ts'
import type { WebhooksDeps } from './deps.ts'

/** The interval of the search for messages with a lost attempt, and the delay after which an attempt counts as lost. */
const SWEEP_INTERVAL_MS = 30_000
const LATE_MS = 60_000
/** Longer than any wait between two attempts. */
const MAX_WAIT_MS = 30 * 86_400_000
/** Attempts that one transaction orders: a backlog must not hold the database for long. */
const SWEEP_BATCH = 200

/**
 * Delivers messages until stopped; then it resolves when the attempts in progress have ended. Every attempt is
 * ordered in the transaction that makes it due. The sweep finds attempts whose order was lost, for example when a
 * queue was emptied. The embedded database has one process, so no other process continues the attempts of the last
 * one. So everything that is due is ordered again at the start.
 */
export async function startDeliveries(deps: WebhooksDeps): Promise<{ stop(): Promise<void> }> {
  const lanes = new DeliveryLanes(deps)
  const sweep = (lateMs: number) =>
    orderLostDeliveries(deps, new Date(deps.now().getTime() - lateMs), (id) => lanes.isWaiting(id))
  const setBack = new SetBackDetector({ now: deps.now, uptime: () => performance.now() })
  await sweep(deps.database.engine === 'embedded' ? 0 : LATE_MS)
  await deps.deliveries.work((order) => lanes.take(order))
  const timer = setInterval(() => {
    // On a clock that was set back, no attempt is late until it catches up: then all pending ones are made.
    sweep(setBack.check() ? -MAX_WAIT_MS : LATE_MS).catch((error: unknown) =>
      deps.logger.error({ err: error }, 'search for lost webhook messages failed'),
    )
  }, SWEEP_INTERVAL_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await deps.deliveries.rest()
      await lanes.stop()
    },
  }
}

/** Orders the attempts that have been due since `before`, except those that wait in this process. */
export async function orderLostDeliveries(
  deps: WebhooksDeps,
  before: Date,
  isWaiting: (deliveryId: string) => boolean = () => false,
): Promise<void> {
  for (let after: string | null = null, count = SWEEP_BATCH; count === SWEEP_BATCH; ) {
    const page: { limit: number; after: string | null } = { limit: SWEEP_BATCH, after }
    const claimed = await deps.database.kysely.transaction().execute(async (trx) => {
      const due = await claimDueDeliveries(trx, before, deps.now(), page)
      for (const attempt of due)
        if (!isWaiting(attempt.deliveryId)) await deps.deliveries.order(trx, attempt, null)
      return due
    })
    count = claimed.length
    after = claimed.at(-1)?.deliveryId ?? null
  }
}

/** Attempts that one process makes at a time to one webhook. */
const MAX_CONCURRENT_ATTEMPTS = 4
/** Messages that wait in one process for one webhook; the search for lost attempts finds further ones later. */
const MAX_WAITING = 5_000
/** How long the queue waits for an attempt. A slower receiver must not keep a worker of the queue from others. */
const PATIENCE_MS = 1_000

interface Lane {
  running: number
  /** By delivery, so that an order that comes twice waits once. */
  waiting: Map<string, AttemptRef>
}

/**
 * One lane for each webhook, so that a slow receiver delays only its own messages. A message whose lane is busy waits
 * in memory, and a long attempt continues after the queue has marked it as done. Neither is lost with the process:
 * the delivery is still pending in the database, where `orderLostDeliveries` finds it.
 */
export class DeliveryLanes {
  readonly #deps: WebhooksDeps
  readonly #lanes = new Map<string, Lane>()
  readonly #running = new Set<Promise<void>>()

  constructor(deps: WebhooksDeps) {
    this.#deps = deps
  }

  /** Takes an order of the queue. Rejects if the attempt fails soon; the queue then repeats it. */
  async take(order: AttemptRef): Promise<void> {
    const delivery = await deliveryRow(this.#deps.database.kysely, order.deliveryId)
    // Deleted with its webhook.
    if (delivery === null) return
    const { webhookId } = delivery
    const lane = this.#lanes.get(webhookId) ?? { running: 0, waiting: new Map() }
    this.#lanes.set(webhookId, lane)
    if (lane.running >= MAX_CONCURRENT_ATTEMPTS) {
      if (lane.waiting.size < MAX_WAITING) lane.waiting.set(order.deliveryId, order)
      return
    }
    const patience = new AbortController()
    const attempt = this.#attempt(webhookId, lane, order)
    attempt.catch((error: unknown) => {
      // Before that, the queue reports it.
      if (patience.signal.aborted) this.#report(order, error)
    })
    const tooLong = delay(PATIENCE_MS, undefined, { signal: patience.signal, ref: false }).then(
      () => patience.abort(),
      () => {},
    )
    await Promise.race([attempt.then(() => patience.abort()), tooLong])
  }

  /** Whether this process will attempt the message without another order. */
  isWaiting(deliveryId: string): boolean {
    return [...this.#lanes.values()].some(({ waiting }) => waiting.has(deliveryId))
  }

  /** Forgets what waits; resolves when the attempts in progress have ended. */
  async stop(): Promise<void> {
    for (const { waiting } of this.#lanes.values()) waiting.clear()
    await Promise.allSettled([...this.#running])
  }

  #attempt(webhookId: string, lane: Lane, order: AttemptRef): Promise<void> {
    lane.running++
    const attempt = attemptDelivery(this.#deps, order).finally(() => {
      lane.running--
      this.#running.delete(attempt)
      this.#continue(webhookId, lane)
    })
    this.#running.add(attempt)
    return attempt
  }

  /** Begins the attempt that has waited longest. */
  #continue(webhookId: string, lane: Lane): void {
    const [next] = lane.waiting.values()
    if (next === undefined) {
      if (lane.running === 0) this.#lanes.delete(webhookId)
      return
    }
    lane.waiting.delete(next.deliveryId)
    this.#attempt(webhookId, lane, next).catch((error: unknown) => this.#report(next, error))
  }

  #report({ deliveryId }: AttemptRef, error: unknown): void {
    this.#deps.logger.warn(
      { deliveryId, err: error },
      'result of a delivery attempt not recorded; the attempt is repeated later',
    )
  }
}
