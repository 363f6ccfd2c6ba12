/**
 * A worker that has said it will write records the answer itself within this time: Azure is given a minute
 * for it. After that only reading settles what became of the write.
 */
const SETTLE_AFTER_MS = 90_000

/** When a write that was meant to be sent at `intendedAt`, RFC 3339, is settled by reading. */
export function settleTime(intendedAt: string): Date {
  return new Date(new Date(intendedAt).getTime() + SETTLE_AFTER_MS)
}
