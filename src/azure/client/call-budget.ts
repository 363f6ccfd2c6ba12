import { type BucketSize, TokenBuckets } from '../../core/lib/token-bucket.ts'
import { ArmFault, BUDGET_SPENT } from '../errors/arm-fault.ts'

interface Rule {
  name: string
  method: RegExp
  /** Its groups name the bucket together with the rule. */
  path: RegExp
  size: BucketSize
}

const CLUSTER =
  '/subscriptions/([^/?]+)/resourceGroups/([^/?]+)/providers/Microsoft\\.ContainerService/managedClusters/([^/?]+)'

/**
 * What Resource Manager and its services allow one principal (Learn: request-limits-and-throttling, quotas-skus-regions,
 * guidance-for-throttled-requests). The first three rules are those of AKS, which are stricter; a request counts in
 * every bucket that it matches.
 */
const RULES: readonly Rule[] = [
  {
    name: 'cluster-put',
    method: /^PUT$/,
    path: new RegExp(`^${CLUSTER}\\?`, 'i'),
    size: { burst: 20, refill: 1 / 60 },
  },
  {
    name: 'cluster-get',
    method: /^GET$/,
    path: new RegExp(`^${CLUSTER}\\?`, 'i'),
    size: { burst: 60, refill: 1 },
  },
  {
    name: 'operation-status',
    method: /^GET$/,
    path: /^\/subscriptions\/([^/?]+)\/providers\/Microsoft\.ContainerService\/locations\/([^/?]+)\/operations\//i,
    size: { burst: 200, refill: 2 },
  },
  {
    name: 'graph',
    method: /^POST$/,
    path: /^\/providers\/Microsoft\.ResourceGraph\//i,
    size: { burst: 15, refill: 3 },
  },
  { name: 'reads', method: /^GET$/, path: /^\/subscriptions\/([^/?]+)\//i, size: { burst: 250, refill: 25 } },
  {
    name: 'writes',
    method: /^(PUT|POST|PATCH)$/,
    path: /^\/subscriptions\/([^/?]+)\//i,
    size: { burst: 200, refill: 10 },
  },
  {
    name: 'deletes',
    method: /^DELETE$/,
    path: /^\/subscriptions\/([^/?]+)\//i,
    size: { burst: 200, refill: 10 },
  },
]

/** Buckets that are full again are forgotten when there are this many. */
const MANY_BUCKETS = 10_000

/**
 * Keeps a process within what Azure allows: a request for which there is no token is not sent. `scale` is how much
 * faster than real time the Azure behind it runs.
 */
export class CallBudget {
  readonly #buckets = new TokenBuckets()
  readonly #scale: number
  readonly #now: () => number

  /** `now` is a monotonic clock: a wall clock that is set back would empty every bucket until it catches up. */
  constructor(scale: number, now: () => number = () => performance.now()) {
    this.#scale = scale
    this.#now = now
  }

  /**
   * Milliseconds until there is a token in every bucket that the request counts in; 0 when it has been taken. A request
   * with a share below 1 leaves the rest of each bucket to others.
   */
  acquire(method: string, pathAndQuery: string, share = 1): number {
    const nowMs = this.#now()
    if (this.#buckets.size > MANY_BUCKETS) this.#buckets.forget(nowMs)
    const counted = RULES.flatMap(({ name, method: methods, path, size }) => {
      const match = methods.test(method) ? path.exec(pathAndQuery) : null
      return match === null
        ? []
        : [{ key: [name, ...match.slice(1)].join(' ').toLowerCase(), size: this.#scaled(size) }]
    })
    const waitMs = Math.max(
      0,
      ...counted.map(({ key, size }) =>
        this.#buckets.waitMs(key, { ...size, burst: size.burst * share }, nowMs),
      ),
    )
    if (waitMs === 0) for (const { key, size } of counted) this.#buckets.spend(key, size, nowMs)
    return waitMs
  }

  #scaled({ burst, refill }: BucketSize): BucketSize {
    return { burst: burst * this.#scale, refill: refill * this.#scale }
  }
}

/** As Azure would have said it, before it had to. */
export function budgetFault(waitMs: number): ArmFault {
  return new ArmFault({
    kind: 'throttled',
    code: BUDGET_SPENT,
    message: 'This process has used its current budget of calls to Azure, so it sent no request.',
    retryAfterMs: waitMs,
  })
}
