import type { ComparedTarget, Comparison } from '../../contract/comparison.ts'
import {
  bulletList,
  codeOrDash,
  type Inline,
  paragraph,
  pluralize,
  prose,
  type ReportPage,
  type Section,
  tableOf,
  type Verdict,
} from '../document/document.ts'
import { HOME_LINK, pageToHtml, pageToMarkdown } from '../page/report-page.ts'
import { isExecutable, targetCard, targetMark } from './target-card.ts'

/** The comparison of all targets as one HTML page. */
export function htmlComparison(comparison: Comparison): string {
  return pageToHtml(toPage(comparison))
}

/** The comparison of all targets as GitHub Flavored Markdown. */
export function markdownComparison(comparison: Comparison): string {
  return pageToMarkdown(toPage(comparison))
}

function toPage(comparison: Comparison): ReportPage {
  const { cluster, declared, targets, asOf, azure } = comparison
  const { subscriptionId, resourceGroup, name } = cluster
  return {
    heading: `Outbound types for ${name}`,
    verdict: verdictOf(comparison),
    isSimulated: azure === 'simulated',
    identity: [
      ['Cluster', [{ code: name }, ' in ', { code: resourceGroup }]],
      ['Subscription', [{ code: subscriptionId }]],
      ['Location', [{ code: cluster.location }]],
      ['Virtual network', cluster.vnet === 'byo' ? 'customer-managed' : 'AKS-managed'],
      ['Declared outbound type', declaredText(declared)],
      ['Read from Azure', [{ time: asOf }]],
    ],
    runningTitle: `${name} · comparison`,
    sections: [
      ...unreadSections(comparison),
      orderSection(targets),
      ...targets.filter(({ rank }) => rank !== null).map(targetCard),
      ...otherSections(targets),
      ...costSections(targets),
    ],
    links: [
      {
        text: 'The egress of this cluster as JSON',
        path: `/v1/clusters/${subscriptionId}/${encodeURIComponent(resourceGroup)}/${encodeURIComponent(name)}/egress`,
      },
      HOME_LINK,
    ],
  }
}

function declaredText({ outboundType, natGatewaySku }: Comparison['declared']): Inline[] {
  return [{ code: outboundType }, ...(natGatewaySku === null ? [] : [' with ', { code: natGatewaySku }])]
}

/**
 * The number of targets that a plan can reach, and the first of them. It recommends no change: the current type can be better.
 */
function verdictOf({ targets, cluster, declared }: Comparison): Verdict {
  const [first] = targets.filter(({ rank }) => rank !== null)
  if (first === undefined || !isExecutable(first))
    return {
      mark: 'blocked',
      word: 'The cluster cannot change to any target now',
      sentence: [
        'Every plan with default parameters for ',
        { code: cluster.name },
        ' is blocked. Each target lists its blockers.',
      ],
    }
  const possible = targets.filter((row) => row.rank !== null && isExecutable(row)).length
  return {
    mark: targetMark(first).mark,
    word: `${pluralize(possible, 'target')} ${possible === 1 ? 'is' : 'are'} possible now`,
    sentence: [
      'The first target in the recommended order is ',
      { code: first.target },
      '. The order compares only these targets: it does not state whether a target is better than the current type ',
      { code: declared.outboundType },
      '.',
    ],
  }
}

function orderSection(targets: ComparedTarget[]): Section {
  const ranked = targets.filter(({ rank }) => rank !== null)
  return {
    id: 'order',
    title: 'Recommended order',
    shortTitle: 'Order',
    count: ranked.length,
    blocks: [
      paragraph(
        'The order is a recommendation of this service, not of Azure. It compares, in this order: whether a plan can be executed, internet egress, the egress path, rollback, released addresses, zones, SNAT ports, and acknowledgements.',
      ),
      ...tableOf(
        'Targets in the recommended order',
        ['Target', 'Reasons'],
        ranked.map((row) => [
          { lines: [[`${row.rank}. `, { code: row.target }], [targetMark(row)]] },
          { lines: row.reasons.map(prose) },
        ]),
      ),
    ],
  }
}

/** The present type, and the targets that no plan reaches directly. */
function otherSections(targets: ComparedTarget[]): Section[] {
  const others = targets.filter(({ rank }) => rank === null)
  if (others.length === 0) return []
  return [
    {
      id: 'others',
      title: 'Other outbound types',
      shortTitle: 'Others',
      count: others.length,
      blocks: tableOf(
        'Outbound types outside the order',
        ['Outbound type', 'Verdict', 'Reason'],
        others.map((row) => [[codeOrDash(row.target)], [targetMark(row)], prose(row.why)]),
      ),
    },
  ]
}

/** A figure without its assumptions would look like an invoice. */
function costSections(targets: ComparedTarget[]): Section[] {
  const shown = targets.filter(({ rank }) => rank !== null).flatMap(({ cost }) => cost ?? [])
  const [first] = shown
  if (first === undefined) return []
  const assumptions = [...new Set(shown.flatMap((cost) => cost.assumptions))]
  return [
    {
      id: 'cost',
      title: 'Assumptions of the estimated cost',
      shortTitle: 'Cost',
      blocks: [
        paragraph(
          `An estimate from list prices, not an invoice. The prices come from ${first.priceSource} (${first.currency}, region ${first.region}).`,
        ),
        bulletList(assumptions.map(prose)),
      ],
    },
  ]
}

function unreadSections({ unread }: Comparison): Section[] {
  if (unread.length === 0) return []
  const items = unread.map(({ what, code, message }): Inline[] => [
    { code: what },
    ': ',
    { code },
    ` ${message}`,
  ])
  return [
    {
      id: 'unread',
      title: 'This comparison is incomplete',
      shortTitle: 'Incomplete',
      count: unread.length,
      blocks: [paragraph('The service could not read these parts of the cluster:'), bulletList(items)],
    },
  ]
}
