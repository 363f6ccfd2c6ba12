/** Smaller steps are corrections of the clock that delay nothing. */
const MIN_JUMP_MS = 2_000
/** After a jump, the new time counts as certain when it stays for this long. */
const SETTLE_MS = 60_000
const MAX_JUMPS = 100

/** The wall clock just before a jump and just after it, in milliseconds. */
export interface Jump {
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
  readonly #startedAt: number
  #jumps: Jump[] = []
  #last: { wall: number; uptime: number }
  #jumpedAt = Number.NEGATIVE_INFINITY
  /** The time of the clock that is followed, read at this uptime; null for the clock of this machine. */
  #followed: { time: number; uptime: number } | null = null

  /** Both in milliseconds. */
  constructor(wall: () => number = Date.now, uptime: () => number = () => performance.now()) {
    this.#wall = wall
    this.#uptime = uptime
    this.#startedAt = uptime()
    this.#last = { wall: wall(), uptime: this.#startedAt }
  }

  now(): Date {
    return new Date(this.#observe().wall)
  }

  /** Milliseconds on the monotonic clock. */
  uptime(): number {
    return this.#uptime()
  }

  /** Jumps that this watch knows, the oldest first. */
  jumps(): readonly Jump[] {
    this.#observe()
    return this.#jumps
  }

  /**
   * Uses another clock instead of the clock of this machine: `time` is what it showed at this uptime. Between two calls,
   * the monotonic clock continues its time. From the second call on, a different time is a jump of that clock.
   */
  follow(time: number, uptime: number): void {
    const isFirst = this.#followed === null
    this.#followed = { time, uptime }
    if (isFirst) this.#last = this.#read()
    else this.#observe()
  }

  /**
   * Adds what former processes knew. `isRecent` says that the last jump was found only now, so that the present time is
   * not certain yet.
   */
  restore(jumps: readonly Jump[], isRecent: boolean): void {
    this.#jumps = [...jumps, ...this.#jumps].slice(-MAX_JUMPS)
    if (isRecent) this.#jumpedAt = this.#uptime()
  }

  /** Whether the wall clock has not jumped within the last minute. */
  isSettled(): boolean {
    return this.#observe().uptime - this.#jumpedAt >= SETTLE_MS
  }

  /** The milliseconds that have passed since a time of the wall clock, RFC 3339, without its jumps. */
  elapsedSince(time: string): number {
    const since = new Date(time).getTime()
    const { wall, uptime } = this.#observe()
    const last = this.#jumps.at(-1)
    // Of a clock that was ahead, such as that of another process: counted from the last jump, or from the start.
    if (this.#isAhead(since)) return last === undefined ? uptime - this.#startedAt : wall - last.after
    let end = wall
    let elapsed = 0
    // From the present back: between two jumps, the wall clock is as good as the monotonic clock.
    for (const { before, after } of this.#jumps.toReversed()) {
      if (since >= after && since <= end) break
      elapsed += end - after
      end = before
    }
    return elapsed + Math.max(0, end - since)
  }

  /** How far the wall clock has jumped since a time, forward or back (negative); exactly 0 without a jump, or ahead. */
  jumpedSince(time: string): number {
    const since = new Date(time).getTime()
    const elapsed = this.elapsedSince(time)
    if (this.#isAhead(since)) return 0
    const shift = this.#last.wall - since - elapsed
    return Math.abs(shift) < MIN_JUMP_MS ? 0 : shift
  }

  /** Whether the wall clock was set back within this time. */
  wasSetBackWithin(ms: number): boolean {
    this.#observe()
    return this.#jumps.some(
      ({ before, after }) => after < before && this.elapsedSince(new Date(after).toISOString()) <= ms,
    )
  }

  /** Whether the wall clock has never shown this time, as far as this watch knows. */
  #isAhead(time: number): boolean {
    return time > this.#last.wall && this.#jumps.every(({ before }) => time > before)
  }

  #read(): { wall: number; uptime: number } {
    const uptime = this.#uptime()
    const { time, uptime: at } = this.#followed ?? { time: this.#wall(), uptime }
    return { wall: time + uptime - at, uptime }
  }

  #observe(): { wall: number; uptime: number } {
    const seen = this.#read()
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

/** Smaller steps are corrections of the clock that delay nothing. */
const MIN_STEP_MS = 2_000

/** Detects that the wall clock was set back between two calls. */
export class SetBackDetector {
  readonly #clock: { now: () => Date; uptime: () => number }
  #offset: number

  constructor(clock: { now: () => Date; uptime: () => number }) {
    this.#clock = clock
    this.#offset = this.#read()
  }

  /** Whether it was set back since the last call. */
  check(): boolean {
    const former = this.#offset
    this.#offset = this.#read()
    return this.#offset <= former - MIN_STEP_MS
  }

  #read(): number {
    return this.#clock.now().getTime() - this.#clock.uptime()
  }
}
