import type { Planning, StoredPlan } from '../planning/planning.ts'
import type { TakeSnapshot } from '../planning/take-snapshot.ts'
import type { Metrics } from './metrics.ts'
import { errorType, type Tracing, traced } from './tracing.ts'

/** The same planning, with its plans counted by what they say, each within a span. */
export function observePlanning(planning: Planning, metrics: Metrics, tracing: Tracing | null): Planning {
  const counted = async (name: string, make: () => Promise<StoredPlan>): Promise<StoredPlan> => {
    try {
      const made = await traced(tracing, name, {}, make)
      metrics.plans.inc({ status: made.status, target: made.to.outboundType })
      return made
    } catch (error) {
      metrics.plansRefused.inc({ code: errorType(error) })
      throw error
    }
  }
  return {
    ...planning,
    makePlan: (...given) => counted('plan', () => planning.makePlan(...given)),
    makeRollbackPlan: (...given) => counted('rollback plan', () => planning.makeRollbackPlan(...given)),
  }
}

/** The same look at a cluster, timed and within a span, so that its requests stand together in a trace. */
export function observeSnapshots(
  take: TakeSnapshot,
  metrics: Metrics,
  tracing: Tracing | null,
): TakeSnapshot {
  return async (...given) => {
    const stop = metrics.snapshots.startTimer()
    try {
      const snapshot = await traced(tracing, 'snapshot', {}, () => take(...given))
      stop({ outcome: 'taken' })
      return snapshot
    } catch (error) {
      stop({ outcome: 'failed' })
      throw error
    }
  }
}
