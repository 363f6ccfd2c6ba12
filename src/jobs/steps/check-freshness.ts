import { compareBasis, type Difference } from '../../core/basis.ts'
import type { JobEvent } from '../../core/job/events.ts'
import type { Step } from '../../core/plan-steps.ts'
import { requestedIds } from '../../core/requested-ids.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { fail, succeed } from './outcome.ts'

/** Looks at everything that the plan rests on once more. */
export async function checkFreshness(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  started: JobEvent[],
): Promise<void> {
  const snapshot = await deps.takeSnapshot(
    job.plan.cluster,
    requestedIds(job.plan.request, job.plan.prepare),
    { mustBeWhole: true },
  )
  const differences = compareBasis(job.plan, snapshot)
  if (differences.length === 0) return succeed(deps, job, step, null, started)
  await fail(deps, job, step, 'PLAN_STALE', { detail: inWords(differences) }, started)
}

/** Where the cluster differs, without the values: they can be long, and the new plan shows them. */
export function inWords(differences: Difference[]): string {
  return `Changed since: ${differences.map((each) => each.path).join(', ')}.`
}
