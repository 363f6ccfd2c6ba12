import { asCidr } from '../core/cidr.ts'
import type { Job } from '../core/job/job.ts'
import { addressesOf } from '../core/job/known-addresses.ts'
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
      detach: isDone || hasOnlyItsGateways(job, plan),
      narrow: isDone ? plan.authorizedRanges.removeLater : addedBy(job, plan),
      delete: isDone ? [] : madeBy(job, plan),
    },
    reason: `Clean-up of job ${job.id}`,
  }
}

/**
 * Whether what shadows the former type now is what the job attached before a switch that never came: gateways, where
 * nothing stood in the way before. A route that it led elsewhere has to be led back, which is no clean-up.
 */
function hasOnlyItsGateways(job: Job, { from, steps }: Plan): boolean {
  const altered = steps.flatMap(({ key, does }) =>
    does.kind === 'putResource' && does.body === null && hasWritten(job, key) ? does.changes : [],
  )
  const isUntouched = from.effective === 'loadBalancer' && job.rollback === null
  return isUntouched && altered.length > 0 && altered.every(({ path }) => path === '/properties/natGateway')
}

/** New resources that the job has made, the last first: a gateway goes before the addresses that it holds. */
function madeBy(job: Job, plan: Plan): string[] {
  return plan.steps
    .flatMap(({ key, does }) =>
      does.kind === 'putResource' && does.body !== null && hasWritten(job, key) ? [does.id] : [],
    )
    .reverse()
}

/**
 * Ranges that the job has added, those of addresses that it has made included: one that is deleted belongs to somebody
 * else tomorrow. What others have added since is theirs, even where the plan wanted the same.
 */
function addedBy(job: Job, { authorizedRanges: { add, addPrepared } }: Plan): string[] {
  if (!hasWritten(job, 'widen-authorized-ranges')) return []
  return [...add, ...addressesOf(addPrepared, job.preparedAddresses).map(asCidr)]
}

/** A step is done without a write where somebody else was faster: what stands there then is not the job's to take away. */
function hasWritten({ steps }: Job, step: string): boolean {
  return steps.some(({ key, status, attempts }) => key === step && status === 'Succeeded' && attempts > 0)
}
