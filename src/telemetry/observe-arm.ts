import type { ArmHeadroom, ArmObserver, ArmOutcome } from '../azure/client/arm-observer.ts'
import { type Metrics, statusClass } from './metrics.ts'
import type { Tracing } from './tracing.ts'

/** Whether Resource Manager is reachable, according to the requests of this process. */
export interface ArmContact {
  /** The time of the last response, of any status. */
  answeredAt: Date | null
  /** The time of the last request without a response or with a status of 5xx. */
  failedAt: Date | null
}

/** The age at which the remaining amount of a limit is outdated: Resource Manager refills limits within minutes. */
const HEADROOM_TTL_MS = 300_000
/** Label values come from URLs, so their number is limited. */
const MAX_LABEL_VALUES = 60

/** Counts requests to Resource Manager, creates a span for each, and stores its limits and the time of its last response. */
export function observeArm(
  metrics: Metrics,
  tracing: Tracing | null,
  now: () => Date,
): { observe: ArmObserver; contact: ArmContact; refresh(): void } {
  const contact: ArmContact = { answeredAt: null, failedAt: null }
  const headroom = new Headroom()
  const known = boundLabels()
  return {
    contact,
    observe({ method, operation: rawOperation }) {
      const operation = known(rawOperation)
      const begin = performance.now()
      const span = tracing?.begin(`ARM ${method} ${operation}`, 'client', {
        attributes: { 'egress.arm.method': method, 'egress.arm.operation': operation },
      })
      return (outcome) => {
        const status = outcome.status === null ? 'none' : statusClass(outcome.status)
        const labels = { method, operation, status, fault: outcome.fault ?? 'none' }
        metrics.armSeconds.observe(labels, (performance.now() - begin) / 1_000)
        contact[outcome.fault === 'transient' ? 'failedAt' : 'answeredAt'] = now()
        for (const left of outcome.headroom)
          headroom.note({ ...left, bucket: known(left.bucket) }, now().getTime())
        span?.end(attributesOf(outcome), outcome.fault !== null && outcome.fault !== 'not-found')
      }
    },
    refresh() {
      metrics.armRemaining.reset()
      for (const [bucket, least] of headroom.least(now().getTime()))
        metrics.armRemaining.set({ bucket }, least)
    },
  }
}

function attributesOf({ status, fault, requestId }: ArmOutcome): Record<string, string | number> {
  return {
    ...(status === null ? {} : { 'http.response.status_code': status }),
    ...(fault === null ? {} : { 'error.type': fault }),
    ...(requestId === null ? {} : { 'azure.request_id': requestId }),
  }
}

/** The remaining amount of each limit for each subscription, from the last response of ARM. */
class Headroom {
  readonly #last = new Map<string, { bucket: string; remaining: number; atMs: number }>()

  note({ bucket, subscriptionId, remaining }: ArmHeadroom, atMs: number): void {
    this.#last.set(`${bucket} ${subscriptionId}`, { bucket, remaining, atMs })
  }

  least(nowMs: number): Map<string, number> {
    const least = new Map<string, number>()
    for (const [key, { bucket, remaining, atMs }] of this.#last) {
      if (atMs < nowMs - HEADROOM_TTL_MS) this.#last.delete(key)
      else least.set(bucket, Math.min(remaining, least.get(bucket) ?? remaining))
    }
    return least
  }
}

function boundLabels(): (word: string) => string {
  const known = new Set<string>()
  return (word) => {
    if (!/^[A-Za-z/-]{1,60}$/.test(word)) return 'other'
    if (known.size < MAX_LABEL_VALUES) known.add(word)
    return known.has(word) ? word : 'other'
  }
}
