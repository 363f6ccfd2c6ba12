import { type BucketSize, TokenBuckets } from '../token-bucket.ts'

/**
 * Status reads of operations that AKS allows for a subscription and region: 200 at once, 2 a second after that (QT). A
 * tenth is left to everybody else.
 */
const STATUS_READS: BucketSize = { burst: 180, refill: 1.8 }

/**
 * Spreads the polls of all jobs of a process over what AKS allows: with many jobs under way each is asked about less
 * often, and none is refused. Pure but for what it remembers; times are passed in.
 */
export class PollBudget {
  readonly #buckets = new TokenBuckets()
  readonly #size: BucketSize

  /** `scale` is how much faster than real time the Azure behind it runs: 1 for Azure itself. */
  constructor(scale = 1) {
    this.#size = { burst: STATUS_READS.burst, refill: STATUS_READS.refill * scale }
  }

  /** The moment, from `wanted` on, at which an operation in this place may be asked about. */
  reserve(place: { subscriptionId: string; location: string }, wanted: Date): Date {
    const name = `${place.subscriptionId.toLowerCase()} ${place.location.toLowerCase().replaceAll(' ', '')}`
    return new Date(this.#buckets.reserve(name, this.#size, wanted.getTime()))
  }
}
