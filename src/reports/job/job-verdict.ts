import { isCleanup } from '../../core/cleanup/cleanup.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import { trafficMovingSteps } from '../../core/job/rollback-steps.ts'
import { asSentence, textOrNull } from '../../core/lib/text.ts'
import { isSamePlace } from '../../core/probe/compare-probes.ts'
import { type Inline, pluralize, prose, type Verdict } from '../document/document.ts'
import { changeTitle, outboundTypesOf, supersededText } from '../plan/reported-plan.ts'
import { rollbackReach } from './job-probes.ts'

/** The subject of the report in one line. */
export function jobReportTitle({ plan }: JobOutcome): string {
  return `Job for ${plan.cluster.name}: ${changeTitle(plan)}`
}

/** The progress or the result of the job. */
export function jobVerdict(outcome: JobOutcome): Verdict {
  const { job } = outcome
  switch (job.status) {
    case 'NotStarted':
      return {
        mark: 'notChecked',
        word: 'Not started',
        sentence:
          job.beginsAt == null
            ? ['The job has not begun.']
            : ['The job has not begun. It begins at ', { time: job.beginsAt }, '.'],
      }
    case 'Running':
      return runningVerdict(outcome)
    case 'Succeeded':
      return {
        ...(unreachedOf(job).length === 0
          ? { mark: 'ready', word: 'Succeeded' }
          : { mark: 'acknowledgeFirst', word: 'Succeeded, but nodes do NOT reach all endpoints' }),
        sentence: [successOf(outcome), ...laterJobOf(outcome)],
      }
    case 'Failed':
      return {
        mark: 'blocked',
        word: 'Failed',
        sentence: [...prose(asSentence(failureOf(outcome))), ...laterJobOf(outcome)],
      }
    case 'Canceled':
      if (job.timestamps.startedAt !== null)
        return {
          mark: 'closed',
          word: 'Canceled',
          sentence: [
            `${canceledBy(outcome)}${movedText(outcome)}${stepsDone(outcome)} Nothing was reverted.`,
            ...laterJobOf(outcome),
          ],
        }
      return {
        mark: 'closed',
        word: 'Canceled',
        sentence: [
          `${canceledBy(outcome)}The job had not begun and changed nothing, so the plan is not used up. You can create a new job for this plan until the plan expires or becomes stale.`,
          ...laterJobOf(outcome),
        ],
      }
  }
}

/** Who canceled the job, and why, as a sentence; empty for jobs of earlier versions. */
function canceledBy({ job: { cancellation } }: JobOutcome): string {
  if (cancellation == null) return ''
  const { by, withdrawnApproval } = cancellation
  const reason = textOrNull(cancellation.reason)
  if (withdrawnApproval !== undefined) return `${by} withdrew the last valid approval. `
  return `${by} canceled the job${reason === null ? '.' : `: ${asSentence(reason)}`} `
}

/** The later jobs that read the addresses, and that changed them. */
function laterJobOf({ confirmedBy, supersededBy }: JobOutcome): Inline[] {
  const confirmed: Inline[] =
    confirmedBy === null ? [] : [' Since then, the job ', { job: confirmedBy.jobId }, ' has succeeded.']
  return [...confirmed, ...supersededText(supersededBy)]
}

function runningVerdict(outcome: JobOutcome): Verdict {
  const { job } = outcome
  if (job.hold?.status === 'Held')
    return {
      mark: 'acknowledgeFirst',
      word: 'Held',
      sentence: ['The job waits for a release before the step that moves traffic.'],
    }
  if (job.rollback !== null)
    return {
      mark: 'cutover',
      word: 'Reverting',
      sentence: ['A step failed, and the job is reverting the change.'],
    }
  const current = job.steps.find(({ key }) => key === job.currentStep)
  const step = current === undefined ? '' : ` Current step: “${current.title}”.`
  return {
    mark: 'cutover',
    word: 'Running',
    sentence: [`${stepsDone(outcome)}${step}${cancelText(outcome)}`],
  }
}

/** A job cannot stop within a step, so it still runs for some time. */
function cancelText({ job }: JobOutcome): string {
  return job.timestamps.cancelRequestedAt === null ? '' : ' A cancellation was requested.'
}

function stepsDone({ job: { progress } }: JobOutcome): string {
  return `${progress.done} of ${pluralize(progress.total, 'step')} completed.`
}

