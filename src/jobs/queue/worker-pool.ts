/** The limit also grows with time, because a batch may wait for Azure for long. */
const RAISE_EVERY_MS = 1_000

/** How workers are added for batches that wait for a slow server. */
export interface SlowBatches {
  /** A batch that takes longer is slow. */
  afterMs: number
  /** Workers above the maximum, one for each slow batch. */
  maxExtra: number
}

export interface WorkerPoolDeps {
  /** The maximum number of workers while no batch is slow. */
  max: number
  /** The messages of a batch wait for each other. Without additional workers, slow messages would occupy all workers. */
  slow?: SlowBatches | undefined
  /** Starts one worker, which takes batches until it is removed. Rejects while the queue stops. */
  add(): Promise<unknown>
  /** Removes one worker that is idle. */
  removeIdle(): void
}

/**
 * The workers of one queue in this process: one idle worker besides the busy ones, up to a limit. Every idle worker
 * polls the database, so a process without work polls with a single worker.
 *
 * The limit starts at one and doubles after each batch, and every second, up to the maximum. A process that has just
 * started is slow. With the full number of workers, it would complete no message for seconds. A crash would delay all
 * messages that it has taken.
 */
export class WorkerPool {
  readonly #deps: WorkerPoolDeps
  #timer: NodeJS.Timeout | null = null
  #isStopped = false
  #limit = 1
  #count = 0
  #busy = 0
  #slow = 0

  constructor(deps: WorkerPoolDeps) {
    this.#deps = deps
  }

  /** Rejects if the first worker cannot be added. */
  async start(): Promise<void> {
    this.#count = 1
    await this.#deps.add()
    this.#timer = setInterval(() => this.#raiseLimit(), RAISE_EVERY_MS)
    this.#timer.unref()
  }

  /** Counts the worker of a batch as busy until `handle` settles. */
  async runBatch<T>(handle: () => Promise<T>): Promise<T> {
    const { slow } = this.#deps
    let isSlow = false
    const timer = setTimeout(() => {
      if (slow === undefined) return
      isSlow = true
      this.#slow += 1
      this.#fit()
    }, slow?.afterMs).unref()
    this.#busy += 1
    this.#fit()
    try {
      return await handle()
    } finally {
      clearTimeout(timer)
      if (isSlow) this.#slow -= 1
      this.#busy -= 1
      this.#raiseLimit()
    }
  }

  /** Stops adding and removing workers. */
  stop(): void {
    this.#isStopped = true
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  #raiseLimit(): void {
    this.#limit = Math.min(2 * this.#limit, this.#deps.max)
    if (this.#limit === this.#deps.max && this.#timer !== null) clearInterval(this.#timer)
    this.#fit()
  }

  #fit(): void {
    if (this.#isStopped) return
    const extra = Math.min(this.#slow, this.#deps.slow?.maxExtra ?? 0)
    const wanted = Math.min(this.#busy + 1, this.#limit + extra)
    for (; this.#count < wanted; this.#count++)
      this.#deps.add().catch(() => {
        // While the queue stops, it adds no workers; the existing workers continue.
        this.#count -= 1
      })
    for (; this.#count > this.#busy + 1; this.#count--) this.#deps.removeIdle()
  }
}
