import { type BucketSize, TokenBuckets } from '../../core/lib/token-lease.ts'
import { ArmFault, BUDGET_SPENT } from '../errors/arm-fault.ts'

interface Rule {
  name: string
  method: RegExp
  /** The groups of the pattern and the name of the rule identify the bucket. */
  path: RegExp
  size: BucketSize
  /**
   * Whether each process counts this limit for itself: a cluster has one job at a time, which runs in one process at a
   * time.
   */
  isOfCluster?: boolean
  /** The limit of the whole subscription, over all resource providers. */
  isOfSubscription?: boolean
}

const CLUSTER =
  '/subscriptions/([^/?]+)/resourceGroups/([^/?]+)/providers/Microsoft\\.ContainerService/managedClusters/([^/?]+)'
const AKS_OF_SUBSCRIPTION = '/subscriptions/([^/?]+)/providers/Microsoft\\.ContainerService'

/**
 * The limits of AKS (Learn: quotas-skus-regions), which are stricter than the limits of Resource Manager. A request
 * counts in the first bucket that it matches. AKS counts by subscription and region. Only the path of an operation
 * names its region, so the other buckets of a subscription count all of its regions.
 */
const AKS_RULES: readonly Rule[] = [
  {
    name: 'cluster-put',
    method: /^PUT$/,
    path: new RegExp(`^${CLUSTER}\\?`, 'i'),
    size: { burst: 20, refill: 1 / 60 },
    isOfCluster: true,
  },
  {
    name: 'cluster-get',
    method: /^GET$/,
    path: new RegExp(`^${CLUSTER}\\?`, 'i'),
    size: { burst: 60, refill: 1 },
    isOfCluster: true,
  },
  {
    name: 'operation-status',
    method: /^GET$/,
    path: new RegExp(`^${AKS_OF_SUBSCRIPTION}/locations/([^/?]+)/operations/`, 'i'),
    size: { burst: 200, refill: 2 },
  },
  {
    name: 'cluster-list',
    method: /^GET$/,
    path: new RegExp(`^${AKS_OF_SUBSCRIPTION}/managedClusters\\?`, 'i'),
    size: { burst: 500, refill: 1 },
  },
  {
    name: 'aks-other',
    method: /./,
    path: /^\/subscriptions\/([^/?]+)\/(?:resourceGroups\/[^/?]+\/)?providers\/Microsoft\.ContainerService\//i,
    size: { burst: 60, refill: 1 },
  },
]

/**
 * The limits of Resource Manager and Resource Graph for one principal (Learn: request-limits-and-throttling,
 * guidance-for-throttled-requests), in addition to the limits of AKS.
 */
const ARM_RULES: readonly Rule[] = [
  {
    name: 'graph',
    method: /^POST$/,
    path: /^\/providers\/Microsoft\.ResourceGraph\//i,
    size: { burst: 15, refill: 3 },
  },
  {
    name: 'reads',
    method: /^GET$/,
    path: /^\/subscriptions\/([^/?]+)\//i,
    size: { burst: 250, refill: 25 },
    isOfSubscription: true,
  },
  {
    name: 'writes',
    method: /^(PUT|POST|PATCH)$/,
    path: /^\/subscriptions\/([^/?]+)\//i,
    size: { burst: 200, refill: 10 },
    isOfSubscription: true,
  },
  {
    name: 'deletes',
    method: /^DELETE$/,
    path: /^\/subscriptions\/([^/?]+)\//i,
    size: { burst: 200, refill: 10 },
    isOfSubscription: true,
  },
]

/** A bucket in which a request counts. */
export interface Bucket {
  key: string
  size: BucketSize
  isOfCluster: boolean
  isOfSubscription: boolean
}

/**
 * The purposes of calls to Azure, with the part of each bucket that they may use: plans and reports must leave calls
 * for running jobs of the same subscription. No caller waits for background calls.
 */
