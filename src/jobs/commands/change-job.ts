import { isDeepStrictEqual } from 'node:util'
import type { Job } from '../../contract/job.ts'
import type { JobEvent } from '../../core/job/events.ts'
import { jobError } from '../../core/job/job-error.ts'
import { canBeReleased, canBeRescheduled, isHeld } from '../../core/job/job-state.ts'
import { nextCheckAt } from '../../core/job/schedule.ts'
import { DomainError } from '../../core/lib/errors.ts'
import { asSentence } from '../../core/lib/text.ts'
import type { JobsDeps } from '../deps.ts'
import { type LoadedJob, loadJob, PlanCache } from '../event-log.ts'
import type { CallContext, Cancellation, Release, Rescheduling } from '../jobs.ts'
import { resolveReconcileTime } from '../steps/send-write.ts'
import { appendCommand, type JobCommand } from './append-command.ts'
import { assertSchedulePossible, mergeSchedule, resolveSchedule } from './resolve-schedule.ts'

/** Now, if the job can act now. With a write in flight, the time of the next read of the job. */
function nextRegularTick({ state }: LoadedJob): Date | null {
  const step = state.current === null ? undefined : state.steps[state.current]
  if (step === undefined || step.write.phase === 'none') return null
  if (step.notBefore !== null) return new Date(step.notBefore)
  // A worker is sending the write and records the response.
  return step.write.phase === 'intended' ? resolveReconcileTime(step.write.at) : null
}

/**
 * Cancels a job before its next step. A job that has not started, or is held, ends immediately; a job with a write in
 * flight completes that step first, because Azure continues it anyway.
 */
export async function cancelJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  { by, abort = false, reason = null }: Cancellation,
  call: CallContext<Job> = {},
): Promise<Job> {
  return appendCommand(deps, plans, jobId, cancellationCommand(deps, { by, abort }, reason), call)
}

/** The command of a cancellation. `withdrawnApproval` is the approval whose withdrawal cancels the job. */
export function cancellationCommand(
  deps: JobsDeps,
  facts: { by: string; abort: boolean; withdrawnApproval?: string },
  reason: string | null = null,
): JobCommand {
  const { abort } = facts
  return {
    line: { message: 'cancellation requested', facts },
    reason,
    isKnown: ({ state }) => state.cancelRequestedAt !== null && (!abort || state.isAbortWanted),
    events({ state }) {
      const at = deps.now().toISOString()
      const requested: JobEvent = {
        type: 'cancelRequested',
        at,
        ...facts,
        ...(reason === null ? {} : { reason }),
      }
      const isAtRest = state.startedAt === null || isHeld(state)
      return isAtRest ? [requested, { type: 'ended', at, status: 'Canceled', error: null }] : [requested]
    },
    nextTick(job) {
      // An abort is urgent, and possible as soon as Azure has accepted the write.
      const { current, steps } = job.state
      const isSending = current !== null && steps[current]?.write.phase === 'intended'
      return abort && !isSending ? null : nextRegularTick(job)
    },
  }
}

/** Releases a job that is held before its cutover; a job that has not reached the hold will not stop there. */
export async function releaseJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  { by, reason = null }: Release,
  call: CallContext<Job> = {},
): Promise<Job> {
  const command: JobCommand = {
    line: { message: 'job released', facts: { by } },
    reason,
    assertPossible: assertReleasable,
    isKnown: ({ state }) => state.hold !== null && state.hold.releasedAt !== null,
    events: () => [{ type: 'released', at: deps.now().toISOString(), by, reason }],
    nextTick: nextRegularTick,
  }
  return appendCommand(deps, plans, jobId, command, call)
}

function assertReleasable({ row, state }: LoadedJob): void {
  if (canBeReleased(state)) return
  const reason = state.hold === null ? 'it was created without a hold' : 'its cutover has already begun'
  throw new DomainError('JOB_NOT_HELD', { jobId: row.id, reason })
}

/** Changes the schedule of a job that has not begun. The window of the cluster is read before the change. */
export async function rescheduleJob(
  deps: JobsDeps,
  plans: PlanCache,
  jobId: string,
  { by, reason = null, ...requested }: Rescheduling,
  call: CallContext<Job> = {},
): Promise<Job> {
  const present = await loadJob(deps.database.kysely, plans, jobId)
  if (present === null) throw new DomainError('JOB_NOT_FOUND', { jobId })
  // This check comes before the read of Azure, so that the result for a job that has begun does not depend on Azure.
  assertReschedulable(present)
  const change = await resolveSchedule(deps, present.plan.cluster, requested)
  const merged = ({ state }: LoadedJob) => mergeSchedule(state.schedule, change)
  const command: JobCommand = {
    line: { message: 'job rescheduled', facts: { by } },
    reason,
    assertPossible(job) {
      assertReschedulable(job)
      assertSchedulePossible(merged(job), deps.now())
    },
    isKnown: (job) => isDeepStrictEqual(merged(job), job.state.schedule),
    events: (job) => [
      { type: 'rescheduled', at: deps.now().toISOString(), by, schedule: merged(job), reason },
    ],
    nextTick(job) {
      const now = deps.now()
      const next = nextCheckAt(merged(job), now)
      return next > now ? next : null
    },
  }
  return appendCommand(deps, plans, jobId, command, call)
}

function assertReschedulable({ row, state }: LoadedJob): void {
  if (state.finishedAt !== null)
    throw new DomainError('JOB_ALREADY_FINISHED', { jobId: row.id, status: state.status })
  if (!canBeRescheduled(state)) throw new DomainError('JOB_ALREADY_BEGUN', { jobId: row.id })
}

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
