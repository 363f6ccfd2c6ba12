import { ArmFault, BUDGET_SPENT } from '../../azure/errors/arm-fault.ts'
import type { JobError, JobErrorCode } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import { isCleanup } from '../../core/cleanup/cleanup.ts'
import type { JobEvent, Observations, RecordedFault } from '../../core/job/events.ts'
import { jobError, RESULT_REFUSED } from '../../core/job/job-error.ts'
import { measuresRollback } from '../../core/job/job-probes.ts'
import { isWrite, mayHaveWritten } from '../../core/job/job-state.ts'
import { decideRetry } from '../../core/job/retry-policy.ts'
import { buildRollbackSteps } from '../../core/job/rollback-steps.ts'
import { asSentence } from '../../core/lib/text.ts'
import type { ProbeVerdict } from '../../core/probe/compare-probes.ts'
import type { RestoringWork } from '../../core/probe/compare-rollback.ts'
import { lossSentence } from '../../core/probe/losses.ts'
import { StaleRevisionError } from '../../database/stores/job-store.ts'
import { readLeftCluster } from '../cluster-reading.ts'
import { elapsedMs, type JobsDeps } from '../deps.ts'
import {
  type LoadedJob,
  logFacts,
  type RecordOptions,
  recordEvents,
  reloadJob,
  withEvents,
} from '../event-log.ts'
import {
  recordStep,
  type StepContext,
  type StepFacts,
  stepContext,
  stepEvent,
  stepState,
} from './step-context.ts'

/** Completes the step; the job continues immediately. */
export async function succeedStep(
  context: StepContext,
  observed: Observations | null,
  warnings: StepFacts[] = [],
  hook?: RecordOptions['hook'],
): Promise<void> {
  await recordStep(context, [...warnings, { type: 'stepSucceeded', observed }], null, hook)
  context.deps.logger.info(logFacts(context.job, context.step), 'step succeeded')
}

/** What the measurement at the end of a job is about. */
export function restoringWork(plan: Plan): RestoringWork {
  return isCleanup(plan) ? 'cleanup' : 'rollback'
}

/** Ends the measurement after a rollback or cleanup, whose result does not change that the job has failed and is reverted. */
export async function endRollbackProbe(
  context: StepContext,
  { lost, warnings: unmeasured }: Pick<ProbeVerdict, 'lost' | 'warnings'>,
): Promise<void> {
  const work = restoringWork(context.job.plan)
  const sentences = [
    ...(lost.length === 0
      ? []
      : [
          `After the ${work}, nodes do not reach some endpoints that they reached before the cutover. ${lost.map(lossSentence).join(' ')}${cleanupHint(context)}`,
        ]),
    ...(unmeasured.length === 0
      ? []
      : [
          `After the ${work}, it is unknown whether nodes again reach all endpoints that they reached before the cutover. ${unmeasured.join(' ')} To measure again, send \`POST /v1/probes\`.`,
        ]),
  ]
  await succeedStep(context, null, [
    ...sentences.map((message): StepFacts => ({ type: 'warned', message })),
    { type: 'probeCompared', lost, unmeasured },
  ])
}

/** A rollback plan keeps what the job has attached, because a cleanup plan removes it. */
function cleanupHint({ job: { plan }, step: { does } }: StepContext): string {
  const id = does.kind === 'probeNodes' && !isCleanup(plan) ? does.baselineJobId : undefined
  return id === undefined
    ? ''
    : ` Execute a cleanup plan of the reverted job (\`POST /v1/jobs/${id}/clean-up-plan\`): until then, its routes and NAT gateways override the outbound type.`
}

/** Fails the job: it ends, or reverts its changes if the caller requested this and traffic may have moved. */
export async function failJob(
  context: StepContext,
  code: JobErrorCode,
  cause: Parameters<typeof jobError>[2] = {},
): Promise<void> {
  const { deps, job, step, unrecorded } = context
  const error = withOriginalError(job, jobError(code, step.key, cause))
  const steps =
    job.state.onFailure === 'rollBack' && job.state.rollback === null
      ? buildRollbackSteps(job.plan, withEvents(job, unrecorded).state)
      : []
  const hasRollback = steps.length > 0
  const at = deps.now().toISOString()
  const event: JobEvent = hasRollback
    ? { type: 'rollbackStarted', at, error, steps }
    : { type: 'ended', at, status: 'Failed', error }
  const next = await recordEvents(deps, job, [...unrecorded, event])
  deps.logger.warn(
    { ...logFacts(job, step), code, ...toArmLogFields(error) },
    hasRollback ? 'job failed; starting rollback' : 'job failed',
  )
  await readAfterEnd(deps, next)
}

/** The inventory would otherwise show the state before the job until its next refresh. */
async function readAfterEnd(deps: JobsDeps, { row, plan, state }: LoadedJob): Promise<void> {
  if (state.finishedAt === null || state.status === 'Succeeded') return
  if (plan.steps.some((step) => isWrite(step) && mayHaveWritten(state, step.key)))
    await readLeftCluster(deps, row.cluster_key, plan.cluster)
}

/** The error from ARM as fields of a log line. `armRequestId` is the request ID of ARM. */
function toArmLogFields({ arm }: JobError): object {
  if (arm === null) return { arm }
  const { requestId: armRequestId, ...error } = arm
  return { arm: error, armRequestId }
}

/** If the rollback fails, the first error is still the cause. */
function withOriginalError({ state }: LoadedJob, error: JobError): JobError {
  const first = state.rollback?.error
  if (first === undefined) return error
  return { ...error, message: `${asSentence(first.message)} The rollback failed too: ${error.message}` }
}

