import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { defaultRequest, type PlanningRequest } from '../../core/request/plan-request.ts'

/**
 * The request for the rollback of a job: the profile that its plan recorded, parameter by parameter. Throws a
 * `DomainError` where the job changed nothing or the support matrix has no rollback.
 */
export function buildRollbackRequest(job: Job, plan: Plan): PlanningRequest {
  const jobId = job.id
  const { target, support, routes } = plan.rollback
  if (target === null) {
    const reason = `AKS does not support the change from ${plan.transition.to} to ${plan.transition.from ?? 'the former outbound type'}`
    throw new DomainError('ROLLBACK_NOT_AVAILABLE', {
      jobId,
      reason,
      support,
      routes: routes.map((route) => route.join(' -> ')),
    })
  }
  if (!job.actions.rollbackPlan)
    throw new DomainError('ROLLBACK_NOT_AVAILABLE', {
      jobId,
      reason:
        job.rollback?.status === 'Succeeded'
          ? 'the job has already reverted its cutover'
          : 'the job has not ended, or the job ended before it changed the outbound type',
      support,
      routes: [],
    })
  return {
    ...defaultRequest(plan.cluster, target, `Rollback of job ${jobId}`),
    ...restoringVerification(job, plan),
  }
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
