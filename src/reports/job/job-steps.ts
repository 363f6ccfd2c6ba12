import type { Job, JobStep, JobStepStatus } from '../../contract/job.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import { type Cell, type Inline, type Section, type Text, tableOf } from '../document/document.ts'
import { type MarkName, windowText } from '../document/labels.ts'

/** The caller and the cluster of the job, and the times of its stages. */
export function jobFactsSection({ job, plan }: JobOutcome): Section {
  const facts: [string, Text][] = [
    ['Cluster', [{ code: job.cluster.id }]],
    ['Job', [{ code: job.id }]],
    ['Plan', [{ code: job.planId }, ', created by ', plan.createdBy, ' at ', { time: plan.createdAt }]],
    ['Created by', job.reason === null ? job.createdBy : `${job.createdBy} (${job.reason})`],
    ...job.approvals.map(({ id, by, at }): [string, Text] => [
      'Approved by',
      [by, ' at ', { time: at }, ...(isWithdrawn(job, id) ? [`, withdrawn by ${job.cancellation?.by}`] : [])],
    ]),
    ...scheduleOf(job),
    ...timesOf(job),
  ]
  return { id: 'job', title: 'Job', blocks: [{ kind: 'facts', facts }] }
}

/** Whether the job ended because this approval was withdrawn. */
function isWithdrawn({ cancellation }: Job, approvalId: string): boolean {
  return cancellation?.withdrawnApproval === approvalId
}

/** The times at which a job that has not begun may begin. */
function scheduleOf({ timestamps, schedule, beginsAt }: Job): [string, Text][] {
  if (schedule === null || timestamps.startedAt !== null || timestamps.finishedAt !== null) return []
  const { notBefore, window, clusterWindow, giveUpAt } = schedule
  return [
    ['Begins', beginsAt == null ? 'not within its schedule' : [{ time: beginsAt }]],
    ...(notBefore === null ? [] : [['Starts after', [{ time: notBefore }]] satisfies [string, Text]]),
    ...(window === null ? [] : [['Window', windowText(window)] satisfies [string, Text]]),
    ...(clusterWindow == null
      ? []
      : [['Window', 'the planned maintenance window of the cluster'] satisfies [string, Text]]),
    ...(giveUpAt === null
      ? []
      : [['Fails if it has not begun by', [{ time: giveUpAt }]] satisfies [string, Text]]),
  ]
}

function cancellationText({ cancellation }: Job): string {
  if (cancellation == null) return ''
  const { by, reason, withdrawnApproval } = cancellation
  const what = withdrawnApproval === undefined ? '' : ', who withdrew the last valid approval'
  return ` by ${by}${what}${reason === null ? '' : ` (${reason})`}`
}

function timesOf(job: Job): [string, Text][] {
  const { timestamps, hold } = job

  const { acceptedAt, startedAt, finishedAt, cancelRequestedAt } = timestamps
  const duration = startedAt === null || finishedAt === null ? null : durationText(startedAt, finishedAt)
  const times: [string, string | null | undefined, string?][] = [
    ['Created', acceptedAt],
    ['Started', startedAt],
    ['Held before the cutover', hold?.heldSince],
    ['Released', hold?.releasedAt, hold?.releasedBy === null ? '' : ` by ${hold?.releasedBy}`],
    ['Cancellation requested', cancelRequestedAt, cancellationText(job)],
    ['Ended', finishedAt, duration === null ? '' : `, ${duration} after the start`],
  ]
  return times.flatMap(([name, time, more = '']): [string, Text][] =>
    time === null || time === undefined ? [] : [[name, [{ time }, more]]],
  )
}

const STATUS_MARKS: Record<JobStepStatus, MarkName> = {
  Pending: 'notChecked',
  Running: 'cutover',
  Succeeded: 'ready',
  Failed: 'blocked',
  Skipped: 'closed',
  Canceled: 'closed',
}

/** Every step with its times, including the steps of a rollback. */
export function jobStepsSection({ job, plan }: JobOutcome): Section {
  const rows = job.steps.map((step, index) => stepRow(step, index + 1, plan.cutOver.step === step.key))
  return {
    id: 'steps',
    title: 'Steps',
    blocks: tableOf('Steps in execution order', ['Step', 'Status', 'Started', 'Duration', 'Attempts'], rows),
  }
}

function stepRow(step: JobStep, number: number, isCutover: boolean): Cell[] {
  const { title, status, startedAt, finishedAt, attempts } = step
  const label: Inline = { mark: STATUS_MARKS[status], word: status }
  return [
    { lines: [`${number}. ${title}`, ...(isCutover ? [[{ mark: 'cutover' } as const]] : [])] },
    [label],
    startedAt === null ? '–' : [{ time: startedAt }],
    startedAt === null || finishedAt === null ? '–' : durationText(startedAt, finishedAt),
    startedAt === null ? '–' : String(attempts),
  ]
}

/** `42 s`, `7 min 30 s`, `3 h 5 min`. */
export function durationText(start: string, end: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(end) - Date.parse(start)) / 1_000))
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60]
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`
  if (minutes > 0) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return `${seconds} s`
}
