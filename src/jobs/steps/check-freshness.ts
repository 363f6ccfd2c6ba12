import type { Step } from '../../contract/steps.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { findStaleFacts, findStaleFactsMidJob, type StaleFact } from '../../core/plan/staleness.ts'
import { requestReferences } from '../../core/request/request-references.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts, recordEvents } from '../event-log.ts'
import { failJob, handleArmError, stepStartedEvent, succeedStep } from './outcome.ts'
import { containsSent, readStepResource, toPreparedAddresses } from './resource-state.ts'

/** Looks at everything that the plan rests on once more. */
export async function checkFreshness(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  started: JobEvent[],
): Promise<void> {
  const snapshot = await deps.takeSnapshot(
    job.plan.cluster,
    requestReferences(job.plan.request, job.plan.prepare),
    { requireComplete: true },
  )
  const differences = findStaleFacts(job.plan, snapshot)
  if (differences.length === 0) return succeedStep(deps, job, step, null, started)
  await failJob(deps, job, step, 'PLAN_STALE', { detail: describeDifferences(differences) }, started)
}

/** Where the cluster differs, without the values: they can be long, and the new plan shows them. */
export function describeDifferences(differences: StaleFact[]): string {
  return `Changed since: ${differences.map((each) => each.path).join(', ')}.`
}

/**
 * After a hold, which can last for days, and before anything moves: looks once more at what the plan rests on, and
 * at what the job has made. Addresses that were announced and are others by now would be worse than none.
 */
export async function recheckAfterHold(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  isNew: boolean,
): Promise<void> {
  const started: JobEvent[] = isNew ? [stepStartedEvent(deps, step)] : []
  try {
    const { plan, state } = job
    const snapshot = await deps.takeSnapshot(plan.cluster, requestReferences(plan.request, plan.prepare), {
      requireComplete: true,
    })
    const differences = findStaleFactsMidJob(plan, snapshot, state.applied)
    const lost = await lostPreparations(deps, job)
    const details = [...(differences.length === 0 ? [] : [describeDifferences(differences)]), ...lost]
    if (details.length > 0)
      return await failJob(deps, job, step, 'PLAN_STALE', { detail: details.join(' ') }, started)
    const at = deps.now().toISOString()
    await recordEvents(deps, job, [...started, { type: 'rechecked', at, step: step.key }])
    deps.logger.info(logFacts(job, step), 'the plan still holds after the hold')
  } catch (error) {
    await handleArmError(deps, job, step, error, started)
  }
}

/** What the job has made and is not there any more as it was made, in sentences. */
async function lostPreparations(deps: JobsDeps, { plan, state }: LoadedJob): Promise<string[]> {
  const made = plan.steps.filter(
    ({ key, does }) => state.steps[key]?.status === 'Succeeded' && does.kind === 'putResource',
  )
  const known = new Map((state.observed.prepared ?? []).map((each) => [each.resourceId, each.address]))
  const losses = await Promise.all(made.map((step) => findLoss(deps, step, known)))
  return losses.filter((each) => each !== null)
}

async function findLoss(
  deps: JobsDeps,
  step: Step,
  known: ReadonlyMap<string, string>,
): Promise<string | null> {
  const { does } = step
  if (does.kind !== 'putResource') return null
  const name = lastSegment(does.id)
  const reading = await readStepResource(deps, step)
  if (reading === null) return `${name} is not there any more.`
  if (does.body !== null && !containsSent(reading.body, does.body)) return `${name} is not as it was made.`
  const [now] = toPreparedAddresses(does.id, reading.body)
  return now?.address === known.get(does.id) ? null : `${name} has another address.`
}
