import type { NodeProbe } from '../../contract/probe.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import { type Cell, codeOrDash, prose, type Section, type Text, tableOf } from '../document/document.ts'

/** The endpoints that nodes reached before and after the cutover. Empty for a job that did not measure. */
export function jobProbesSection({ job: { nodeVerification } }: JobOutcome): Section {
  const { before, after, lost, notes = [] } = nodeVerification ?? { before: null, after: null, lost: [] }
  const rows = [...rowsOf(before, 'before'), ...rowsOf(after, 'after')]
  const items = lost.map(
    ({ endpoint, pool, cause }): Text => [
      'Pool ',
      { code: pool },
      ...(endpoint === null ? [] : [', ', { code: endpoint }]),
      ': ',
      ...prose(cause),
    ],
  )
  return {
    id: 'nodes',
    title: 'Measured from the nodes',
    blocks: [
      ...(items.length === 0 ? [] : [{ kind: 'list' as const, isOrdered: false, items }]),
      ...tableOf(
        'Endpoints that nodes reached',
        ['Pool', 'When', 'Reached', 'Not reached', 'Source address', 'DNS server'],
        rows,
      ),
      ...(notes.length === 0 ? [] : [{ kind: 'list' as const, isOrdered: false, items: notes.map(prose) }]),
    ],
  }
}

function rowsOf(nodes: NodeProbe[] | null, when: 'before' | 'after'): Cell[][] {
  return (nodes ?? []).map(({ pool, status, reason, readings, sourceAddress, dnsServer }): Cell[] => {
    const failed = readings.filter(({ outcome }) => outcome !== 'reached').map(({ endpoint }) => endpoint)
    const isMeasured = status === 'completed'
    return [
      [{ code: pool }],
      `${when} the cutover`,
      isMeasured ? String(readings.length - failed.length) : (reason ?? status),
      failed.length === 0 ? '–' : { lines: failed.map((endpoint) => [{ code: endpoint }]) },
      [codeOrDash(sourceAddress)],
      [codeOrDash(dnsServer)],
    ]
  })
}
