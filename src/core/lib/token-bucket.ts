/** The size of a bucket's burst in calls, and how fast it refills. */
export interface BucketSize {
  burst: number
  /** Calls a second. */
  refill: number
}

/**
 * Token buckets per key, like those of Resource Manager and its services, on a clock that is passed in. Each stores
 * one number: the time at which it would be full again.
 */
export class TokenBuckets {
  readonly #fullAt = new Map<string, number>()

  /** Milliseconds until a token is available; 0 if one is available. */
  waitMs(name: string, { burst, refill }: BucketSize, nowMs: number): number {
    const tokenMs = 1_000 / refill
    const fullAt = Math.max(this.#fullAt.get(name) ?? 0, nowMs)
    return Math.max(0, Math.ceil(fullAt + tokenMs - burst * tokenMs - nowMs))
  }

  /** Takes an available token. */
  spend(name: string, { refill }: BucketSize, nowMs: number): void {
    this.#fullAt.set(name, Math.max(this.#fullAt.get(name) ?? 0, nowMs) + 1_000 / refill)
  }

  /** Reserves the first token that is available at or after `wantedMs`, and returns its time. */
  reserve(name: string, size: BucketSize, wantedMs: number): number {
    const atMs = wantedMs + this.waitMs(name, size, wantedMs)
    this.spend(name, size, wantedMs)
    return atMs
  }

  /** Deletes full buckets, so that buckets of old clusters use no memory. */
  forget(nowMs: number): void {
    for (const [name, fullAt] of this.#fullAt) if (fullAt <= nowMs) this.#fullAt.delete(name)
  }

  get size(): number {
    return this.#fullAt.size
  }
}
