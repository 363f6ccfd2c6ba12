import type { ArmResponse } from '../arm/arm-request.ts'

/** A documented limit. The groups of `path` identify the bucket of a request. */
interface Limit {
  method: RegExp
  path: RegExp
  burst: number
  perSecond: number
  message: string
}

const SUBSCRIPTION = '^/subscriptions/([^/?]+)'
const AKS = '/providers/Microsoft\\.ContainerService'
const CLUSTER = `${SUBSCRIPTION}/resourceGroups/([^/?]+)${AKS}/managedClusters/([^/?]+)`

function limit(method: RegExp, path: string, burst: number, perSecond: number, message: string): Limit {
  return { method, path: new RegExp(path, 'i'), burst, perSecond, message }
}

/**
 * AKS: https://learn.microsoft.com/en-us/azure/aks/quotas-skus-regions. A request counts in the first limit that it
 * matches. AKS counts by region; this simulator counts all regions of a subscription together, which is stricter.
 */
const AKS_LIMITS = [
  limit(/GET/, `${SUBSCRIPTION}${AKS}/managedClusters\\?`, 500, 1, 'ListManagedClusters'),
  limit(
    /GET/,
    `${SUBSCRIPTION}/resourceGroups/([^/?]+)${AKS}/managedClusters\\?`,
    60,
    1,
    'ListManagedClusters',
  ),
  limit(/PUT/, `${CLUSTER}/agentPools/([^/?]+)\\?`, 20, 1 / 60, 'PutAgentPool'),
  limit(/PUT/, `${CLUSTER}\\?`, 20, 1 / 60, 'PutManagedCluster'),
  limit(/GET/, `${CLUSTER}\\?`, 60, 1, 'GetManagedCluster'),
  limit(/GET/, `${SUBSCRIPTION}${AKS}/locations/([^/?]+)/operations/`, 200, 2, 'GetOperationStatus'),
  limit(/./, `${SUBSCRIPTION}(?:/resourceGroups/[^/?]+)?${AKS}/`, 60, 1, 'AllOtherAPIs'),
]

/** Resource Manager, by subscription: https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/request-limits-and-throttling. */
const ARM_LIMITS = [
  limit(/GET/, `${SUBSCRIPTION}/`, 250, 25, 'read requests'),
  limit(/PUT|POST|PATCH/, `${SUBSCRIPTION}/`, 200, 10, 'write requests'),
  limit(/DELETE/, `${SUBSCRIPTION}/`, 200, 10, 'delete requests'),
  limit(/POST/, '^/providers/Microsoft\\.ResourceGraph/', 15, 3, 'queries of Resource Graph'),
]

/** Rejects calls beyond the documented limits of Azure with 429. The limits grow with the speed of the simulation. */
export class CallLimits {
  readonly #scale: number
  readonly #now: () => number
  /** The time at which each bucket is full again. */
  readonly #fullAt = new Map<string, number>()

  constructor(scale: number, now: () => number = () => performance.now()) {
    this.#scale = scale
    this.#now = now
  }

  /** The response to a call beyond a limit; undefined for a call within all limits, which then counts. */
  reject(method: string, url: string): ArmResponse | undefined {
    const matching = (limits: readonly Limit[]) =>
      limits.flatMap((rule) => {
        const match = rule.method.test(method) ? rule.path.exec(url) : null
        return match === null
          ? []
          : [{ rule, key: [rule.message, ...match.slice(1)].join(' ').toLowerCase() }]
      })
    const counted = [...matching(AKS_LIMITS).slice(0, 1), ...matching(ARM_LIMITS)]
    const nowMs = this.#now()
    const checked = counted.map(({ rule, key }) => {
      const tokenMs = 1_000 / (rule.perSecond * this.#scale)
      const fullAt = Math.max(this.#fullAt.get(key) ?? 0, nowMs) + tokenMs
      return { rule, key, fullAt, overMs: fullAt - nowMs - rule.burst * this.#scale * tokenMs }
    })
    // A call that arrives a fraction of a millisecond early is still within the limit.
    const over = checked.find(({ overMs }) => overMs > 1)
    if (over !== undefined) return throttled(over.rule.message, over.overMs)
    for (const { key, fullAt } of checked) this.#fullAt.set(key, fullAt)
    return undefined
  }
}

function throttled(what: string, waitMs: number): ArmResponse {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000))
  const message = `The ${what} limit has been exceeded, please retry again in ${seconds} seconds.`
  return {
    status: 429,
    headers: { 'retry-after': String(seconds) },
    body: { error: { code: 'TooManyRequests', message } },
  }
}
