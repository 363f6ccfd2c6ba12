interface Window {
  current: number
  beganAt: number
}

type Answer = (error: Error | null, result?: { current: number; ttl: number }) => void

/** The maximum number of counted callers. The caller with the oldest last request is dropped first. */
const MAX_CALLERS = 10_000

/**
 * Counts the requests of callers in windows on a monotonic clock. The store of the plugin uses the wall clock: if it is
 * set back by an hour, callers at the limit are rejected for an hour.
 */
export class RateLimitStore {
  readonly #windows = new Map<string, Window>()
  readonly #uptime: () => number

  constructor(_options?: object, uptime: () => number = () => performance.now()) {
    this.#uptime = uptime
  }

  incr(key: string, answer: Answer, timeWindow: number): void {
    const now = this.#uptime()
    const open = this.#openWindow(key, timeWindow)
    const window = { current: (open?.current ?? 0) + 1, beganAt: open?.beganAt ?? now }
    this.#windows.delete(key)
    this.#windows.set(key, window)
    const oldest = this.#windows.keys().next().value
    if (this.#windows.size > MAX_CALLERS && oldest !== undefined) this.#windows.delete(oldest)
    answer(null, { current: window.current, ttl: window.beganAt + timeWindow - now })
  }

  read(key: string, answer: Answer, timeWindow: number): void {
    const open = this.#openWindow(key, timeWindow)
    const ttl = open === undefined ? 0 : open.beganAt + timeWindow - this.#uptime()
    answer(null, { current: open?.current ?? 0, ttl })
  }

  child(): RateLimitStore {
    return new RateLimitStore({}, this.#uptime)
  }

  #openWindow(key: string, timeWindow: number): Window | undefined {
    const window = this.#windows.get(key)
    return window !== undefined && window.beganAt + timeWindow > this.#uptime() ? window : undefined
  }
}
