import { valueAtPointer } from '../../core/job/check-expectations.ts'
import { OPERATION_LIMIT_MS, pollInterval } from '../../core/job/poll-interval.ts'
import type { Step } from '../../core/plan-steps.ts'
import { nameOf } from '../../core/resource-id.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { record } from '../record.ts'
import { fail, faulted, lookAgain } from './outcome.ts'
import { readStepResource } from './resource-state.ts'

/** Waits for an adopted write by the resource's own provisioning state, one look a tick. */
export async function watchResource(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const write = job.state.steps[step.key]?.write
  if (write?.phase !== 'adopted') throw new Error('there is no write to watch')
  try {
    const reading = await readStepResource(deps, step)
    const now = deps.now()
    const state = reading === null ? null : valueAtPointer(reading.body, '/properties/provisioningState')
    if (state === 'Failed' || state === 'Canceled') {
      const message = `The provisioning state of ${nameOf(idOf(step))} is ${state}.`
      return await fail(deps, job, step, 'ARM_OPERATION_FAILED', {
        arm: { code: state, message, requestId: null },
      })
    }
    // The read-back tells whether what is there, or is gone, is what was wanted.
    if (typeof state !== 'string' || !/ing$/i.test(state)) {
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

function idOf({ does }: Step): string {
  return 'id' in does ? does.id : ''
}
