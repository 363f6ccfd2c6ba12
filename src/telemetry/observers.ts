import type { BudgetObserver } from '../azure/client/arm-observer.ts'
import type { Plan } from '../contract/plan.ts'
import type { JobState } from '../core/job/job-state.ts'
import type { InventoryObserver } from '../inventory/deps.ts'
import type { JobsObserver } from '../jobs/deps.ts'
import type { Planning } from '../planning/planning.ts'
import type { TakeSnapshot } from '../planning/snapshot/take-snapshot.ts'
import type { HttpObserver } from '../routes/server/observe-requests.ts'
import type { WebhooksObserver } from '../webhooks/deps.ts'
import { type Metrics, statusClass } from './metrics.ts'
import { type Attributes, errorType, type Tracing, withSpan } from './tracing.ts'

/** Counts every request, and creates a span for each, except for probes and scrapes. */
export function observeHttp({ requests }: Metrics, tracing: Tracing | null): HttpObserver {
  return ({ operation, method, route, isQuiet, traceparent }) => {
    let hasEnded = false
    const span =
      tracing === null || isQuiet
        ? null
        : tracing.begin(route === null ? method : `${method} ${route}`, 'server', {
            parent: traceparent ?? null,
            attributes: {
              'http.request.method': method,
              ...(route === null ? {} : { 'http.route': route }),
              ...(operation === null ? {} : { 'egress.operation': operation }),
            },
          })
    return {
      run: (part) => (span === null ? part() : span.run(part)),
      end({ status, code, seconds }) {
        if (hasEnded) return
        hasEnded = true
        requests.observe({ operation: operation ?? 'none', status: statusClass(status) }, seconds)
        const attributes: Attributes = { 'http.response.status_code': status }
        if (code !== null) attributes['error.type'] = code
        span?.end(attributes, status >= 500)
      },
    }
  }
}

/** Counts the events of jobs, and creates a span for each tick. Its parent is the request that created the job. */
export function observeJobs(metrics: Metrics, tracing: Tracing | null): JobsObserver {
  return {
    traceparent: () => tracing?.traceparent() ?? null,
    accepted: () => metrics.jobsAccepted.inc(),
    async tick({ jobId, cluster, action, step, traceparent }, run) {
      const stop = metrics.tickSeconds.startTimer({ action })
      const span = tracing?.begin(`tick ${action}`, 'consumer', {
        parent: traceparent,
        attributes: {
          'egress.job.id': jobId,
          'egress.cluster.id': cluster,
          'egress.action': action,
          ...(step === null ? {} : { 'egress.step': step }),
        },
      })
      let hasFailed = true
      try {
        await (span === undefined ? run() : span.run(run))
        hasFailed = false
      } finally {
        stop()
        span?.end({}, hasFailed)
      }
    },
    advanced(before, after) {
      countSteps(metrics, before, after)
      if (before.finishedAt !== null || after.finishedAt === null) return
      const { status } = after
      metrics.jobsEnded.inc({ status, code: after.error?.code ?? 'none' })
      metrics.jobSeconds.observe({ status }, secondsBetween(after.acceptedAt, after.finishedAt))
    },
  }
}

/** A step that was skipped without having begun has no duration. */
function countSteps(metrics: Metrics, before: JobState, after: JobState): void {
  for (const [step, now] of Object.entries(after.steps)) {
    const then = before.steps[step]
    const faults = now.faults.count - (then?.faults.count ?? 0)
    if (faults > 0) metrics.stepFaults.inc({ step, kind: now.faults.kind ?? 'unknown' }, faults)
    if (now.finishedAt === null || now.startedAt === null || then?.finishedAt !== null) continue
    metrics.stepSeconds.observe({ step, status: now.status }, secondsBetween(now.startedAt, now.finishedAt))
  }
}

function secondsBetween(begin: string, end: string): number {
  return Math.max(0, (Date.parse(end) - Date.parse(begin)) / 1_000)
}

/** Counts plans by status and target, and creates a span for each. */
export function observePlanning(planning: Planning, metrics: Metrics, tracing: Tracing | null): Planning {
  const counted = async (name: string, make: () => Promise<Plan>): Promise<Plan> => {
    try {
      const plan = await withSpan(tracing, name, {}, make)
      metrics.plans.inc({ status: plan.status, target: plan.to.outboundType })
      return plan
    } catch (error) {
      metrics.plansRefused.inc({ code: errorType(error) })
      throw error
    }
  }
  return {
    ...planning,
    makePlan: (...args) => counted('plan', () => planning.makePlan(...args)),
    makeCleanupPlan: (...args) => counted('cleanup plan', () => planning.makeCleanupPlan(...args)),
    makeRollbackPlan: (...args) => counted('rollback plan', () => planning.makeRollbackPlan(...args)),
  }
}

/** Measures the duration of snapshots. A span for each groups its requests in a trace. */
export function observeSnapshots(
  take: TakeSnapshot,
  metrics: Metrics,
  tracing: Tracing | null,
): TakeSnapshot {
  return async (...args) => {
    const stop = metrics.snapshots.startTimer()
    try {
      const snapshot = await withSpan(tracing, 'snapshot', {}, () => take(...args))
      stop({ outcome: 'taken' })
      return snapshot
    } catch (error) {
      stop({ outcome: 'failed' })
      throw error
    }
  }
}

/** Counts attempts and disabled webhooks. */
export function observeWebhooks(metrics: Metrics): WebhooksObserver {
  return {
    attempted: (outcome) => metrics.webhookAttempts.inc({ outcome }),
    disabled: (because) => metrics.webhooksDisabled.inc({ because }),
  }
}

/** Counts changes of clusters, and measures the duration of refreshes. */
export function observeInventory(metrics: Metrics): InventoryObserver {
  return {
    changed: (kind) => metrics.inventoryChanges.inc({ kind }),
    refreshed: (status, seconds) => metrics.refreshSeconds.observe({ status }, seconds),
  }
}

/** Counts calls to Azure that wait for the budget that all processes share. */
export function observeBudget({ budgetWaits, budgetUnanswered }: Metrics): BudgetObserver {
  return {
    waits: (purpose, waitMs) => budgetWaits.observe({ purpose }, waitMs / 1_000),
    unanswered: () => budgetUnanswered.inc(),
  }
}
