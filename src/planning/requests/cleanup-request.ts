import type { Job, JobErrorCode } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { isRoute } from '../../core/arm/resource-id.ts'
import { ownedAttachments } from '../../core/cleanup/owned-attachments.ts'
import { addressesOf } from '../../core/job/expectations.ts'
import { toCidr } from '../../core/lib/cidr.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { defaultRequest, type JobResources, type PlanningRequest } from '../../core/request/plan-request.ts'
import { restoringVerification } from './rollback-request.ts'

/**
 * What a job leaves for a cleanup: after a successful change, what only the former egress needed; after a change that was
 * reverted or not completed, what was created for the new egress. If the cluster has another outbound type by then, what
 * the job itself created. Throws a `DomainError` where the job has not ended.
 */
export function buildCleanupRequest(job: Job, plan: Plan): PlanningRequest {
  const { from, to } = plan.transition
  if (!job.actions.cleanUpPlan || from === null)
    throw new DomainError('CLEAN_UP_NOT_AVAILABLE', {
      jobId: job.id,
      status: job.status,
      hasBegun: job.timestamps.startedAt !== null,
    })
  const isDone = job.status === 'Succeeded'
  const own = ownWork(job, plan)
  return {
    ...defaultRequest(plan.cluster, { outboundType: isDone ? to : from }, `Cleanup of job ${job.id}`),
    ...(isDone ? {} : restoringVerification(job, plan)),
    cleanUp: {
      detach: isDone,
      narrow: isDone ? plan.authorizedRanges.removeLater : own.ranges,
      delete: isDone ? [] : own.delete,
      attachments: isDone ? [] : own.attachments,
      jobResources: own,
    },
  }
}

function ownWork(job: Job, plan: Plan): JobResources {
  const written = plan.steps.filter(({ key }) => mayHaveWritten(job, key))
  return {
    delete: createdResourceIds(written),
    attachments: ownedAttachments(written),
    addresses: job.preparedAddresses,
    ranges: addedRanges(job, plan),
  }
}

/** Resources that the job created, the last first: a gateway is deleted before its addresses. */
function createdResourceIds(written: Plan['steps']): string[] {
  return written
    .flatMap(({ does }) =>
      does.kind === 'putResource' && does.body !== null && !isRoute(does.id) ? [does.id] : [],
    )
    .reverse()
}

/**
 * Ranges that the job added, including those of addresses that it created: Azure may assign a deleted address to another
 * customer. Ranges that others added since then stay, even if the plan contains them.
 */
function addedRanges(job: Job, { authorizedRanges: { add, addPrepared } }: Plan): string[] {
  if (!hasWritten(job, 'widen-authorized-ranges')) return []
  return [...add, ...addressesOf(addPrepared, job.preparedAddresses).map(toCidr)]
}

/**
 * Whether Azure accepted a write of this step, also if the write failed later: Azure can keep its result. The plan
 * contains only the resources and attachments that Azure shows.
 */
function mayHaveWritten(job: Job, step: string): boolean {
  if (hasWritten(job, step)) return true
  const { steps, error } = job
  const isRejected = error?.step === step && REJECTIONS.includes(error.code)
  return (
    !isRejected &&
    steps.some(({ key, status, attempts }) => key === step && status !== 'Succeeded' && attempts > 0)
  )
}

const REJECTIONS: readonly JobErrorCode[] = ['ARM_REFUSED', 'ARM_ACCESS_DENIED']

/** A step succeeds without a write if its result already exists: then the result does not belong to the job. */
function hasWritten({ steps }: Job, step: string): boolean {
  return steps.some(({ key, status, attempts }) => key === step && status === 'Succeeded' && attempts > 0)
}
