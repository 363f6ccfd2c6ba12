import { Type } from 'typebox'
import type { Job } from '../../contract/job.ts'
import { CancelRequestSchema, JobRequestSchema } from '../../contract/job-requests.ts'
import { ReasonSchema } from '../../contract/plan-request.ts'
import { cancelJob } from '../../routes/operations/cancel-job.ts'
import { createJob } from '../../routes/operations/create-job.ts'
import { createRollbackPlan } from '../../routes/operations/create-rollback-plan.ts'
import { getJob } from '../../routes/operations/get-job.ts'
import { releaseJob } from '../../routes/operations/release-job.ts'
import type { Answer } from '../dispatch.ts'
import { defineTool, described, JOB_ID, PLAN_ID, READS, type ToolContext } from './tool.ts'
import { EXECUTE_VIEW, JOB_VIEW, PLAN_VIEW } from './views.ts'

const REASON = Type.String({
  ...ReasonSchema,
  minLength: 1,
  description: 'For the audit log, such as a change number.',
})
const CHANGES = { readOnlyHint: false, destructiveHint: true, idempotentHint: true }

// A webhook has a secret, which must not pass through a model.
const { onFailure, holdBeforeCutOver, notBefore, window, giveUpAt } = JobRequestSchema.properties

export const execute = defineTool({
  name: 'execute',
  title: 'Execute a plan',
  description:
    'Changes the cluster: starts a job that executes the plan. Call it only after the user has read the findings and agreed to each acknowledged code. Calling it again for the same plan returns the same job with `alreadyExecuted` and ignores the arguments, even after that job was canceled: a new attempt needs a new plan. Follow the job with `follow_job`.',
  operation: createJob,
  annotations: CHANGES,
  view: EXECUTE_VIEW,
  arguments: {
    planId: PLAN_ID,
    acknowledge: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
      maxItems: 100,
      description:
        'The codes of `acknowledgementsRequired` of the plan that the user accepts; empty if none is required.',
    }),
    reason: REASON,
    onFailure: described(
      onFailure,
      '`stop` (default) leaves the cluster as it is after a failed step; `rollBack` reverts the cutover.',
    ),
    holdBeforeCutOver: described(
      holdBeforeCutOver,
      'Holds the job before traffic moves, until `release`. During the hold, `preparedAddresses` lists the new addresses, so that you can announce them.',
    ),
    notBefore: described(notBefore, 'The job does not start before this time, in RFC 3339.'),
    window: described(
      window,
      'A weekly window in which the job starts, or `cluster` for the maintenance window of the cluster.',
    ),
    giveUpAt: described(
      giveUpAt,
      'A job that has not started by this time, in RFC 3339, fails without changes.',
    ),
  },
  request: (body) => ({ body }),
  async call({ planId, ...rest }, { send }) {
    // An agent that lost the first result does not know whether the user has canceled the job.
    const answer = await send({ operation: createJob, body: { planId, ...rest, onlyOnce: true } })
    const jobId = executedAs(answer)
    if (jobId === null) return answer
    const job = await send({ operation: getJob, params: { jobId } })
    const text = job.status === 200 ? withNotice(JSON.parse(job.text)) : unread(planId, jobId, job)
    return { status: 200, headers: job.headers, text }
  },
})

/** The job that has executed the plan already; null for any other answer. */
function executedAs({ status, text }: Answer): string | null {
  if (status !== 409) return null
  const { code, facts } = JSON.parse(text) as { code: string; facts: { jobId?: unknown } }
  return code === 'PLAN_ALREADY_EXECUTED' && typeof facts.jobId === 'string' ? facts.jobId : null
}

const EXISTING = 'The plan already has this job. The arguments of this call were not applied.'

/** The job, with the statement that this call changed nothing about it. */
function withNotice(job: Job): string {
  const { schedule, onFailure, status } = job
  const hold = job.hold === null ? 'The job has no hold' : `The status of its hold is ${job.hold.status}`
  const start = schedule === null ? 'no schedule' : `the schedule ${JSON.stringify(schedule)}`
  const canceled =
    status === 'Canceled' ? ' The job was canceled. If the user wants a new attempt, create a new plan.' : ''
  const alreadyExecuted = `${EXISTING}${canceled} ${hold}; the job has ${start} and \`onFailure\` ${onFailure}.`
  return JSON.stringify({ ...job, alreadyExecuted })
}

