import type { Confidence, Finding, Severity } from '../../contract/finding.ts'
import { linkSources } from '../../core/references/references.ts'
import { type Block, type Inline, paragraph, pluralize, prose, type Section } from '../document/document.ts'
import { CONFIDENCE_LABELS } from '../document/labels.ts'
import { sortByHarm } from '../plan/harm.ts'
import { endedIncomplete, hasEnded, isSuperseded, type ReportedPlan } from '../plan/reported-plan.ts'
import { withSections } from './section-titles.ts'

/** A finding under its own heading: the message, the remedy, the confidence, and the sources. */
function findingPart(
  { code, severity, message, remedy, confidence, source }: Finding,
  plan: ReportedPlan,
): Block {
  return {
    kind: 'part',
    title: [{ mark: severity }, ' ', { finding: code }],
    blocks: [paragraph(...prose(message)), ...remedyOf(remedy, plan), confidenceOf(confidence, source)],
  }
}

function confidenceOf(confidence: Confidence, source: string): Block {
  return paragraph(`Confidence: ${CONFIDENCE_LABELS[confidence]}. Sources: `, {
    sources: linkSources(source),
  })
}

/** The remedy no longer fits the cluster if the job did not complete the change, or if a later job changed the egress. */
function remedyOf(remedy: string, plan: ReportedPlan): Block[] {
  if (isOfPast(plan)) return []
  return [paragraph({ strong: 'What to do:' }, ' ', ...prose(withSections(remedy, plan)))]
}

function isOfPast(plan: ReportedPlan): boolean {
  return endedIncomplete(plan) || isSuperseded(plan)
}

const PAST =
  'These findings describe the effects that the plan expected, not the current state of the cluster. Therefore, the report shows no remedies.'

/** A finding of which a reader first sees the code and the message. */
function foldedPart(
  { code, severity, message, remedy, confidence, source }: Finding,
  plan: ReportedPlan,
): Block {
  return {
    kind: 'fold',
    title: [{ mark: severity }, ' ', { finding: code }],
    lead: prose(message),
    blocks: [...remedyOf(remedy, plan), confidenceOf(confidence, source)],
  }
}

/** The findings that require nothing before the execution, the most harmful first. */
export function otherFindingsSection(plan: ReportedPlan): Section | null {
  const required = requiredFindings(plan)
  const others = sortByHarm(plan.findings.filter((finding) => !required.includes(finding)))
  if (others.length === 0) return null
  const parts = others.map((finding) => foldedPart(finding, plan))
  return {
    id: 'other-findings',
    title: 'Other findings',
    shortTitle: 'Findings',
    count: others.length,
    blocks:
      plan.status === 'blocked'
        ? [
            {
              kind: 'fold',
              title: [pluralize(others.length, 'other finding')],
              lead: 'These findings do not block the plan. A new plan evaluates them again.',
              blocks: parts,
            },
          ]
        : [
            paragraph('The most harmful findings are first.', ...(isOfPast(plan) ? [` ${PAST}`] : [])),
            ...parts,
          ],
  }
}

/** The findings that the reader must handle before the execution. If a plan is blocked, only its blockers matter. */
function requiredFindings({ findings, status }: ReportedPlan): Finding[] {
  const severities: Severity[] = status === 'blocked' ? ['blocker'] : ['blocker', 'acknowledge']
  return findings.filter(({ severity }) => severities.includes(severity))
}

/** Everything that is required before the execution: blockers, acknowledgements, and the request itself. */
export function prerequisitesSection(plan: ReportedPlan): Section {
  const required = requiredFindings(plan)
  return {
    id: 'prerequisites',
    title: plan.status === 'blocked' ? 'Blockers' : 'Prerequisites',
    ...(required.length > 0 && { count: required.length }),
    blocks: [
      paragraph(...leadOf(plan, required.length > 0)),
      ...(required.length > 0 && isOfPast(plan) ? [paragraph(PAST)] : []),
      ...required.map((finding) => findingPart(finding, plan)),
      ...requestOf(plan),
    ],
  }
}

const NOTHING = 'None: there is nothing to execute.'

function leadOf(plan: ReportedPlan, isListed: boolean): Inline[] {
  const { status, acknowledgementsRequired } = plan
  switch (status) {
    case 'blocked':
      return ['Fix every blocker, then create a new plan. This plan cannot be executed.']
    case 'noChange':
      return [isListed ? 'There is nothing to execute. These findings describe the cluster.' : NOTHING]
    case 'applicable':
      if (plan.approval === 'required')
        return [
          'Create a new plan. The approval window of this plan has ended without an approval, so no job can execute this plan.',
          isListed ? ' The plan requires these findings to be acknowledged:' : '',
        ]
      return acknowledgementsRequired.length === 0
        ? plan.approval === 'pending'
          ? ['The plan requires an approval, and no acknowledgement.']
          : ['None. To execute the plan, send this request:']
        : [
            'Read these findings. To execute the plan, list the code of each finding in ',
            { code: 'acknowledge' },
            '.',
          ]
    case 'executed':
      return [
        'None: ',
        ...jobState(plan),
        isListed ? ' The request for the job acknowledged these findings:' : '',
      ]
    default:
      return [
        'Create a new plan. This plan shows the cluster as it was when the plan was created.',
        isListed ? ' The plan required these findings to be fixed or acknowledged:' : '',
      ]
  }
}

/** The job of the plan, and whether it has ended. */
function jobState({ jobId, execution }: ReportedPlan): Inline[] {
  if (jobId == null || execution === undefined)
    return ['a job executes or has executed the plan. Read the job for its result.']
  return [
    'the job ',
    { job: jobId },
    hasEnded({ execution })
      ? ' of this plan has ended. Read the report of the job for the result.'
      : execution.status === 'NotStarted'
        ? ' will execute the plan.'
        : ' executes the plan.',
  ]
}

function requestOf({ id, status, approval, acknowledgementsRequired }: ReportedPlan): Block[] {
  if (status !== 'applicable' || approval === 'required') return []
  const approve: Block[] =
    approval === 'pending'
      ? [
          paragraph('First, a second person must approve the plan with this request:'),
          { kind: 'listing', title: `POST /v1/plans/${id}/approvals`, language: 'json', text: '{}' },
          paragraph('Then, execute the plan with this request:'),
        ]
      : []
  const acknowledge = acknowledgementsRequired.length === 0 ? {} : { acknowledge: acknowledgementsRequired }
  const text = JSON.stringify({ planId: id, ...acknowledge }, null, 2)
  return [...approve, { kind: 'listing', title: 'POST /v1/jobs', language: 'json', text }]
}
