import { compareBasisMidway } from '../../core/basis.ts'
import type { JobEvent } from '../../core/job/events.ts'
import type { Step } from '../../core/plan-steps.ts'
import { requestedIds } from '../../core/requested-ids.ts'
import { nameOf } from '../../core/resource-id.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts } from '../load-job.ts'
import { record } from '../record.ts'
import { inWords } from './check-freshness.ts'
import { fail, faulted, startEvent } from './outcome.ts'
import { addressIn, readStepResource, shows } from './resource-state.ts'

/**
 * After a hold, which can last for days, and before anything moves: looks once more at what the plan rests on, and
 * at what the job has made. Addresses that were announced and are others by now would be worse than none.
 */
export async function recheck(deps: JobsDeps, job: LoadedJob, step: Step, isNew: boolean): Promise<void> {
  const started: JobEvent[] = isNew ? [startEvent(deps, step)] : []
  try {
    const { plan, state } = job
    const snapshot = await deps.takeSnapshot(plan.cluster, requestedIds(plan.request, plan.prepare), {
      mustBeWhole: true,
    })
    const differences = compareBasisMidway(plan, snapshot, state.applied)
    const lost = await lostPreparations(deps, job)
    const details = [...(differences.length === 0 ? [] : [inWords(differences)]), ...lost]
    if (details.length > 0)
      return await fail(deps, job, step, 'PLAN_STALE', { detail: details.join(' ') }, started)
    const at = deps.now().toISOString()
    await record(deps, job, [...started, { type: 'rechecked', at, step: step.key }])
    deps.logger.info(logFacts(job, step), 'the plan still holds after the hold')
  } catch (error) {
    await faulted(deps, job, step, error, started)
  }
}

/** What the job has made and is not there any more as it was made, in sentences. */
async function lostPreparations(deps: JobsDeps, { plan, state }: LoadedJob): Promise<string[]> {
  const made = plan.steps.filter(
    ({ key, does }) => state.steps[key]?.status === 'Succeeded' && does.kind === 'putResource',
  )
  const known = new Map((state.observed.prepared ?? []).map((each) => [each.resourceId, each.address]))
  const losses = await Promise.all(made.map((step) => lossOf(deps, step, known)))
  return losses.filter((each) => each !== null)
}

async function lossOf(
  deps: JobsDeps,
  step: Step,
  known: ReadonlyMap<string, string>,
): Promise<string | null> {
  const { does } = step
  if (does.kind !== 'putResource') return null
  const name = nameOf(does.id)
  const reading = await readStepResource(deps, step)
  if (reading === null) return `${name} is not there any more.`
  if (does.body !== null && !shows(reading.body, does.body)) return `${name} is not as it was made.`
  const [now] = addressIn(does.id, reading.body)
  return now?.address === known.get(does.id) ? null : `${name} has another address.`
}
