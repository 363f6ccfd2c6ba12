import type { FindingKind } from '../../contract/finding.ts'
import {
  type Block,
  type Inline,
  paragraph,
  prose,
  type ReportPage,
  type Section,
} from '../document/document.ts'
import { CONFIDENCE_LABELS } from '../document/labels.ts'
import { HOME_LINK, pageToHtml } from '../page/report-page.ts'

/** The meaning of a finding code as one HTML page. */
export function htmlFinding(kind: FindingKind): string {
  return pageToHtml(toPage(kind))
}

function toPage(kind: FindingKind): ReportPage {
  const { code, severity, confidence } = kind
  return {
    heading: `Finding ${code}`,
    verdict: verdictOf(kind),
    isSimulated: false,
    identity: confidence === null ? [] : [['Confidence', CONFIDENCE_LABELS[confidence]]],
    runningTitle: code,
    sections: [...(severity === null ? [] : [meaningSection(severity)]), ...detailSections(kind)],
    links: [{ text: 'All finding codes as JSON', path: '/findings' }, HOME_LINK],
  }
}

function verdictOf({ severity, sample, instead }: FindingKind): ReportPage['verdict'] {
  if (severity === null)
    return {
      mark: 'closed',
      word: 'No longer reported',
      sentence: prose(instead ?? 'Only plans of earlier versions contain this finding.'),
    }
  return { mark: severity, sentence: sample === null ? '' : prose(sample.message) }
}

const MEANINGS: Record<NonNullable<FindingKind['severity']>, Inline[]> = {
  blocker: ['A plan with this finding cannot be executed. Fix the cause, then create a new plan.'],
  acknowledge: [
    'A job executes a plan with this finding only if the request lists the code in ',
    { code: 'acknowledge' },
    '.',
  ],
  warning: [
    'This finding does not prevent the execution of a plan. Read the finding before you execute the plan.',
  ],
  info: ['For information only.'],
}

function meaningSection(severity: keyof typeof MEANINGS): Section {
  return {
    id: 'severity',
    title: 'Severity',
    blocks: [
      paragraph(...MEANINGS[severity]),
      paragraph(
        'For some findings, the severity depends on the cluster. Each plan shows the severity for its cluster.',
      ),
    ],
  }
}

function detailSections({ sample, sources }: FindingKind): Section[] {
  const remedy: Section[] =
    sample === null
      ? []
      : [
          {
            id: 'remedy',
            title: 'What to do',
            blocks: [
              paragraph(...prose(sample.remedy)),
              paragraph(
                'The names and numbers are examples. A plan shows the names and numbers of its cluster.',
              ),
            ],
          },
        ]
  const references: Section[] =
    sources.length === 0
      ? []
      : [{ id: 'sources', title: 'Sources', count: sources.length, blocks: [listOf(sources)] }]
  return [...remedy, ...references]
}

function listOf(sources: FindingKind['sources']): Block {
  const items = sources.map(({ title, url }): Inline[] => [url === null ? title : { link: title, url }])
  return { kind: 'list', isOrdered: true, items }
}
