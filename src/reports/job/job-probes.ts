import type { NodeProbe, NodeVerification } from '../../contract/probe.ts'
import { isCleanup } from '../../core/cleanup/cleanup.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import type { RestoringWork } from '../../core/probe/compare-rollback.ts'
import {
  type Block,
  type Cell,
  codeOrDash,
  paragraph,
  prose,
  type Section,
  type Text,
  tableOf,
} from '../document/document.ts'

type AfterRollback = NonNullable<NodeVerification['afterRollback']>

/**
 * The endpoints that nodes reached before the cutover, after it, and after a rollback. Empty for a job that did not
 * measure.
 */
export function jobProbesSection({ plan, job: { nodeVerification } }: JobOutcome): Section {
  const {
    before,
    after,
    lost,
    unreached,
    afterRollback,
    notes = [],
  }: Partial<NodeVerification> = nodeVerification ?? {}
  const work = isCleanup(plan) ? 'cleanup' : 'rollback'
  const rows = [
    ...rowsOf(before, 'before the cutover'),
    ...rowsOf(after, 'after the cutover'),
    ...rowsOf(afterRollback?.nodes, `after the ${work}`),
  ]
  return {
    id: 'nodes',
    title: 'Measured from the nodes',
    blocks: [
      ...listOf((lost ?? []).map(lossText)),
      ...unreachedBlocks(unreached ?? []),
      ...(afterRollback === undefined ? [] : rollbackBlocks(afterRollback, work)),
      ...tableOf(
        'Endpoints that nodes reached',
        [
          'Node pool',
          'Measured',
          'Endpoints reached',
          'Endpoints not reached',
          'Source address',
          'DNS server',
        ],
        rows,
      ),
      ...listOf(notes.map(prose)),
    ],
  }
}

/** Whether nodes reach everything again after the rollback, as a sentence; empty while it is measured. */
export function rollbackReach({ outcome }: AfterRollback, work: RestoringWork): string {
  switch (outcome) {
    case 'measuring':
      return ''
    case 'restored':
      return `After the ${work}, nodes again reach all endpoints that they reached before the cutover.`
    case 'notRestored':
      return `After the ${work}, nodes do not reach some endpoints that they reached before the cutover.`
    case 'unknown':
      return `After the ${work}, it is unknown whether nodes again reach all endpoints that they reached before the cutover.`
  }
}

function rollbackBlocks(measured: AfterRollback, work: RestoringWork): Block[] {
  const sentence = rollbackReach(measured, work)
  const items = [...measured.lost.map(lossText), ...measured.unmeasured.map(prose)]
  return [...(sentence === '' ? [] : [paragraph(sentence)]), ...listOf(items)]
}

function unreachedBlocks(unreached: NodeVerification['lost']): Block[] {
  if (unreached.length === 0) return []
  return [
    paragraph(
      'Endpoints that nodes do not reach after the cutover, and that were not measured before the cutover:',
    ),
    ...listOf(unreached.map(lossText)),
  ]
}

function lossText({ endpoint, pool, cause }: NodeVerification['lost'][number]): Text {
  return [
    'Pool ',
    { code: pool },
    ...(endpoint === null ? [] : [', ', { code: endpoint }]),
    ': ',
    ...prose(cause),
  ]
}

function listOf(items: Text[]): Block[] {
  return items.length === 0 ? [] : [{ kind: 'list', isOrdered: false, items }]
}

function rowsOf(nodes: NodeProbe[] | null | undefined, when: string): Cell[][] {
  return (nodes ?? []).map(
    ({ pool, status, reason, readings, sourceAddress, sourceAddressIpv6, dnsServer }): Cell[] => {
      const failed = readings.filter(({ outcome }) => outcome !== 'reached').map(({ endpoint }) => endpoint)
      const isMeasured = status === 'completed'
      return [
        [{ code: pool }],
        when,
        isMeasured ? String(readings.length - failed.length) : (reason ?? status),
        failed.length === 0 ? '–' : { lines: failed.map((endpoint) => [{ code: endpoint }]) },
        sourceAddressIpv6 == null
          ? [codeOrDash(sourceAddress)]
          : { lines: [[codeOrDash(sourceAddress)], [codeOrDash(sourceAddressIpv6)]] },
        [codeOrDash(dnsServer)],
      ]
    },
  )
}
