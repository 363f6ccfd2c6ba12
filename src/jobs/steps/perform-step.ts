import type { JobEvent } from '../../core/job/events.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { checkFreshness } from './check-freshness.ts'
import { discoverEgressIps } from './discover-egress-ips.ts'
import { faulted, startEvent } from './outcome.ts'
import { verify } from './read-back.ts'
import { wait } from './wait.ts'

/** Does a step that writes nothing. Its start is recorded together with its end or its first fault. */
export async function performStep(deps: JobsDeps, job: LoadedJob, step: Step, isNew: boolean): Promise<void> {
  const started: JobEvent[] = isNew ? [startEvent(deps, step)] : []
  try {
    switch (step.does.kind) {
      case 'checkFreshness':
        return await checkFreshness(deps, job, step, started)
      case 'wait':
        return await wait(deps, job, step, step.does.seconds, started)
      case 'readBack':
        return await verify(deps, job, step, started)
      case 'discoverEgressIps':
        return await discoverEgressIps(deps, job, step, started)
      case 'updateCluster':
      case 'putResource':
      case 'deleteResource':
      case 'upgradeNodeImage':
        throw new Error('a step that writes is not performed here')
    }
  } catch (error) {
    await faulted(deps, job, step, error, started)
  }
}
