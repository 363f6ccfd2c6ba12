import { OPERATION_LIMIT_MS, pollInterval } from '../../core/job/poll-interval.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { record } from '../record.ts'
import { aborted, fail, faulted, lookAgain } from './outcome.ts'

/** Waits for an adopted write by the cluster's own provisioning state, one look a tick. */
export async function watchCluster(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const write = job.state.steps[step.key]?.write
  if (write?.phase !== 'adopted') throw new Error('there is no write to watch')
  try {
    const { facts } = await deps.arm.getCluster(job.plan.cluster)
    const now = deps.now()
    const state = facts.provisioningState
    if (state === 'Canceled' && job.state.abortRequestedAt !== null) return await aborted(deps, job, step)
    if (state === 'Failed' || state === 'Canceled') {
      const arm = { code: state, message: `The cluster's provisioning state is ${state}.`, requestId: null }
      return await fail(deps, job, step, 'ARM_OPERATION_FAILED', { arm })
    }
    if (state === 'Succeeded') {
      const at = now.toISOString()
      await record(deps, job, [{ type: 'operationEnded', at, step: step.key, error: null, requestId: null }])
      return
    }
    const elapsedMs = now.getTime() - new Date(write.at).getTime()
    if (elapsedMs > OPERATION_LIMIT_MS) return await fail(deps, job, step, 'OPERATION_TIMED_OUT')
    await lookAgain(deps, job, step, new Date(now.getTime() + pollInterval(elapsedMs, null)))
  } catch (error) {
    await faulted(deps, job, step, error)
  }
}
