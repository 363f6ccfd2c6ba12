import type { JobsDeps } from './deps.ts'

/** The milliseconds that have passed since a time that was recorded; never less than 0. */
export function elapsedMs({ now, elapsedSince }: JobsDeps, time: string): number {
  return Math.max(0, elapsedSince?.(time) ?? now().getTime() - new Date(time).getTime())
}
