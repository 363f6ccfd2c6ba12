import type { MaySend } from '../azure/arm.ts'
import type { JobsDeps } from './deps.ts'

/**
 * A write is sent within this time after its intent, or not at all. The time is shorter than the time after which
 * another worker reconciles the write (the sum of `HEARTBEAT_SECONDS` of the queue and `SECOND_READ_DELAY_MS`). The
 * margin covers the network path to Azure. So when a worker repeats a write, the first write can no longer arrive.
 */
const MAX_SEND_DELAY_MS = 5_000

/**
 * Starts the time in which a write may be sent. If the process is suspended in this time, other workers may continue
 * the job before the process sends the write. Two clocks are used, because the monotonic clock stops while the machine
 * is suspended, and the wall clock can be set back. The wall clock is the clock of this machine, because the clock of
 * the database is read only from time to time.
 */
export function startSendDeadline(deps: Pick<JobsDeps, 'now' | 'uptime' | 'wall'>): MaySend {
  const wall = deps.wall ?? (() => deps.now().getTime())
  const [date, uptime] = [wall(), deps.uptime()]
  return () => Math.max(wall() - date, deps.uptime() - uptime) < MAX_SEND_DELAY_MS
}
