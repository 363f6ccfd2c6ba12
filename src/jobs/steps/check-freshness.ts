import type { Plan } from '../../contract/plan.ts'
import type { Step } from '../../contract/steps.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { findStaleFacts, findStaleFactsMidJob, type StaleFact } from '../../core/plan/staleness.ts'
import { requestReferences } from '../../core/request/plan-request.ts'
import type { Snapshot } from '../../core/snapshot/snapshot.ts'
import type { JobsDeps } from '../deps.ts'
import { logFacts } from '../event-log.ts'
import { failJob, succeedStep } from './outcome.ts'
import { containsSent, readResource, toPreparedAddresses } from './resource-target.ts'
import { recordStep, type StepContext } from './step-context.ts'

/** Reads everything that the plan is based on; rejects with an `ArmFault` if a part cannot be read. */
export function readPlanSnapshot(deps: JobsDeps, { cluster, request, prepare }: Plan): Promise<Snapshot> {
  return deps.takeSnapshot(cluster, requestReferences(request, prepare), {
    requireComplete: true,
    ...(prepare === null ? {} : { prepare }),
  })
}

/** Compares everything that the plan is based on with the plan. */
export async function checkFreshness(context: StepContext): Promise<void> {
  const { deps, job } = context
  const differences = findStaleFacts(job.plan, await readPlanSnapshot(deps, job.plan))
  if (differences.length === 0) return succeedStep(context, null)
  await failJob(context, 'PLAN_STALE', { detail: describeDifferences(differences) })
}

/** Only the paths of the differences: the values can be long, and the new plan shows them. */
export function describeDifferences(differences: StaleFact[]): string {
  return `Changed: ${differences.map((difference) => difference.path).join(', ')}.`
}

/**
 * After a hold, which can last for days, and before the cutover: compares what the plan is based on and what the job
 * has created. A prepared address that has changed since it was announced must not be used.
 */
export async function recheckAfterHold(context: StepContext): Promise<void> {
  const { deps, job, step } = context
  const snapshot = await readPlanSnapshot(deps, job.plan)
  const done = job.plan.steps.filter(({ key }) => job.state.steps[key]?.status === 'Succeeded')
  const differences = findStaleFactsMidJob(job.plan, snapshot, job.state.applied, done)
  const details = [
    ...(differences.length === 0 ? [] : [describeDifferences(differences)]),
    ...(await lostPreparations(context)),
  ]
  if (details.length > 0) return failJob(context, 'PLAN_STALE', { detail: details.join(' ') })
  await recordStep(context, [{ type: 'rechecked' }])
  deps.logger.info(logFacts(job, step), 'plan is not stale after the hold')
}

/** Resources that the job has created and that have changed since, as sentences. */
async function lostPreparations({ deps, job: { plan, state } }: StepContext): Promise<string[]> {
  const steps = plan.steps.filter(({ key }) => state.steps[key]?.status === 'Succeeded')
  const addresses = new Map(
    (state.observed.prepared ?? []).map(({ resourceId, address }) => [resourceId, address]),
  )
  const losses = await Promise.all(steps.map((step) => findLoss(deps, step, addresses)))
  return losses.filter((loss) => loss !== null)
}

async function findLoss(
  deps: JobsDeps,
  { does }: Step,
  addresses: ReadonlyMap<string, string>,
): Promise<string | null> {
  if (does.kind !== 'putResource') return null
  const name = lastSegment(does.id)
  const reading = await readResource(deps, does)
  if (reading === null) return `${name} no longer exists.`
  if (does.body !== null && !containsSent(reading.body, does.body))
    return `${name} has changed since the job created it.`
  const [prepared] = toPreparedAddresses(does.id, reading.body)
  return prepared?.address === addresses.get(does.id)
    ? null
    : `The address of ${name} has changed since the job created it.`
}
