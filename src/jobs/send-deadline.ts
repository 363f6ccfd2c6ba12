import type { MaySend } from '../azure/arm.ts'
import type { JobsDeps } from './deps.ts'

/**
 * A write is sent within this time after its intent, or not at all. It is shorter than the time after which another
 * worker reconciles it (`HEARTBEAT_SECONDS` of the queue and `SECOND_READ_DELAY_MS` together). The margin covers the
 * network path to Azure. So a worker that repeats a write knows that the first one cannot arrive later.
 */
const MAX_SEND_DELAY_MS = 5_000

/**
 * Starts the time in which a write may leave. A process that is stopped, starved or suspended in between wakes up with
 * the write still to send, while other workers have continued without it. Both clocks are read: the process's clock stops
 * while the machine is suspended, and the wall clock can be set back. The wall clock is that of this machine, because the
 * clock of the database is read only from time to time.
 */
export function startSendDeadline(deps: Pick<JobsDeps, 'now' | 'uptime' | 'wall'>): MaySend {
  const wall = deps.wall ?? (() => deps.now().getTime())
  const [date, uptime] = [wall(), deps.uptime()]
  return () => Math.max(wall() - date, deps.uptime() - uptime) < MAX_SEND_DELAY_MS
}
