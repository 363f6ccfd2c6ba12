import { ArmFault } from '../azure/arm-fault.ts'
import type { Unread } from '../core/snapshot.ts'

/** A read that failed, as a snapshot keeps it; what is no fault of Azure is thrown on. */
export function unreadOf(what: string, error: unknown): Unread {
  if (!(error instanceof ArmFault)) throw error
  const reason = error.kind === 'denied' ? 'denied' : error.kind === 'not-found' ? 'not-found' : 'failed'
  return { what, reason, code: error.code, message: error.message }
}
