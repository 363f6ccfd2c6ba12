import { ArmFault } from '../../azure/errors/arm-fault.ts'
import type { Step } from '../../contract/steps.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { armWord, isInProgress } from '../../core/arm/words.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { MAX_OPERATION_MS, pollInterval } from '../../core/job/polling.ts'
import { valueAtPointer } from '../../core/lib/json.ts'
import { jobRow, StaleRevisionError } from '../../database/stores/job-store.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts, recordEvents } from '../event-log.ts'
import { endAbortedJob, failJob, handleArmError, scheduleNextRead } from './outcome.ts'
import { readStepResource } from './resource-state.ts'
import { startSendDeadline } from './send-write.ts'

/**
 * Asks AKS to abort the operation that it is carrying out. Whether it did is told by the operation itself, which is
 * polled on. AKS may have finished meanwhile and refuse: then that is said, and the job goes on to its next step.
 */
export async function abortOperation(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const { at, key } = { at: () => deps.now().toISOString(), key: step.key }
  // Nothing is recorded before this request, so the fence is looked at: whoever has slept since the job was loaded must
  // not abort what somebody else does to the cluster by now.
  const maySend = startSendDeadline(deps)
  const row = await jobRow(deps.database.kysely, job.row.id)
  if (row?.revision !== job.row.revision) throw new StaleRevisionError(job.row.id)
  try {
    const { requestId } = await deps.arm.abortClusterOperation(job.plan.cluster, { maySend })
    await recordEvents(deps, job, [{ type: 'abortRequested', at: at(), step: key, requestId, refusal: null }])
    deps.logger.warn(
      { ...logFacts(job, step), armRequestId: requestId },
      'asked Azure to abort the operation',
    )
  } catch (error) {
    if (!(error instanceof ArmFault) || !isRejection(error)) return handleArmError(deps, job, step, error)
    const { code, message, requestId } = error
    const event: JobEvent = {
      type: 'abortRequested',
      at: at(),
      step: key,
      requestId,
      refusal: { code, message },
    }
    await recordEvents(deps, job, [event])
  }
}

function isRejection({ kind }: ArmFault): boolean {
  return kind === 'refused' || kind === 'conflict' || kind === 'not-found' || kind === 'denied'
}

/** Asks once how the operation stands. Its `status` says when to look at the cluster; the look decides. */
export async function pollWriteOperation(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const write = job.state.steps[step.key]?.write
  if (write?.phase !== 'accepted') throw new Error('there is no operation to poll')
  const at = deps.now().toISOString()
  try {
    const state = await deps.arm.pollOperation(write.poller)
    switch (state.status) {
      case 'running':
        return await scheduleNextPoll(deps, job, step, write, state)
      case 'succeeded':
        return await recordOperationEnd(deps, job, step, state.error, state.requestId)
      case 'failed':
        return await failJob(deps, job, step, 'ARM_OPERATION_FAILED', {
          arm: { ...state.error, requestId: state.requestId },
        })
      case 'canceled': {
        const error = state.error ?? { code: 'Canceled', message: 'The operation was canceled.' }
        if (job.state.abortRequestedAt !== null) return await endAbortedJob(deps, job, step)
        return await failJob(deps, job, step, 'ARM_OPERATION_FAILED', {
          arm: { ...error, requestId: state.requestId },
        })
      }
    }
  } catch (error) {
    // ARM forgets operations after a while; the cluster itself still tells how it went.
    if (error instanceof ArmFault && error.kind === 'not-found') {
      const because = 'the operation is not known any more.'
      await recordEvents(deps, job, [{ type: 'writeAdopted', at, step: step.key, because }])
      return
    }
    await handleArmError(deps, job, step, error)
  }
}

