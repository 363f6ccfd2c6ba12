import type { PathSide } from '../../contract/egress.ts'
import { lastSegment, parentResourceName } from '../../core/arm/resource-id.ts'
import { API_SERVER } from '../../core/egress/destinations.ts'
import { pathLabel } from '../../core/egress/path-labels.ts'
import { egressDiagram } from '../diagram/egress-diagram.ts'
import { destinationLabel, isToInternet } from '../diagram/subnet-groups.ts'
import {
  type Block,
  codeList,
  type Inline,
  joinTexts,
  paragraph,
  pluralize,
  prose,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'
import { endedIncomplete, endedReverted, endedUnmoved, type ReportedPlan } from '../plan/reported-plan.ts'
import { TITLES } from './section-titles.ts'

/**
 * The egress paths before and after, as two diagrams and as a table with the same content. A blocked plan shows only the
 * present paths, because the next plan may have others.
 */
export function egressPathSection(plan: ReportedPlan): Section {
  const { before, after } = egressDiagram(plan)
  const isBlocked = plan.status === 'blocked'
  return {
    id: 'egress-paths',
    title: isBlocked ? 'Current egress paths' : TITLES.paths,
    shortTitle: 'Egress paths',
    blocks: [
      {
        kind: 'figure',
        caption: 'The table below contains the same paths in full.',
        pictures: isBlocked ? [before] : [before, after],
      },
      ...pathTable(plan),
      ...exceptionsOf(plan),
      ...(isBlocked ? [] : [paragraph(...cutoverOf(plan))]),
    ],
  }
}

function cutoverOf(plan: ReportedPlan): Inline[] {
  const { cutOver, steps } = plan
  if (endedUnmoved(plan)) return [{ strong: 'Cutover:' }, ' none. The job ended before the cutover.']
  const step = steps.find(({ key }) => key === cutOver.step)
  if (step === undefined) return [{ strong: 'Cutover:' }, ' none in this plan. ', ...prose(cutOver.because)]
  if (endedReverted(plan))
    return [{ strong: 'Cutover:' }, ` reverted. The job reverted the step "${step.title}".`]
  if (endedIncomplete(plan) && plan.execution?.confirmedBy == null)
    return [
      { strong: 'Cutover:' },
      ` incomplete or unconfirmed. Traffic moves in the step "${step.title}", and the job ended before it read the new addresses.`,
    ]
  return [{ strong: 'Cutover:' }, ` in the step "${step.title}". `, ...prose(cutOver.because)]
}

function pathTable(plan: ReportedPlan): Block[] {
  const rows = plan.paths
    .filter(isToInternet)
    .map(({ subnetId, pools, family, before, after }): Text[] => [
      [{ code: lastSegment(subnetId) }, ...(family === 'IPv6' ? [' (IPv6)'] : [])],
      pools.length === 0 ? 'not visible' : codeList(pools),
      sideText(before),
      sideText(after),
    ])
  const wholeCluster = [
    'the whole cluster',
    'all',
    pathLabel(plan.snat.before.path),
    pathLabel(plan.snat.after.path),
  ]
  return sidesTable(
    plan,
    'Egress path of each subnet',
    'Node pools',
    rows.length === 0 ? [wholeCluster] : rows,
  )
}

/** Destinations whose path differs from the internet path. */
function exceptionsOf(plan: ReportedPlan): Block[] {
  const rows = plan.paths
    .filter((row) => !isToInternet(row))
    .map(({ subnetId, family, destination = '', before, after }): Text[] => [
      [{ code: lastSegment(subnetId) }, ...(family === 'IPv6' ? [' (IPv6)'] : [])],
      destination === API_SERVER ? destinationLabel(destination) : [{ code: destination }],
      sideText(before),
      sideText(after),
    ])
  if (rows.length === 0) return []
  return [
    paragraph(
      'A more specific route applies to these destinations, so their traffic does not use the same path as other internet traffic:',
    ),
    ...sidesTable(plan, 'Destinations with another egress path', 'Destination', rows),
  ]
}

/** Rows of subnet, a property, and both sides; a blocked plan has only the side before. */
function sidesTable({ status }: ReportedPlan, caption: string, property: string, rows: Text[][]): Block[] {
  return status === 'blocked'
    ? tableOf(
        caption,
        ['Subnet', property, 'Path'],
        rows.map((row) => row.slice(0, 3)),
      )
    : tableOf(caption, ['Subnet', property, 'Before', 'After'], rows)
}

/** The path, what carries the traffic, and its public addresses in parentheses. */
function sideText({ path, via, addresses, toCome, isComplete }: PathSide): Text {
  const label = pathLabel(path)
  // With a name it is one resource: `the NAT gateway gateway-1`, not `a NAT gateway gateway-1`.
  const carrier: Inline[] =
    via === null
      ? [label]
      : [`${label.replace(/^an? /, 'the ')} `, { code: via.startsWith('/') ? parentResourceName(via) : via }]
  const known = addresses.length === 0 ? [] : [codeList(addresses)]
  const later = toCome === 0 ? [] : [[pluralize(toCome, 'new address', 'new addresses')]]
  const unknown = isComplete || path === 'none' ? [] : [['addresses not visible in Azure Resource Manager']]
  const parts = [...known, ...later, ...unknown]
  const list = parts.length === 0 ? [] : [' (', ...joinTexts(parts, ', '), ')']
  return [...carrier, ...list]
}
