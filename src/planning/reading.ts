import { ArmFault } from '../azure/arm-fault.ts'
import type { Reading } from '../core/rights-facts.ts'
import type { Unread } from '../core/snapshot.ts'

/** Reads, or says why not; rejects only with what is no `ArmFault`, which is a fault of this service. */
export async function reading<T>(what: string, read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { facts: await read() }
  } catch (error) {
    return { unread: unreadOf(what, error) }
  }
}

/** A read that failed, as a plan tells it. */
export function unreadOf(what: string, error: unknown): Unread {
  if (!(error instanceof ArmFault)) throw error
  const reason = error.kind === 'denied' ? 'denied' : error.kind === 'not-found' ? 'not-found' : 'failed'
  return { what, reason, code: error.code, message: error.message }
}
