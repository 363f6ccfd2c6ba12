import { ArmFault } from '../../azure/arm-fault.ts'
import type { JobEvent } from '../../core/job/events.ts'
import type { Step } from '../../core/plan-steps.ts'
import { Fenced, jobRow } from '../../database/job-store.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, logFacts } from '../load-job.ts'
import { record } from '../record.ts'
import { faulted } from './outcome.ts'
import { sendTime } from './send-time.ts'

/**
 * Asks AKS to abort the operation that it is carrying out. Whether it did is told by the operation itself, which is
 * polled on. AKS may have finished meanwhile and refuse: then that is said, and the job goes on to its next step.
 */
export async function abortOperation(deps: JobsDeps, job: LoadedJob, step: Step): Promise<void> {
  const { at, key } = { at: () => deps.now().toISOString(), key: step.key }
  // Nothing is recorded before this request, so the fence is looked at: whoever has slept since the job was loaded must
  // not abort what somebody else does to the cluster by now.
  const mayLeave = sendTime(deps)
  const row = await jobRow(deps.database.kysely, job.row.id)
  if (row?.revision !== job.row.revision) throw new Fenced(job.row.id)
  try {
    const { requestId } = await deps.arm.abortClusterOperation(job.plan.cluster, { mayLeave })
    await record(deps, job, [{ type: 'abortRequested', at: at(), step: key, requestId, refusal: null }])
    deps.logger.warn(
      { ...logFacts(job, step), armRequestId: requestId },
      'asked Azure to abort the operation',
    )
  } catch (error) {
    if (!(error instanceof ArmFault) || !isRefusal(error)) return faulted(deps, job, step, error)
    const { code, message, requestId } = error
    const event: JobEvent = {
      type: 'abortRequested',
      at: at(),
      step: key,
      requestId,
      refusal: { code, message },
    }
    await record(deps, job, [event])
  }
}

function isRefusal({ kind }: ArmFault): boolean {
  return kind === 'refused' || kind === 'conflict' || kind === 'not-found' || kind === 'denied'
}
