import {
  grantWaitMs,
  type LeaseGrant,
  type LeaseOrder,
  leaseOrder,
  TokenLeases,
} from '../../core/lib/token-lease.ts'
import type { BudgetObserver } from './arm-observer.ts'
import {
  type Bucket,
  type Budget,
  type CallBudget,
  type CallPurpose,
  PURPOSES,
  type ThrottledLimit,
} from './call-budget.ts'

/** The ledger in which all processes with the same Azure identity count their calls. */
export interface BudgetLedger {
  /** Grants orders of tokens. Each bucket occurs once in the orders. */
  lease(orders: readonly LeaseOrder[]): Promise<LeaseGrant[]>
  /** Empties a bucket for this time, for every process. */
  block(order: LeaseOrder, waitMs: number): Promise<void>
}

/** The maximum wait for the ledger, because a cutover must not wait for a database. */
const LEDGER_LIMIT_MS = 250
/** After a timeout, the ledger is not called for this time. */
const LEDGER_PAUSE_MS = 1_000
/** A process orders as many tokens in advance as the bucket refills in this time, up to this number. */
const AHEAD_MS = 200
const MAX_AHEAD = 50
/** Azure requests longer waits only during outages. */
const MAX_BLOCK_MS = 300_000

/**
 * A budget that all processes share through a ledger. A process leases a few tokens at a time, and leases the next
 * tokens before it needs them, so that most calls do not wait. If the ledger does not respond, calls for people and
 * jobs continue within the budget of the process, and background calls wait.
 */
export class SharedCallBudget implements Budget {
  readonly #own: CallBudget
  readonly #ledger: BudgetLedger
  readonly #observer: BudgetObserver | undefined
  readonly #now: () => number
  readonly #leases = new TokenLeases()
  readonly #lanes = new Map<CallPurpose, Lane>()
  #awayUntilMs = 0

  constructor(
    own: CallBudget,
    ledger: BudgetLedger,
    observer?: BudgetObserver,
    now: () => number = () => performance.now(),
  ) {
    this.#own = own
    this.#ledger = ledger
    this.#observer = observer
    this.#now = now
  }

  async acquire(method: string, pathAndQuery: string, purpose: CallPurpose): Promise<number> {
    const buckets = this.#own.bucketsOf(method, pathAndQuery)
    const shared = buckets.filter(({ isOfCluster }) => !isOfCluster)
    const waitMs = this.#own.waitMs(buckets, purpose) || (await this.#takeShared(shared, purpose))
    if (waitMs === 0) this.#own.spend(buckets)
    else this.#observer?.waits(purpose, waitMs)
    return waitMs
  }

