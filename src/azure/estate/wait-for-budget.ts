import { setTimeout as delay } from 'node:timers/promises'
import { ArmFault } from '../errors/arm-fault.ts'

/**
 * The maximum total wait of one request. Resource Graph allows 15 queries in 5 s; a list of a subscription waits for
 * seconds.
 */
const MAX_WAIT_MS = 300_000
const MIN_WAIT_MS = 100
/** The retries after 5xx responses and lost connections, in addition to the quick retries of each read. */
const TRANSIENT_WAITS_MS = [1_000, 5_000]

/** Waits for this number of milliseconds. */
export type Wait = (ms: number) => Promise<unknown>

/**
 * Repeats a read of the inventory until it succeeds. No caller waits for the inventory, so its reads wait for the
 * budget and for short outages. Rejects with the `ArmFault` after the maximum wait.
 */
export async function waitForBudget<T>(read: () => Promise<T>, wait: Wait = delay): Promise<T> {
  let waitedMs = 0
  let transient = 0
  for (;;) {
    try {
      return await read()
    } catch (error) {
      const waitMs = waitAfter(error, transient)
      if (waitMs === null || waitedMs + waitMs > MAX_WAIT_MS) throw error
      if (error instanceof ArmFault && error.kind === 'transient') transient++
      waitedMs += waitMs
      await wait(waitMs)
    }
  }
}

function waitAfter(error: unknown, transient: number): number | null {
  if (!(error instanceof ArmFault)) return null
  if (error.kind === 'throttled') return Math.max(MIN_WAIT_MS, error.retryAfterMs ?? 5_000)
  return error.kind === 'transient' ? (TRANSIENT_WAITS_MS[transient] ?? null) : null
}
