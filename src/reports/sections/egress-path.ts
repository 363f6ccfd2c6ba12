import type { PathSide } from '../../contract/egress.ts'
import { lastSegment, parentResourceName } from '../../core/arm/resource-id.ts'
import { pathLabel } from '../../core/egress/paths.ts'
import { egressDiagram } from '../diagram/egress-diagram.ts'
import {
  type Block,
  codeList,
  type Inline,
  paragraph,
  pluralize,
  type Section,
  type Text,
} from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

/** How packets leave, before and after: as two pictures, and as a table that says the same in words. */
export function egressPathSection(plan: ReportedPlan): Section {
  const { before, after } = egressDiagram(plan)
  return {
    id: 'egress-path',
    title: 'How packets leave, before and after',
    blocks: [
      {
        kind: 'figure',
        caption: 'The table below says the same in words, and in full.',
        pictures: [before, after],
      },
      tableOf(plan),
      paragraph(...momentOf(plan)),
    ],
  }
}

function momentOf({ cutOver, steps }: ReportedPlan): Inline[] {
  const step = steps.find((each) => each.key === cutOver.step)
  if (step === undefined) return [`When the traffic moves: ${cutOver.because}`]
  return ['When the traffic moves: in the step ', { strong: step.title }, `. ${cutOver.because}`]
}

function tableOf(plan: ReportedPlan): Block {
  const rows = plan.paths.map(({ subnetId, pools, before, after }) => [
    [{ code: lastSegment(subnetId) }],
    pools.length === 0 ? 'not visible' : codeList(pools),
    sideText(before),
    sideText(after),
  ])
  const whole = [
    'the whole cluster',
    'all',
    `by ${pathLabel(plan.snat.before.path)}`,
    `by ${pathLabel(plan.snat.after.path)}`,
  ]
  return {
    kind: 'table',
    caption: 'Egress path of each subnet',
    columns: ['Subnet', 'Node pools', 'Before', 'After'],
    rows: rows.length === 0 ? [whole] : rows,
  }
}

function sideText({ path, via, addresses, toCome, isComplete }: PathSide): Text {
  const carrier: Inline[] =
    via === null ? [] : [' ', { code: via.startsWith('/') ? parentResourceName(via) : via }]
  const known = addresses.length === 0 ? [] : [codeList(addresses)]
  const later = toCome === 0 ? [] : [[`${pluralize(toCome, 'new address', 'new addresses')}`]]
  const open = isComplete || path === 'none' ? [] : [['addresses that cannot be seen']]
  const all = [...known, ...later, ...open]
  const list = all.flatMap((each, index): Inline[] => (index === 0 ? each : [', ', ...each]))
  return [pathLabel(path), ...carrier, ...(all.length === 0 ? [] : [' as ', ...list])]
}
