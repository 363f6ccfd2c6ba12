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