function successOf({ plan, job }: JobOutcome): string {
  const { from, to } = outboundTypesOf(plan)
  const { name } = plan.cluster
  const change = isCleanup(plan)
    ? `The cleanup of ${name} removed everything that its plan lists.`
    : from === to
      ? `Every step of the plan for ${name} succeeded.`
      : `The outbound type of ${name} has changed from ${from} to ${to}.`
  if (job.nodeVerification?.afterRollback !== undefined) return `${change} ${reachOf(plan, job)}`.trim()
  const missed = unreachedOf(job)
  if (missed.length > 0)
    return `${change} After the cutover, nodes do NOT reach ${missed.join(', ')}. These endpoints were not measured before the cutover, so it is unknown whether the change is the cause.`
  return isUnverified(job)
    ? `${change} No node was measured both before and after the cutover, so it is unknown whether nodes still reach all endpoints that they reached before.`
    : change
}

/** The endpoints that nodes must reach and do not reach, each once. */
function unreachedOf({ nodeVerification }: JobOutcome['job']): string[] {
  return [...new Set((nodeVerification?.unreached ?? []).flatMap(({ endpoint }) => endpoint ?? []))]
}

/** Whether the job was to compare measurements from nodes, and has none to compare. */
function isUnverified({ nodeVerification }: JobOutcome['job']): boolean {
  if (nodeVerification === undefined) return false
  const isMeasured = ({ status }: { status: string }) => status === 'completed'
  const before = (nodeVerification.before ?? []).filter(isMeasured)
  const after = (nodeVerification.after ?? []).filter(isMeasured)
  return !before.some((node) => after.some((other) => isSamePlace(node, other)))
}

/** ARM shows that the change is reverted; only a measurement shows that nodes reach everything again. */
function reachOf(plan: JobOutcome['plan'], { nodeVerification }: JobOutcome['job']): string {
  const measured = nodeVerification?.afterRollback
  return measured === undefined ? '' : rollbackReach(measured, isCleanup(plan) ? 'cleanup' : 'rollback')
}

/** The step that failed, and whether it changed nothing, as a sentence; empty if the job failed outside of a step. */
function failedStepOf({ error, steps }: JobOutcome['job']): string {
  const step = steps.find(({ key }) => key === error?.step)
  if (step === undefined) return ''
  return `The step “${step.title}” failed${step.mayHaveChanged === false ? ' before it changed anything' : ''}. `
}

/** Some errors say it themselves. */
const UNMOVED = 'No traffic has moved.'

/** Whether traffic has moved, which the error of a later step does not say. */
function movedText(outcome: JobOutcome): string {
  const movement = movementOf(outcome)
  return movement === null ? '' : `${MOVEMENTS[movement]} `
}

export const MOVEMENTS = {
  moved: 'Traffic has moved.',
  partly: 'Traffic has moved at the cutover, and more traffic may have moved.',
  possible: 'Traffic may have moved.',
}

/** The traffic that the job has moved so far, as far as its steps prove it. Null if it moved none, or its plan moves none. */
export function movementOf({ plan, job, hasMoved }: JobOutcome): keyof typeof MOVEMENTS | null {
  if (!hasMoved || plan.cutOver.step === null) return null
  // The undo steps may have moved some of the traffic back.
  if (job.rollback !== null) return 'possible'
  if (job.result !== null) return 'moved'
  const cutover = job.steps.find(({ key }) => key === plan.cutOver.step)
  if (cutover?.status !== 'Succeeded') return 'possible'
  const isMoving = (key: string) => trafficMovingSteps(plan).some((step) => step.key === key)
  // Jobs of earlier versions do not say what a step may have changed.
  const open = job.steps.some(
    ({ key, status, startedAt, mayHaveChanged }) =>
      isMoving(key) && startedAt !== null && mayHaveChanged !== false && status !== 'Succeeded',
  )
  return open ? 'partly' : 'moved'
}

function failureOf(outcome: JobOutcome): string {
  const { plan, job, stage, hasMoved } = outcome
  const message = job.error?.message ?? 'The job failed.'
  const error = asSentence(`${failedStepOf(job)}${message}`)
  switch (job.rollback?.status) {
    case 'Succeeded':
      return `The job failed and reverted the cutover. ${error} ${reachOf(plan, job)}`.trim()
    case 'Failed':
      return `The job failed and could not revert the cutover completely. ${message}`
    default:
      if (stage === 'confirmed' && !hasMoved && !error.includes(UNMOVED)) return `${UNMOVED} ${error}`
      return `${movedText(outcome)}${error}`
  }
}
