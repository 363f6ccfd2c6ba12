/** However little gets done: one batch that waits for Azure must not keep a process small. */
const GROW_EVERY_MS = 1_000

/**
 * Begins with one taker of ticks and doubles them as batches are done, and every second anyway, up to `most`. A process
 * that has just started is slow: one that took all it can bear at once would have nothing done for seconds, and whatever
 * it has taken is lost with it until it is missed.
 */
export class Ramp {
  readonly #most: number
  readonly #add: (count: number) => Promise<unknown>
  readonly #timer: NodeJS.Timeout
  #count = 0

  constructor(most: number, add: (count: number) => Promise<unknown>) {
    this.#most = most
    this.#add = add
    this.#timer = setInterval(() => this.grow(), GROW_EVERY_MS)
    this.#timer.unref()
  }

  /** Rejects when not even one can be had. */
  async start(): Promise<void> {
    this.#count = 1
    await this.#add(1)
  }

  grow(): void {
    const more = Math.min(this.#count, this.#most - this.#count)
    if (more <= 0) {
      this.stop()
      return
    }
    this.#count += more
    this.#add(more).catch(() => {
      // The queue takes no more of them when it is about to stop; those that are there go on.
      this.#count -= more
    })
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
