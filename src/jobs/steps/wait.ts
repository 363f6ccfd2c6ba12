import type { JobEvent } from '../../core/job/events.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { record } from '../record.ts'
import { succeed } from './outcome.ts'

/** Lets time pass without holding anything: the end of the wait is a tick of its own. */
export async function wait(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  seconds: number,
  started: JobEvent[],
): Promise<void> {
  const now = deps.now()
  const since = job.state.steps[step.key]?.startedAt ?? now.toISOString()
  const until = new Date(new Date(since).getTime() + (seconds * 1_000) / deps.waitScale)
  if (until <= now) return succeed(deps, job, step, null, started)
  await record(deps, job, started, until)
}