/** Only the IDs of the job: this caller may execute but not read, or the job cannot be read now. */
function unread(planId: string, id: string, { text }: Answer): string {
  const { code } = JSON.parse(text) as { code: string }
  return JSON.stringify({ id, planId, alreadyExecuted: `${EXISTING} Its state could not be read: ${code}.` })
}

/** Shorter than the 60 s that clients wait for a result by default. */
const MAX_FOLLOW_SECONDS = 50
const DEFAULT_FOLLOW_SECONDS = 20

export const followJob = defineTool({
  name: 'follow_job',
  title: 'Follow a job',
  description:
    'Returns a job as soon as it ends or is held, or its state after `waitSeconds`. Sends progress notifications while it waits. Call it again while the status is `NotStarted` or `Running`.',
  operation: getJob,
  annotations: READS,
  view: JOB_VIEW,
  arguments: {
    jobId: JOB_ID,
    waitSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_FOLLOW_SECONDS,
        description: `0 to ${MAX_FOLLOW_SECONDS}; default ${DEFAULT_FOLLOW_SECONDS}.`,
      }),
    ),
  },
  request: ({ jobId }) => ({ params: { jobId } }),
  call: ({ jobId, waitSeconds = DEFAULT_FOLLOW_SECONDS }, context) => follow(jobId, waitSeconds, context),
})

/** Polls the job with `Prefer: wait`, which responds at each change. */
async function follow(jobId: string, waitSeconds: number, { send, progress }: ToolContext): Promise<Answer> {
  const endsAt = performance.now() + waitSeconds * 1_000
  const poll = { operation: getJob, params: { jobId } }
  let answer = await send(poll)
  while (answer.status === 200) {
    const { status, hold, progress: steps, currentStep } = JSON.parse(answer.text) as Job
    await progress(steps.done, steps.total, currentStep ?? status)
    const seconds = Math.ceil((endsAt - performance.now()) / 1_000)
    const isOver = status !== 'NotStarted' && status !== 'Running'
    if (isOver || hold?.status === 'Held' || seconds <= 0) break
    const headers = { prefer: `wait=${seconds}`, 'if-none-match': String(answer.headers.etag) }
    const next = await send({ ...poll, headers })
    // Unchanged until the end of the wait, or too many polls wait already, or the service is about to stop.
    if (next.status === 304 || next.status === 503) break
    answer = next
    // Without the wait, the loop would not pause.
    if (next.headers['preference-applied'] === undefined) break
  }
  return answer
}

export const release = defineTool({
  name: 'release',
  title: 'Release a held job',
  description:
    'Continues a job that is held before its cutover: traffic then moves. Call it only after the user agreed.',
  operation: releaseJob,
  annotations: CHANGES,
  view: JOB_VIEW,
  arguments: { jobId: JOB_ID, reason: REASON },
  request: ({ jobId, reason }) => ({ params: { jobId }, body: { reason } }),
})

export const cancel = defineTool({
  name: 'cancel',
  title: 'Cancel a job',
  description:
    'Stops a job before its next step. It reverts nothing: use `roll_back` after the job has ended.',
  operation: cancelJob,
  annotations: CHANGES,
  view: JOB_VIEW,
  arguments: {
    jobId: JOB_ID,
    reason: REASON,
    abortOperation: described(
      CancelRequestSchema.properties.abortOperation,
      'Aborts the operation that AKS is running, which can leave an intermediate state. Default: false.',
    ),
  },
  request: ({ jobId, reason, abortOperation }) => ({
    params: { jobId },
    body: { reason, ...(abortOperation === undefined ? {} : { abortOperation }) },
  }),
})

export const rollBack = defineTool({
  name: 'roll_back',
  title: 'Create a rollback plan',
  description:
    'Creates a plan that restores the egress from before the job. It changes nothing yet: show the user what the rollback cannot restore, then call `execute` with the ID of the plan.',
  operation: createRollbackPlan,
  annotations: { readOnlyHint: false, destructiveHint: false },
  view: PLAN_VIEW,
  arguments: { jobId: JOB_ID },
  request: ({ jobId }) => ({ params: { jobId } }),
})
