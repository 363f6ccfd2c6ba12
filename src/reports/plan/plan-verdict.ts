import { isCleanup } from '../../core/cleanup/cleanup.ts'
import { type Inline, pluralize, type Verdict } from '../document/document.ts'
import {
  addsRangesOnly,
  endedReverted,
  endedUnmoved,
  isReconcile,
  outboundTypesOf,
  type ReportedPlan,
  supersededText,
} from './reported-plan.ts'

/** Whether the plan can be executed, and what it requires. */
export function buildVerdict(plan: ReportedPlan): Verdict {
  switch (plan.status) {
    case 'blocked': {
      const count = plan.findings.filter(({ severity }) => severity === 'blocker').length
      const verb = count === 1 ? 'prevents' : 'prevent'
      return {
        mark: 'blocked',
        sentence: `${pluralize(count, 'blocker')} ${verb} the ${nounOf(plan)} of ${subjectOf(plan)}.`,
      }
    }
    case 'noChange':
      return {
        mark: 'noChange',
        sentence: isCleanup(plan)
          ? `A cleanup of ${plan.cluster.name} would remove nothing. The findings of this plan state why.`
          : `${plan.cluster.name} already uses ${outboundTypesOf(plan).to} with the requested parameters.`,
      }
    case 'applicable':
      return applicableVerdict(plan)
    case 'executed':
      return executedVerdict(plan)
    default:
      return { mark: 'closed', sentence: `${CLOSED[plan.status]} The plan can no longer be executed.` }
  }
}

const CLOSED = {
  discarded: 'This plan was discarded.',
  expired: 'This plan has expired: the cluster may have changed since the plan was created.',
  stale: 'This plan is stale: the cluster has changed since the plan was created.',
}

function executedVerdict(plan: ReportedPlan): Verdict {
  const job: Inline[] = plan.jobId == null ? ['A job'] : ['The job ', { job: plan.jobId }]
  const later = supersededText(plan.execution?.supersededBy ?? null)
  switch (plan.execution?.status) {
    case 'Succeeded':
      return {
        mark: 'ready',
        word: 'Executed',
        sentence: [...job, ' has executed this plan and succeeded.', ...later],
      }
    case 'Failed':
    case 'Canceled': {
      const ended = plan.execution.status === 'Failed' ? ' failed' : ' was canceled'
      return {
        mark: 'closed',
        word: `Job ${plan.execution.status.toLowerCase()}`,
        sentence: [...job, ended, ...endingOf(plan), ...later],
      }
    }
    case 'NotStarted': {
      const at: Inline[] =
        plan.execution.beginsAt == null ? [] : [' The job begins at ', { time: plan.execution.beginsAt }, '.']
      return { mark: 'notChecked', word: 'Scheduled', sentence: [...job, ' will execute this plan.', ...at] }
    }
    case undefined:
      return {
        mark: 'closed',
        sentence: 'A job executes or has executed this plan. The plan can no longer be executed.',
      }
    default:
      return { mark: 'cutover', word: 'In progress', sentence: [...job, ' executes this plan.'] }
  }
}

/** What a job that did not succeed has done to the traffic, as the end of a sentence. */
function endingOf(plan: ReportedPlan): Inline[] {
  if (endedUnmoved(plan))
    return [' before the cutover. No traffic has moved, so the planned effects in this report did not occur.']
  if (endedReverted(plan)) return [' and reverted the cutover. Read the report of the job.']
  const confirmedBy = plan.execution?.confirmedBy
  const started =
    plan.cutOver.step === null
      ? ' after it had started to change the cluster.'
      : ' after a step that can move traffic had started.'
  if (confirmedBy == null) return [started, ' Read the report of the job.']
  return [started, ' The later job ', { job: confirmedBy.jobId }, ' has succeeded and read the addresses.']
}

function applicableVerdict(plan: ReportedPlan): Verdict {
  const count = plan.acknowledgementsRequired.length
  const acknowledgements = count === 0 ? [] : [pluralize(count, 'acknowledgement')]
  if (plan.approval === 'required')
    return {
      mark: 'closed',
      word: 'Approval missing',
      sentence: 'The approval window has ended without an approval. Create a new plan.',
    }
  const isPending = plan.approval === 'pending'
  const required = [...(isPending ? ['an approval'] : []), ...acknowledgements]
  const lead = isPending ? 'After a second person approves the plan, a' : 'A'
  const sentence = `${lead} job can ${VERBS[nounOf(plan)]} ${subjectOf(plan)}.`
  if (plan.activeJob != null)
    return {
      mark: 'acknowledgeFirst',
      word: `Ready after another job${required.length === 0 ? '' : `; requires ${required.join(' and ')}`}`,
      sentence: [
        sentence,
        ' When the plan was created, the job ',
        { job: plan.activeJob.id },
        ' of this cluster had not ended. This plan can be executed only after that job ends.',
      ],
    }
  if (required.length === 0) return { mark: 'ready', sentence }
  return { mark: 'acknowledgeFirst', word: `Ready; requires ${required.join(' and ')}`, sentence }
}

const VERBS = { reconcile: 'reconcile', cleanup: 'clean up', change: 'change' }

function nounOf(plan: ReportedPlan): keyof typeof VERBS {
  if (isReconcile(plan)) return 'reconcile'
  return isCleanup(plan) ? 'cleanup' : 'change'
}

function subjectOf(plan: ReportedPlan): string {
  const { from, to } = outboundTypesOf(plan)
  const { name } = plan.cluster
  if (isReconcile(plan)) return `the settings of ${name}, which has the outbound type ${to}`
  if (isCleanup(plan)) return `the resources, attachments and ranges that an earlier job left on ${name}`
  if (from !== to) return `${name} from ${from} to ${to}`
  return addsRangesOnly(plan) ? `the authorized IP ranges of ${name}` : `the ${to} parameters of ${name}`
}
