import type { Job } from '../../contract/job.ts'
import { jobError } from '../../core/job/job-error.ts'
import { asSentence } from '../../core/lib/text.ts'
import type { JobsDeps } from '../deps.ts'
import { PlanCache } from '../event-log.ts'
import type { CallContext } from '../jobs.ts'
import { appendCommand } from './append-command.ts'

/**
 * Ends a job as Failed in any state, which releases the lock of its cluster. It is for a job that cannot end by itself:
 * operations in Azure continue, and nothing is reverted.
 */
export async function endByOperator(
  deps: JobsDeps,
  jobId: string,
  reason: string,
  call: CallContext<Job>,
): Promise<Job> {
  const command = {
    line: { message: 'job ended by an operator', facts: { reason } },
    reason,
    isKnown: () => false,
    events: ({ state }: { state: { current: Job['currentStep'] } }) => [
      {
        type: 'ended' as const,
        at: deps.now().toISOString(),
        status: 'Failed' as const,
        error: jobError('ENDED_BY_OPERATOR', state.current, { detail: `Reason: ${asSentence(reason)}` }),
      },
    ],
    nextTick: () => null,
  }
  return appendCommand(deps, new PlanCache(), jobId, command, call)
}
