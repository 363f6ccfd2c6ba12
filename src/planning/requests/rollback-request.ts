import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { isCleanup } from '../../core/cleanup/cleanup.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { defaultRequest, type PlanningRequest } from '../../core/request/plan-request.ts'

/**
 * The request for the rollback of a job: the profile that its plan recorded, parameter by parameter. Throws a
 * `DomainError` where the job changed nothing or the support matrix has no rollback.
 */
export function buildRollbackRequest(job: Job, plan: Plan): PlanningRequest {
  const jobId = job.id
  const { target, support, routes } = plan.rollback
  if (target === null || !job.actions.rollbackPlan)
    throw new DomainError('ROLLBACK_NOT_AVAILABLE', {
      jobId,
      ...(target === null ? whyPlanHasNone(plan) : whyJobHasNone(job)),
      support,
      routes: target === null ? routes.map((route) => route.join(' -> ')) : [],
    })
  return {
    ...defaultRequest(plan.cluster, target, `Rollback of job ${jobId}`),
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
    : { cause: 'unchanged', reason: 'the plan keeps the outbound type and its parameters' }
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
