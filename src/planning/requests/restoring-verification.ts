import type { Job } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { PlanningRequest } from '../../core/request/plan-request.ts'

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