  throttled(method: string, pathAndQuery: string, retryAfterMs: number | null, limit: ThrottledLimit): void {
    const buckets = this.#own.bucketsOf(method, pathAndQuery)
    // The most specific limit comes first. A limit of one cluster affects only the job of this cluster, which waits anyway.
    const bucket = buckets.find(({ isOfSubscription }) => isOfSubscription === (limit === 'subscription'))
    if (bucket === undefined || bucket.isOfCluster || retryAfterMs === null) return
    for (const purpose of this.#lanes.keys()) this.#leases.drop(leaseKey(bucket, purpose))
    const order = leaseOrder(bucket.key, bucket.size, 1, 0)
    this.#ledger.block(order, Math.min(retryAfterMs, MAX_BLOCK_MS)).catch(() => this.#unanswered())
  }

  async #takeShared(buckets: readonly Bucket[], purpose: CallPurpose): Promise<number> {
    if (this.#take(buckets, purpose)) return 0
    const { isBackground } = PURPOSES[purpose]
    const isAway = () => this.#now() < this.#awayUntilMs
    if (isAway()) return isBackground ? LEDGER_PAUSE_MS : 0
    const nowMs = this.#now()
    const missing = buckets.filter((bucket) => this.#leases.left(leaseKey(bucket, purpose), nowMs) === 0)
    const waitMs = await this.#lane(purpose).order(missing, 1)
    if (waitMs === null) return isBackground ? LEDGER_PAUSE_MS : 0
    return this.#take(buckets, purpose) ? 0 : Math.max(1, waitMs)
  }

  #take(buckets: readonly Bucket[], purpose: CallPurpose): boolean {
    const keys = buckets.map((bucket) => leaseKey(bucket, purpose))
    if (!this.#leases.take(keys, this.#now())) return false
    this.#orderAhead(buckets, purpose)
    return true
  }

  /** Orders tokens for later calls. Buckets that refill slowly are excluded, because an unused token would be lost. */
  #orderAhead(buckets: readonly Bucket[], purpose: CallPurpose): void {
    const nowMs = this.#now()
    if (nowMs < this.#awayUntilMs) return
    const low = buckets.filter(
      (bucket) => this.#leases.left(leaseKey(bucket, purpose), nowMs) < tokensAhead(bucket) / 2,
    )
    if (low.length > 0) void this.#lane(purpose).order(low, 0)
  }

  #lane(purpose: CallPurpose): Lane {
    const present = this.#lanes.get(purpose)
    if (present !== undefined) return present
    const lane = new Lane((wanted) => this.#send(wanted, purpose))
    this.#lanes.set(purpose, lane)
    return lane
  }

  /** Orders tokens; returns the wait for the next token of each bucket that granted none, or null without an answer. */
  async #send(wanted: readonly Wanted[], purpose: CallPurpose): Promise<Map<string, number> | null> {
    const { share } = PURPOSES[purpose]
    const orders = wanted.map(({ bucket, tokens }) =>
      leaseOrder(bucket.key, bucket.size, share, tokens + tokensAhead(bucket)),
    )
    const askedMs = this.#now()
    const grants = await answerWithin(this.#ledger.lease(orders), LEDGER_LIMIT_MS)
    if (grants === null) {
      this.#unanswered()
      return null
    }
    const waits = new Map<string, number>()
    for (const grant of grants) {
      const order = orders.find(({ bucket }) => bucket === grant.bucket)
      this.#leases.put(`${grant.bucket} ${purpose}`, grant.granted, askedMs)
      if (order !== undefined && grant.granted < order.wanted)
        waits.set(grant.bucket, grantWaitMs(order, grant))
    }
    return waits
  }

  #unanswered(): void {
    this.#awayUntilMs = this.#now() + LEDGER_PAUSE_MS
    this.#observer?.unanswered()
  }
}

function leaseKey({ key }: Bucket, purpose: CallPurpose): string {
  return `${key} ${purpose}`
}

function tokensAhead({ size }: Bucket): number {
  return Math.min(MAX_AHEAD, Math.floor((size.refill * AHEAD_MS) / 1_000))
}

interface Wanted {
  bucket: Bucket
  tokens: number
}

type Send = (wanted: readonly Wanted[]) => Promise<Map<string, number> | null>

/** Sends the orders of one purpose one after the other. Orders that arrive in the meantime are sent together. */
class Lane {
  readonly #send: Send
  #next: { wanted: Map<string, Wanted>; waits: Promise<Map<string, number> | null> } | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(send: Send) {
    this.#send = send
  }

  /** The longest wait for a bucket without a token, 0 if all granted enough; null without an answer. */
  async order(buckets: readonly Bucket[], tokens: number): Promise<number | null> {
    this.#next ??= this.#begin()
    const { wanted, waits } = this.#next
    for (const bucket of buckets) {
      const present = wanted.get(bucket.key)
      wanted.set(bucket.key, { bucket, tokens: (present?.tokens ?? 0) + tokens })
    }
    const answer = await waits
    return answer === null ? null : Math.max(0, ...buckets.map(({ key }) => answer.get(key) ?? 0))
  }

  #begin() {
    const wanted = new Map<string, Wanted>()
    const waits = this.#last.then(() => {
      this.#next = null
      return this.#send([...wanted.values()])
    })
    this.#last = waits.catch(() => null)
    return { wanted, waits }
  }
}

/** Null if there is no answer in time, or an error. */
async function answerWithin<T>(work: Promise<T>, limitMs: number): Promise<T | null> {
  const { promise: limit, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), limitMs)
  try {
    return await Promise.race([work.catch(() => null), limit])
  } finally {
    clearTimeout(timer)
  }
}
