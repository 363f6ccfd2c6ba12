import { parentResourceName } from '../../core/arm/resource-id.ts'
import { type Block, codeList, type Inline, paragraph, type Section } from '../document/document.ts'
import { hasChanges, type ReportedPlan } from '../plan/reported-plan.ts'

/** Who the API server admits, and what the plan does about it. */
export function authorizedRangesSection(plan: ReportedPlan): Section {
  return { id: 'api-server', title: 'API server: authorized ranges', blocks: blocksOf(plan) }
}

function blocksOf(plan: ReportedPlan): Block[] {
  const { mode, count, limit, current } = plan.authorizedRanges
  switch (mode) {
    case 'off':
      return [
        paragraph('No ranges are set: the API server admits every address, and the change locks nobody out.'),
      ]
    case 'notApplicable':
      return [paragraph('The cluster is private: nodes reach the API server inside the network.')]
    case 'nodesPrivate':
      return [
        paragraph(
          'Ranges are set, but nodes reach the API server over the virtual network; the change does not lock them out.',
        ),
        ...rangesOf(current, 'Admitted now'),
      ]
    case 'enforced':
      return [
        paragraph(
          `The API server admits only these ranges, and nodes come in by the egress addresses. ${orderOf(plan)}`,
        ),
        ...tableOf(plan),
        paragraph(`Entries while old and new stand together: ${count} of ${limit}.`),
      ]
  }
}

function orderOf(plan: ReportedPlan): string {
  const { add, addPrepared, missing } = plan.authorizedRanges
  if (!hasChanges(plan)) return 'The plan does not touch them.'
  if (add.length + addPrepared.length > 0)
    return 'The plan adds what is missing before the traffic moves, waits until it is in force, and takes nothing away.'
  if (missing.length > 0) return 'The plan leaves them alone, and they do not admit the new egress.'
  return plan.steps.some((each) => each.key === 'authorize-discovered-ips')
    ? 'The new addresses are not known before: the plan adds them once they are found, and takes nothing away.'
    : 'They admit the new egress already; the plan does not touch them.'
}

function tableOf({
  authorizedRanges: { current, missing, add, addPrepared, removeLater },
}: ReportedPlan): Block[] {
  const later = new Set(removeLater)
  const rows: Inline[][][] = [
    ...current.map((range) => [
      [{ code: range }],
      [
        later.has(range)
          ? 'stays; only the former egress needed it: the clean-up plan of the finished job takes it away'
          : 'stays',
      ],
    ]),
    ...add.map((range): Inline[][] => [
      [{ code: range }],
      [{ mark: 'added' }, ' by the plan, before the traffic moves'],
    ]),
    ...addPrepared.map((id): Inline[][] => [
      ['the address of ', { code: parentResourceName(id) }],
      [{ mark: 'added' }, ' by the plan, once it is made'],
    ]),
    ...(add.length + addPrepared.length > 0 ? [] : missing).map((range): Inline[][] => [
      [{ code: range.startsWith('/') ? parentResourceName(range) : range }],
      [{ strong: 'not admitted' }, ', and the plan does not add it'],
    ]),
  ]
  return rows.length === 0
    ? []
    : [
        {
          kind: 'table',
          caption: 'Authorized ranges of the API server',
          columns: ['Range', 'What becomes of it'],
          rows,
        },
      ]
}

function rangesOf(ranges: string[], caption: string): Block[] {
  if (ranges.length === 0) return []
  return [
    {
      kind: 'facts',
      facts: [[caption, codeList(ranges)]],
    },
  ]
}
