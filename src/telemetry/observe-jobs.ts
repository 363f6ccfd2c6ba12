import type { JobState } from '../core/job/job-state.ts'
import type { JobsObserver } from '../jobs/observer.ts'
import type { Metrics } from './metrics.ts'
import type { Tracing } from './tracing.ts'

/** Counts what jobs go through, and makes a span of each tick under the request that began its job. */
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
      metrics.jobSeconds.observe({ status }, between(after.acceptedAt, after.finishedAt))
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
    metrics.stepSeconds.observe({ step, status: now.status }, between(now.startedAt, now.finishedAt))
  }
}

function between(begin: string, end: string): number {
  return Math.max(0, (Date.parse(end) - Date.parse(begin)) / 1_000)
}
