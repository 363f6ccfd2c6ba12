import type { Consumer } from '../../contract/allow-lists.ts'
import type { Job, JobErrorCode, JobResult } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { ConsumerRequest } from '../../contract/plan-request.ts'
import { sharesAddress } from '../../core/allow-lists/address-range.ts'
import { isRoute } from '../../core/arm/resource-id.ts'
import { isCleanup } from '../../core/cleanup/cleanup.ts'
import { ownedAttachments } from '../../core/cleanup/owned-attachments.ts'
import { addressesOf } from '../../core/job/expectations.ts'
import { toCidr } from '../../core/lib/cidr.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { defaultRequest, type JobResources, type PlanningRequest } from '../../core/request/plan-request.ts'

/**
 * The request for the rollback of a job: the profile that its plan recorded, parameter by parameter, or the NAT gateway that
 * the job replaced. Throws a `DomainError` where the job changed nothing or the support matrix has no rollback.
 */
export function buildRollbackRequest(job: Job, plan: Plan): PlanningRequest {
  const jobId = job.id
  const { target, prepare, support, routes } = plan.rollback
  if (target === null || !job.actions.rollbackPlan)
    throw new DomainError('ROLLBACK_NOT_AVAILABLE', {
      jobId,
      ...(target === null ? whyPlanHasNone(plan) : whyJobHasNone(job)),
      support,
      routes: target === null ? routes.map((route) => route.join(' -> ')) : [],
    })
  return {
    ...defaultRequest(plan.cluster, target, `Rollback of job ${jobId}`),
    ...(prepare === undefined ? {} : { prepare }),
    ...restoringVerification(job, plan),
  }
}

/** The cause, from which the problem takes its remedy, and the sentence without its full stop. */
type Reason = { cause: string; reason: string }

function whyPlanHasNone(plan: Plan): Reason {
  const { transition, rollback, findings } = plan
  if (rollback.support !== null)
    return {
      cause: 'unsupported',
      reason: `AKS does not support the change from ${transition.to} to ${transition.from ?? 'the former outbound type'}`,
    }
  if (isCleanup(plan)) return { cause: 'cleanup', reason: 'a cleanup has no rollback' }
  const isCompletion = findings.some(({ code }) => code === 'RECONCILE_COMPLETES_CHANGE')
  return isCompletion || transition.from === null
    ? { cause: 'formerUnknown', reason: 'Azure does not show the former outbound type' }
    : { cause: 'typeKept', reason: 'the plan keeps the outbound type and its parameters' }
}

function whyJobHasNone({ status, rollback }: Job): Reason {
  if (rollback?.status === 'Succeeded')
    return { cause: 'reverted', reason: 'the job has already reverted its cutover' }
  return ['Succeeded', 'Failed', 'Canceled'].includes(status)
    ? { cause: 'unchanged', reason: 'the job ended before it changed the outbound type or its parameters' }
    : { cause: 'notEnded', reason: 'the job has not ended' }
}

/** A rollback or cleanup is measured as the change was, if a node was measured before the cutover. */
export function restoringVerification(
  { id, nodeVerification }: Job,
  { steps }: Plan,
): Pick<PlanningRequest, 'verifyFromNodes' | 'baselineJobId'> {
  const [does] = steps.flatMap(({ does }) =>
    does.kind === 'probeNodes' && does.when === 'before' ? [does] : [],
  )
  const isMeasured = nodeVerification?.before?.some(({ status }) => status === 'completed')
  if (does === undefined || isMeasured !== true) return {}
  const { endpoints, sourceAddressUrl, maxNodes } = does
  const url = sourceAddressUrl === null ? {} : { sourceAddressUrl }
  return { verifyFromNodes: { endpoints, maxNodes, ...url }, baselineJobId: id }
}

/**
 * The request to reconcile the cluster of a job with its current settings. The planner replaces the outbound type of the
 * job's plan with the current type of the cluster. Throws a `DomainError` before the job has ended, and for a job that
 * changed nothing because it never began.
 */
export function buildReconcileRequest(job: Job, plan: Plan): PlanningRequest {
  if (job.actions.reconcilePlan !== true)
    throw new DomainError('RECONCILE_NOT_AVAILABLE', { jobId: job.id, status: job.status })
  const target = { outboundType: plan.transition.to }
  return { ...defaultRequest(plan.cluster, target, `Reconcile after job ${job.id}`), reconcile: true }
}

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

/**
 * The consumers of the job's plan, for a plan that follows the job. Their entries are those after the edits that the reports
 * of the job ask for. `read` contains the addresses that the job, or a later job, has read.
 */
export function followUpConsumers(job: Job, plan: Plan, read: JobResult | null): ConsumerRequest[] {
  const announced = announcedLater(job, plan, read)
  return plan.allowLists.consumers.map((consumer) => {
    const { name, contact, note, addresses } = consumer
    return {
      name,
      ...(contact === null ? {} : { contact }),
      ...(note === null ? {} : { note }),
      // A consumer without entries allows every address of the cluster.
      ...(addresses.length === 0 ? {} : { addresses: presentEntries(consumer, announced, read) }),
    }
  })
}

/**
 * Reports ask to remove an entry once the addresses were read and the cluster does not use it. An address that was asked
 * for may still be allowed, also if it is not used.
 */
function presentEntries(consumer: Consumer, announced: string[], read: JobResult | null): string[] {
  const { addresses, drop, add, addLater } = consumer
  const isRemoved = (entry: string) => drop.includes(entry) && read !== null && !isInUse(entry, read)
  const kept = addresses.filter((entry) => !isRemoved(entry))
  return [...new Set([...kept, ...add, ...(addLater > 0 ? announced : [])])]
}

function isInUse(entry: string, { egressIps }: JobResult): boolean {
  return egressIps.some(({ address }) => sharesAddress(address, entry))
}

/** The addresses that were created or discovered, and that the plan could not name. */
function announcedLater({ preparedAddresses }: Job, { egressIps }: Plan, read: JobResult | null): string[] {
  const known = egressIps.map(({ address }) => address)
  return [...preparedAddresses, ...(read?.egressIps ?? [])]
    .map(({ address }) => address)
    .filter((address) => !known.includes(address))
}