/** Ends the job. */
export async function endJob(
  deps: JobsDeps,
  job: LoadedJob,
  status: 'Succeeded' | 'Failed' | 'Canceled',
  error: JobError | null,
): Promise<void> {
  const at = deps.now().toISOString()
  await readAfterEnd(deps, await recordEvents(deps, job, [{ type: 'ended', at, status, error }]))
}

/** Cancels the job after Azure has aborted its operation. The error describes the possible state of the cluster. */
export async function endAbortedJob({ deps, job, step }: StepContext): Promise<void> {
  await endJob(deps, job, 'Canceled', jobError('OPERATION_ABORTED', step.key))
  deps.logger.warn(logFacts(job, step), 'job canceled; Azure aborted its operation')
}

/**
 * Orders the next tick at `at` without an event. If there were errors, a response from Azure clears them: otherwise, an
 * error hours later would count as the next consecutive error.
 */
export async function scheduleNextRead(context: StepContext, at: Date): Promise<void> {
  const hasFaults = (stepState(context)?.faults.count ?? 0) > 0
  await recordStep(context, hasFaults ? [{ type: 'recovered' }] : [], at)
}

/** How an error is recorded: `writeRefused` when Azure certainly did not accept the step's write. */
type FaultEvent = 'faulted' | 'writeRefused'

/**
 * Handles an error of a call to Azure: by the retry table the step is retried later or the job ends. Rejects with any
 * error that is not an `ArmFault`.
 */
export async function handleArmError(
  context: StepContext,
  error: unknown,
  type: FaultEvent = 'faulted',
): Promise<void> {
  if (!(error instanceof ArmFault)) throw error
  const { kind, code, message, requestId, retryAfterMs } = error
  if (code === BUDGET_SPENT && type === 'faulted') {
    // No request was sent and nothing failed: the call only waits for the call budget.
    await recordStep(context, [], new Date(context.deps.now().getTime() + (retryAfterMs ?? 0)))
    return
  }
  await recordFault(context, { kind, code, message, requestId }, retryAfterMs, type)
}

/** Applies the retry table to an error and records its decision. */
async function recordFault(
  context: StepContext,
  fault: RecordedFault,
  retryAfterMs: number | null,
  type: FaultEvent,
): Promise<void> {
  const { deps, job, step, unrecorded } = context
  const { kind, code, message, requestId } = fault
  const now = deps.now()
  const faults = stepState(context)?.faults
  const isSameKind = faults?.kind === kind
  const decision = decideRetry({
    kind,
    code,
    isOther: step.does.kind === 'putResource' || step.does.kind === 'deleteResource',
    count: isSameKind ? faults.ofKind : 0,
    elapsedMs: isSameKind ? elapsed(deps, faults.kindSince) : 0,
    totalMs: elapsed(deps, faults?.since ?? null),
    retryAfterMs,
    random: deps.random(),
  })
  if (decision.kind === 'fail' && measuresRollback(step))
    return endRollbackProbe(context, {
      lost: [],
      warnings: [
        asSentence(`The measurement after the ${restoringWork(job.plan)} failed: ${code}: ${message}`),
      ],
    })
  if (decision.kind === 'fail') {
    // A rejected write is recorded before the end, because it determines what must be reverted.
    const rejected = type === 'faulted' ? [] : [stepEvent(context, { type, fault, retryAt: null })]
    const arm = kind === 'internal' ? null : { code, message, requestId }
    const isAnswered = type === 'writeRefused' || (stepState(context)?.write.phase ?? 'none') === 'none'
    const texts = decision.code === 'ARM_REFUSED' && !isAnswered ? { texts: RESULT_REFUSED } : {}
    return failJob({ ...context, unrecorded: [...unrecorded, ...rejected] }, decision.code, { arm, ...texts })
  }
  const retryAt = new Date(now.getTime() + decision.afterMs)
  deps.logger.warn(
    { ...logFacts(job, step), kind, code, armRequestId: requestId, retryAt },
    'request failed; retrying',
  )
  await recordStep(context, [{ type, fault, retryAt: retryAt.toISOString() }], retryAt)
}

function elapsed(deps: JobsDeps, since: string | null): number {
  return since === null ? 0 : elapsedMs(deps, since)
}

/** The part of an internal error that callers see. The log contains the details. */
const INTERNAL_FAULT = {
  kind: 'internal',
  code: 'INTERNAL',
  message: 'Internal error of this service.',
  requestId: null,
} as const

/**
 * Handles a tick that failed without an error from Azure. The step is retried, and after several failures the job
 * fails, because it would otherwise hold the lock of its cluster forever. Rejects with the error if it cannot be
 * recorded, for example while the database is unavailable.
 */
export async function recordInternalError(deps: JobsDeps, former: LoadedJob, error: unknown): Promise<void> {
  try {
    const job = await reloadJob(deps.database.kysely, former)
    const { current, finishedAt, rollback, steps: states } = job.state
    const steps = [...job.plan.steps, ...(rollback?.steps ?? [])]
    const step = steps.find(({ key }) =>
      current === null ? states[key]?.status === 'Pending' : key === current,
    )
    if (finishedAt !== null || step === undefined) throw error
    const context = stepContext(deps, job, { step, isNew: current === null })
    await recordFault(context, INTERNAL_FAULT, null, 'faulted')
  } catch (failure) {
    if (failure instanceof StaleRevisionError) return
    throw error
  }
}
