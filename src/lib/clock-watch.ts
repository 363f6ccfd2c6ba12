/** Smaller steps are corrections of the clock that delay nothing. */
const MIN_JUMP_MS = 2_000
/** After a jump, the new time counts as certain when it stays for this long. */
const SETTLE_MS = 60_000
const MAX_JUMPS = 100

interface Jump {
  /** The wall clock just before the jump and just after it. */
  before: number
  after: number
}

/**
 * Compares the wall clock with a monotonic clock. A wall clock that is set forward or back then neither ends a time limit
 * nor extends a wait. While a machine is suspended, only the wall clock continues. That counts as a jump, too.
 */
export class ClockWatch {
  readonly #wall: () => number
  readonly #uptime: () => number
  readonly #jumps: Jump[] = []
  #last: { wall: number; uptime: number }
  #jumpedAt = Number.NEGATIVE_INFINITY

  /** Both in milliseconds. */
  constructor(wall: () => number = Date.now, uptime: () => number = () => performance.now()) {
    this.#wall = wall
    this.#uptime = uptime
    this.#last = { wall: wall(), uptime: uptime() }
  }

  now(): Date {
    return new Date(this.#observe().wall)
  }

  /** Milliseconds on the monotonic clock. */
  uptime(): number {
    return this.#uptime()
  }

  /** Whether the wall clock has not jumped within the last minute. */
  isSettled(): boolean {
    return this.#observe().uptime - this.#jumpedAt >= SETTLE_MS
  }

  /** The milliseconds that have passed since a time of the wall clock, RFC 3339, without its jumps. */
  elapsedSince(time: string): number {
    const since = new Date(time).getTime()
    let end = this.#observe().wall
    let elapsed = 0
    // From the present back: between two jumps, the wall clock is as good as the monotonic clock.
    for (const { before, after } of this.#jumps.toReversed()) {
      if (since >= after && since <= end) break
      elapsed += end - after
      end = before
    }
    return elapsed + Math.max(0, end - since)
  }

  #observe(): { wall: number; uptime: number } {
    const seen = { wall: this.#wall(), uptime: this.#uptime() }
    const before = this.#last.wall + seen.uptime - this.#last.uptime
    if (Math.abs(seen.wall - before) >= MIN_JUMP_MS) {
      this.#jumps.push({ before, after: seen.wall })
      if (this.#jumps.length > MAX_JUMPS) this.#jumps.shift()
      this.#jumpedAt = seen.uptime
    }
    this.#last = seen
    return seen
  }
}