async function scheduleNextPoll(
  deps: JobsDeps,
  job: LoadedJob,
  step: Step,
  write: { poller: string; at: string },
  state: { poller: string; retryAfterMs: number | null },
): Promise<void> {
  const now = deps.now()
  const elapsedMs = now.getTime() - new Date(write.at).getTime()
  if (elapsedMs > MAX_OPERATION_MS) return failJob(deps, job, step, 'OPERATION_TIMED_OUT')
  const wanted = new Date(now.getTime() + pollInterval(elapsedMs, state.retryAfterMs))
  const pollAt = deps.polls.reserve(job.plan.cluster, wanted)
  if (state.poller === write.poller) return scheduleNextRead(deps, job, step, pollAt)
  const moved: JobEvent = {
    type: 'pollMoved',
    at: now.toISOString(),
    step: step.key,
    poller: state.poller,
    pollAt: pollAt.toISOString(),
  }
  await recordEvents(deps, job, [moved], pollAt)
}

/** An error beside a success is said and not believed: recordings show it on operations that did succeed. */
async function recordOperationEnd(
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
  await recordEvents(deps, job, events)
}

/** Waits for an adopted write by the cluster's own provisioning state, one look a tick. */
export async function watchCluster(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const write = job.state.steps[step.key]?.write
  if (write?.phase !== 'adopted') throw new Error('there is no write to watch')
  try {
    const { facts } = await deps.arm.getCluster(job.plan.cluster)
    const now = deps.now()
    const state = facts.provisioningState
    const end = armWord(state, ['Succeeded', 'Failed', 'Canceled'])
    if (end === 'Canceled' && job.state.abortRequestedAt !== null) return await endAbortedJob(deps, job, step)
    if (end === 'Failed' || end === 'Canceled') {
      const arm = { code: state, message: `The cluster's provisioning state is ${state}.`, requestId: null }
      return await failJob(deps, job, step, 'ARM_OPERATION_FAILED', { arm })
    }
    if (end === 'Succeeded') {
      const at = now.toISOString()
      await recordEvents(deps, job, [
        { type: 'operationEnded', at, step: step.key, error: null, requestId: null },
      ])
      return
    }
    const elapsedMs = now.getTime() - new Date(write.at).getTime()
    if (elapsedMs > MAX_OPERATION_MS) return await failJob(deps, job, step, 'OPERATION_TIMED_OUT')
    await scheduleNextRead(deps, job, step, new Date(now.getTime() + pollInterval(elapsedMs, null)))
  } catch (error) {
    await handleArmError(deps, job, step, error)
  }
}

/** Waits for an adopted write by the resource's own provisioning state, one look a tick. */
export async function watchResource(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const write = job.state.steps[step.key]?.write
  if (write?.phase !== 'adopted') throw new Error('there is no write to watch')
  try {
    const reading = await readStepResource(deps, step)
    const now = deps.now()
    const state = reading === null ? null : valueAtPointer(reading.body, '/properties/provisioningState')
    if (typeof state === 'string' && armWord(state, ['Failed', 'Canceled']) !== null) {
      const message = `The provisioning state of ${lastSegment(resourceIdOfStep(step))} is ${state}.`
      return await failJob(deps, job, step, 'ARM_OPERATION_FAILED', {
        arm: { code: state, message, requestId: null },
      })
    }
    // The read-back tells whether what is there, or is gone, is what was wanted.
    if (typeof state !== 'string' || !isInProgress(state)) {
      const at = now.toISOString()
      await recordEvents(deps, job, [
        { type: 'operationEnded', at, step: step.key, error: null, requestId: null },
      ])
      return
    }
    const elapsedMs = now.getTime() - new Date(write.at).getTime()
    if (elapsedMs > MAX_OPERATION_MS) return await failJob(deps, job, step, 'OPERATION_TIMED_OUT')
    await scheduleNextRead(deps, job, step, new Date(now.getTime() + pollInterval(elapsedMs, null)))
  } catch (error) {
    await handleArmError(deps, job, step, error)
  }
}

function resourceIdOfStep({ does }: Step): string {
  return 'id' in does ? does.id : ''
}
