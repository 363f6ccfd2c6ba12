/** A process may use the tokens of a lease for this long. Unused tokens are lost: Azure loses no call by it. */
export const LEASE_MS = 2_000
/** A call reaches Azure up to this long after it was sent. */
const FLIGHT_MS = 500

/**
 * Tokens that a process orders from a bucket that all processes share. The bucket is one number, the time at which it is
 * full again. An order is granted as far as that time, after `granted` tokens, is at most `capacity` tokens from now.
 */
export interface LeaseOrder {
  bucket: string
  /** Milliseconds in which one token returns. */
  tokenMs: number
  /** The tokens that this order may find in a full bucket. */
  capacity: number
  wanted: number
}

export interface LeaseGrant {
  bucket: string
  granted: number
  /** Milliseconds until the bucket is full again. */
  fullInMs: number
}

/**
 * An order of tokens with a share of the bucket; the rest is left to others. Leased tokens are used later than they are
 * granted, while the bucket refills. The order leaves this refill in the bucket, so that no window has more calls than a bucket
 * at Azure allows.
 */
export function leaseOrder(bucket: string, size: BucketSize, share: number, wanted: number): LeaseOrder {
  const refillOfLease = (size.refill * (LEASE_MS + FLIGHT_MS)) / 1_000
  const capacity = Math.max(1, Math.max(1, size.burst - refillOfLease) * share)
  return { bucket, tokenMs: 1_000 / size.refill, capacity, wanted }
}

/** Milliseconds until the next token can be granted. */
export function grantWaitMs({ tokenMs, capacity }: LeaseOrder, { fullInMs }: LeaseGrant): number {
  return Math.max(1, Math.ceil(Math.max(0, fullInMs) + tokenMs - capacity * tokenMs))
}

interface Lease {
  left: number
  endsMs: number
}

/** The leased tokens of a process, on a clock that is passed in. */
export class TokenLeases {
  readonly #leases = new Map<string, Lease[]>()

  /** `askedMs` is the time before the order was sent: the bucket has granted it at that time or later. */
  put(key: string, tokens: number, askedMs: number): void {
    if (tokens <= 0) return
    this.#leases.set(key, [...(this.#leases.get(key) ?? []), { left: tokens, endsMs: askedMs + LEASE_MS }])
  }

  left(key: string, nowMs: number): number {
    return this.#present(key, nowMs).reduce((sum, { left }) => sum + left, 0)
  }

  /** Takes one token of each key, or none if one of them is missing. */
  take(keys: readonly string[], nowMs: number): boolean {
    const leases = keys.map((key) => this.#present(key, nowMs)[0])
    if (leases.some((lease) => lease === undefined)) return false
    for (const lease of leases) if (lease !== undefined) lease.left--
    return true
  }

  drop(key: string): void {
    this.#leases.delete(key)
  }

  #present(key: string, nowMs: number): Lease[] {
    const present = (this.#leases.get(key) ?? []).filter(({ left, endsMs }) => left > 0 && endsMs > nowMs)
    if (present.length === 0) this.#leases.delete(key)
    else this.#leases.set(key, present)
    return present
  }
}

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
