import type { Job } from '../core/job/job.ts'
import type { TypeKey } from '../core/outbound-type.ts'
import type { Plan } from '../core/plan.ts'
import { Refusal } from '../core/refusal.ts'
import type { PlanRequest } from '../core/target.ts'

/**
 * What a job leaves to be cleaned up: after a change that went well, what only the former egress needed; after one
 * that was taken back or never came to the switch, what had been made for the new one. Throws a `Refusal` where the
 * job has not ended, or nobody can say which of the two it is.
 */
export function cleanUpRequest(job: Job, plan: Plan): PlanRequest {
  const { from, to } = plan.transition
  if (!job.actions.cleanUpPlan || from === null)
    throw new Refusal('CLEAN_UP_NOT_AVAILABLE', { jobId: job.id, status: job.status })
  const isDone = job.status === 'Succeeded'
  const { subscriptionId, resourceGroup, name } = plan.cluster
  return {
    cluster: { subscriptionId, resourceGroup, name },
    target: { outboundType: isDone ? to : (from satisfies TypeKey) },
    authorizedRanges: 'widen',
    cleanUp: {
      detach: isDone,
      narrow: isDone ? plan.authorizedRanges.removeLater : plan.authorizedRanges.add,
      delete: isDone ? [] : madeBy(job, plan),
    },
    reason: `Clean-up of job ${job.id}`,
  }
}

/** New resources that the job has made, the last first: a gateway goes before the addresses that it holds. */
function madeBy(job: Job, plan: Plan): string[] {
  const done = new Set(job.steps.filter(({ status }) => status === 'Succeeded').map(({ key }) => key))
  return plan.steps
    .flatMap(({ key, does }) =>
      does.kind === 'putResource' && does.body !== null && done.has(key) ? [does.id] : [],
    )
    .reverse()
}
