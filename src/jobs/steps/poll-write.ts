import { ArmFault } from '../../azure/arm-fault.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { OPERATION_LIMIT_MS, pollInterval } from '../../core/job/poll-interval.ts'
import type { Step } from '../../core/plan-steps.ts'
import type { JobsDeps } from '../deps.ts'
import type { LoadedJob } from '../load-job.ts'
import { record } from '../record.ts'
import { aborted, fail, faulted, lookAgain } from './outcome.ts'

/** Asks once how the operation stands. Its `status` says when to look at the cluster; the look decides. */
export async function pollWrite(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const write = job.state.steps[step.key]?.write
  if (write?.phase !== 'accepted') throw new Error('there is no operation to poll')
  const at = deps.now().toISOString()
  try {
    const state = await deps.arm.pollOperation(write.poller)
    switch (state.status) {
      case 'running':
        return await stillRunning(deps, job, step, write, state)
      case 'succeeded':
        return await ended(deps, job, step, state.error, state.requestId)
      case 'failed':
        return await fail(deps, job, step, 'ARM_OPERATION_FAILED', {
          arm: { ...state.error, requestId: state.requestId },
        })
      case 'canceled': {
        const error = state.error ?? { code: 'Canceled', message: 'The operation was canceled.' }
        if (job.state.abortRequestedAt !== null) return await aborted(deps, job, step)
        return await fail(deps, job, step, 'ARM_OPERATION_FAILED', {
          arm: { ...error, requestId: state.requestId },
        })
      }
    }
  } catch (error) {
    // ARM forgets operations after a while; the cluster itself still tells how it went.
    if (error instanceof ArmFault && error.kind === 'not-found') {
      const because = 'the operation is not known any more.'
      await record(deps, job, [{ type: 'writeAdopted', at, step: step.key, because }])
      return
    }
    await faulted(deps, job, step, error)
  }
}

async function stillRunning(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  write: { poller: string; at: string },
  state: { poller: string; retryAfterMs: number | null },
): Promise<void> {
  const now = deps.now()
  const elapsedMs = now.getTime() - new Date(write.at).getTime()
  if (elapsedMs > OPERATION_LIMIT_MS) return fail(deps, job, step, 'OPERATION_TIMED_OUT')
  const pollAt = new Date(now.getTime() + pollInterval(elapsedMs, state.retryAfterMs))
  if (state.poller === write.poller) return lookAgain(deps, job, step, pollAt)
  const moved: JobEvent = {
    type: 'pollMoved',
    at: now.toISOString(),
    step: step.key,
    poller: state.poller,
    pollAt: pollAt.toISOString(),
  }
  await record(deps, job, [moved], pollAt)
}

/** An error beside a success is said and not believed: recordings show it on operations that did succeed. */
async function ended(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  error: { code: string; message: string } | null,
  requestId: string | null,
): Promise<void> {
  const at = deps.now().toISOString()
  const events: JobEvent[] = [{ type: 'operationEnded', at, step: step.key, error, requestId }]
  if (error !== null)
    events.push({
      type: 'warned',
      at,
      step: step.key,
      message: `Azure reported success with an error beside it: ${error.code}: ${error.message}`,
    })
  await record(deps, job, events)
}
