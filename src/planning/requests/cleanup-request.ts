import type { Job } from '../../contract/job.ts'
import type { TypeKey } from '../../contract/outbound-type.ts'
import type { Plan } from '../../contract/plan.ts'
import { isRoute } from '../../core/arm/resource-id.ts'
import { ownedAttachments } from '../../core/cleanup/owned-attachments.ts'
import { addressesOf } from '../../core/job/expectations.ts'
import { toCidr } from '../../core/lib/cidr.ts'
import { DomainError } from '../../core/lib/errors.ts'
import type { JobResources, PlanningRequest } from '../../core/request/plan-request.ts'

/**
 * What a job leaves to be cleaned up: after a change that went well, what only the former egress needed; after one
 * that was taken back or did not come to its end, what had been made for the new one. Where the cluster has another type
 * by the time, what the job itself has made and left behind. Throws a `DomainError` where the job has not ended.
 */
export function buildCleanupRequest(job: Job, plan: Plan): PlanningRequest {
  const { from, to } = plan.transition
  if (!job.actions.cleanUpPlan || from === null)
    throw new DomainError('CLEAN_UP_NOT_AVAILABLE', { jobId: job.id, status: job.status })
  const isDone = job.status === 'Succeeded'
  const { subscriptionId, resourceGroup, name } = plan.cluster
  const own = ownWork(job, plan)
  return {
    cluster: { subscriptionId, resourceGroup, name },
    target: { outboundType: isDone ? to : (from satisfies TypeKey) },
    authorizedRanges: 'widen',
    cleanUp: {
      detach: isDone,
      narrow: isDone ? plan.authorizedRanges.removeLater : own.ranges,
      delete: isDone ? [] : own.delete,
      leads: isDone ? [] : own.leads,
      leftBehind: own,
    },
    reason: `Clean-up of job ${job.id}`,
  }
}

function ownWork(job: Job, plan: Plan): JobResources {
  const written = plan.steps.filter(({ key }) => hasWritten(job, key))
  return {
    delete: createdResourceIds(written),
    leads: ownedAttachments(written),
    addresses: job.preparedAddresses,
    ranges: addedRanges(job, plan),
  }
}

/** New resources that the job has made, the last first: a gateway goes before the addresses that it holds. */
function createdResourceIds(written: Plan['steps']): string[] {
  return written
    .flatMap(({ does }) =>
      does.kind === 'putResource' && does.body !== null && !isRoute(does.id) ? [does.id] : [],
    )
    .reverse()
}

/**
 * Ranges that the job has added, those of addresses that it has made included: one that is deleted belongs to somebody
 * else tomorrow. What others have added since is theirs, even where the plan wanted the same.
 */
function addedRanges(job: Job, { authorizedRanges: { add, addPrepared } }: Plan): string[] {
  if (!hasWritten(job, 'widen-authorized-ranges')) return []
  return [...add, ...addressesOf(addPrepared, job.preparedAddresses).map(toCidr)]
}

/** A step is done without a write where somebody else was faster: what stands there then is not the job's to take away. */
function hasWritten({ steps }: Job, step: string): boolean {
  return steps.some(({ key, status, attempts }) => key === step && status === 'Succeeded' && attempts > 0)
}
