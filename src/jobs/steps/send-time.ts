import type { JobsDeps } from '../deps.ts'

/**
 * A write leaves within this time after it was decided on, or not at all. Shorter than anybody else waits before they
 * look for it (`HEARTBEAT_SECONDS` of the queue and `SECOND_LOOK_MS` together), with room for its way to Azure: whoever
 * makes a write again knows that the first one is not still to come.
 */
export const SEND_WITHIN_MS = 5_000

/**
 * Starts the time in which a write may leave. A process that is stopped, starved or suspended in between wakes up with
 * the write still to send, and others have gone on without it. Both clocks are asked: the one of the process stands still
 * while a machine is suspended, and the one on the wall can be set back.
 */
export function sendTime(deps: Pick<JobsDeps, 'now' | 'uptime'>): () => boolean {
  const [date, uptime] = [deps.now().getTime(), deps.uptime()]
  return () => Math.max(deps.now().getTime() - date, deps.uptime() - uptime) < SEND_WITHIN_MS
}