export const PURPOSES = {
  jobs: { share: 1, isBackground: false },
  plans: { share: 0.8, isBackground: false },
  reports: { share: 0.6, isBackground: false },
  campaigns: { share: 0.5, isBackground: true },
  estate: { share: 0.4, isBackground: true },
} as const
export type CallPurpose = keyof typeof PURPOSES

/** A 429 response of a resource provider does not affect the limits of the subscription or of other providers. */
export type ThrottledLimit = 'provider' | 'subscription'

/** Keeps calls within the limits of Azure: a request without a token is not sent. */
export interface Budget {
  /** The milliseconds until every bucket of the request has a token; 0 if the tokens were taken. */
  acquire(method: string, pathAndQuery: string, purpose: CallPurpose): number | Promise<number>
  /** Records that Azure answered a request with 429; `limit` is the limit that the response names. */
  throttled(method: string, pathAndQuery: string, retryAfterMs: number | null, limit: ThrottledLimit): void
}

/** At this number of buckets, full buckets are deleted. */
const MANY_BUCKETS = 10_000

/** The use of the limits of Azure. */
export interface BudgetScale {
  /** The speed of a simulated Azure relative to real time. Default: 1. */
  timeScale?: number
  /** The part of each limit that this service may use. Default: 1. */
  part?: number
}

/** The budget of one process. */
export class CallBudget implements Budget {
  readonly #buckets = new TokenBuckets()
  readonly #scale: number
  readonly #now: () => number

  /** `now` is a monotonic clock: a wall clock that is set back would empty every bucket until it catches up. */
  constructor({ timeScale = 1, part = 1 }: BudgetScale = {}, now: () => number = () => performance.now()) {
    this.#scale = timeScale * part
    this.#now = now
  }

  acquire(method: string, pathAndQuery: string, purpose: CallPurpose = 'jobs'): number {
    const buckets = this.bucketsOf(method, pathAndQuery)
    const waitMs = this.waitMs(buckets, purpose)
    if (waitMs === 0) this.spend(buckets)
    return waitMs
  }

  /** This budget counts one process only: the caller waits as long as Azure requests. */
  throttled(): void {}

  bucketsOf(method: string, pathAndQuery: string): Bucket[] {
    const found = (rules: readonly Rule[]) =>
      rules.flatMap(
        ({ name, method: methods, path, size, isOfCluster = false, isOfSubscription = false }) => {
          const match = methods.test(method) ? path.exec(pathAndQuery) : null
          const key = [name, ...(match?.slice(1) ?? [])].join(' ').toLowerCase()
          return match === null ? [] : [{ key, size: this.#scaled(size), isOfCluster, isOfSubscription }]
        },
      )
    return [...found(AKS_RULES).slice(0, 1), ...found(ARM_RULES)]
  }

  waitMs(buckets: readonly Bucket[], purpose: CallPurpose): number {
    const { share } = PURPOSES[purpose]
    const nowMs = this.#now()
    const waits = buckets.map(({ key, size }) =>
      this.#buckets.waitMs(key, { ...size, burst: size.burst * share }, nowMs),
    )
    return Math.max(0, ...waits)
  }

  spend(buckets: readonly Bucket[]): void {
    const nowMs = this.#now()
    if (this.#buckets.size > MANY_BUCKETS) this.#buckets.forget(nowMs)
    for (const { key, size } of buckets) this.#buckets.spend(key, size, nowMs)
  }

  #scaled({ burst, refill }: BucketSize): BucketSize {
    return { burst: burst * this.#scale, refill: refill * this.#scale }
  }
}

/** The same error as a 429 response of Azure, without a request. */
export function budgetFault(waitMs: number): ArmFault {
  return new ArmFault({
    kind: 'throttled',
    code: BUDGET_SPENT,
    message: 'This service has used its current budget of calls to Azure, so it sent no request.',
    retryAfterMs: waitMs,
  })
}
