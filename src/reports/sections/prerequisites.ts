import type { Finding } from '../../contract/finding.ts'
import { linkSources } from '../../core/references/references.ts'
import { type Block, type Inline, joinTexts, paragraph, prose, type Section } from '../document/document.ts'
import { CONFIDENCE_LABELS } from '../document/labels.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

/** A finding under its own heading: the message, the remedy, the confidence, and the sources. */
function findingPart({ code, severity, message, remedy, confidence, source }: Finding): Block {
  return {
    kind: 'part',
    title: [{ mark: severity }, ' ', { code }],
    blocks: [
      paragraph(...prose(message)),
      paragraph({ strong: 'What to do:' }, ' ', ...prose(remedy)),
      paragraph(`Confidence: ${CONFIDENCE_LABELS[confidence]}. Source: `, ...sourceLinks(source)),
    ],
  }
}

/** The sources, each linked to its page if the page is known. */
export function sourceLinks(source: string): Inline[] {
  const links = linkSources(source).map(({ text, url }): Inline[] => [
    url === null ? text : { link: text, url },
  ])
  return joinTexts(links, '; ')
}

/** Warnings and infos. The prerequisites contain the other findings. */
export function otherFindingsSection({ findings }: ReportedPlan): Section {
  const others = findings.filter(({ severity }) => severity === 'warning' || severity === 'info')
  return {
    id: 'other-findings',
    title: 'Other findings',
    blocks: others.length === 0 ? [paragraph('There are no other findings.')] : others.map(findingPart),
  }
}

/** Everything that is required before the execution: blockers, acknowledgements, and the request itself. */
export function prerequisitesSection(plan: ReportedPlan): Section {
  const required = plan.findings.filter(
    ({ severity }) => severity === 'blocker' || severity === 'acknowledge',
  )
  return {
    id: 'prerequisites',
    title: 'Prerequisites',
    blocks: [
      paragraph(...leadOf(plan, required.length > 0)),
      ...required.map(findingPart),
      ...requestOf(plan),
    ],
  }
}

const NOTHING = 'None: there is nothing to execute.'

function leadOf({ status, findings, acknowledgementsRequired }: ReportedPlan, isListed: boolean): Inline[] {
  switch (status) {
    case 'blocked':
      return findings.some(({ severity }) => severity === 'acknowledge')
        ? [
            'Fix every blocker, then create a new plan. The findings below include the effects that you will have to acknowledge.',
          ]
        : ['Fix every blocker, then create a new plan.']
    case 'noChange':
      return [isListed ? 'There is nothing to execute. These findings describe the cluster.' : NOTHING]
    case 'applicable':
      return acknowledgementsRequired.length === 0
        ? ['None. To execute the plan, send this request:']
        : [
            'Read these findings. To execute the plan, acknowledge each of them: list its code in ',
            { code: 'acknowledge' },
            '.',
          ]
    case 'executed':
      return [
        'None: a job executes or has executed the plan. Read the job for its result.',
        isListed ? ' The request for the job acknowledged these findings:' : '',
      ]
    default:
      return [
        'Create a new plan. This plan shows the cluster as it was when the plan was created.',
        isListed ? ' It required these findings to be fixed or acknowledged:' : '',
      ]
  }
}

function requestOf({ id, status, acknowledgementsRequired }: ReportedPlan): Block[] {
  if (status !== 'applicable') return []
  const acknowledge = acknowledgementsRequired.length === 0 ? {} : { acknowledge: acknowledgementsRequired }
  const text = JSON.stringify({ planId: id, ...acknowledge }, null, 2)
  return [{ kind: 'listing', title: 'POST /v1/jobs', language: 'json', text }]
}
