import type { ComparedTarget } from '../../contract/comparison.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import { declaredPathOf, pathLabel } from '../egress/path-labels.ts'
import { formatted } from '../lib/text.ts'

/** A row of the comparison without its place in the order. */
export type UnrankedTarget = Omit<ComparedTarget, 'rank' | 'reasons'>

/**
 * One criterion of the recommended order. A smaller cost is better. The reason explains the cost of a row; null if the
 * criterion does not matter for it.
 */
interface Criterion {
  cost(row: UnrankedTarget): number
  reason(row: UnrankedTarget): string | null
}

/**
 * The criteria, the most important first. They cover whether the change is possible, internet egress, the path, rollback,
 * released addresses, zone outages, SNAT ports, and the number of acknowledgements and warnings. The order is a
 * recommendation of this service, not of Azure.
 */
const CRITERIA: readonly Criterion[] = [
  {
    cost: ({ verdict, prepare }) =>
      verdict !== 'blocked' ? 0 : prepare !== null && prepare.verdict !== 'blocked' ? 1 : 2,
    reason: ({ verdict, prepare, blockers }) => {
      if (verdict !== 'blocked') return 'A plan with default parameters can be executed.'
      if (prepare !== null && prepare.verdict !== 'blocked') return 'A plan with `prepare` can be executed.'
      return `A plan is blocked (${[...new Set(blockers.map(({ code }) => code))].join(', ')}).`
    },
  },
  {
    cost: ({ target }) => (target === 'none' || target === 'block' ? 1 : 0),
    reason: ({ target, snat: { after } }) => {
      if (target !== 'none' && target !== 'block') return null
      const effect =
        after.path === 'none'
          ? 'Nodes lose internet egress'
          : `AKS provides no internet egress, and packets leave only through ${pathLabel(after.path)}`
      return `${effect}, so choose this target only for a network-isolated cluster.`
    },
  },
  {
    cost: (row) => (usesOtherPath(row) ? 1 : 0),
    reason: (row) => {
      const { disruption, snat, target } = row
      const path = pathLabel(snat.after.path)
      const isMoved = disruption.movesTraffic !== false
      if (usesOtherPath(row))
        return isMoved
          ? `After the change, packets leave through ${path}, although the declared outbound type is different.`
          : `No traffic moves: packets still leave through ${path}, although the change declares another outbound type.`
      return isMoved || target === 'none' || target === 'block' || snat.after.path === 'unknown'
        ? null
        : `No traffic moves: packets already leave through ${path}.`
    },
  },
  {
    cost: ({ rollback }) => (!rollback.supported ? 2 : rollback.blockers.length > 0 ? 1 : 0),
    reason: ({ rollback }) => {
      if (!rollback.supported) return 'A rollback is not available.'
      if (rollback.blockers.length > 0) return `A rollback is blocked (${rollback.blockers.join(', ')}).`
      return rollback.lost.length > 0
        ? 'A rollback is available, but with limitations.'
        : 'A rollback is available and restores everything.'
    },
  },
  {
    cost: ({ addresses }) => addresses.unrecoverable.length + addresses.unknown.length,
    reason: ({ addresses: { unrecoverable, unknown } }) => {
      if (unrecoverable.length > 0)
        return `Azure permanently releases ${count(unrecoverable.length, 'address')}.`
      return unknown.length > 0
        ? `Azure releases some of ${count(unknown.length, 'address')}; it is unknown which.`
        : 'No address is permanently released.'
    },
  },
  {
    cost: ({ addresses }) => addresses.lost.length,
    reason: ({ addresses: { lost, unrecoverable } }) =>
      lost.length > unrecoverable.length
        ? `The cluster no longer uses ${count(lost.length - unrecoverable.length, 'customer-provided address')}.`
        : null,
  },
  {
    cost: ({ zones }) => (zones.after.kind === 'zonal' ? 2 : zones.after.kind === 'unknown' ? 1 : 0),
    reason: ({ zones: { after } }) =>
      after.kind === 'zonal'
        ? 'If one zone fails, all egress stops.'
        : after.kind === 'zoneRedundant'
          ? 'Egress continues if one zone fails.'
          : after.kind === 'unknown'
            ? 'It is unknown whether egress continues if one zone fails.'
            : null,
  },
  {
    cost: ({ snat: { before, after } }) =>
      before.portsPerNode !== null && after.portsPerNode !== null && after.portsPerNode < before.portsPerNode
        ? 1
        : 0,
    reason: ({ snat: { before, after } }) => {
      if (before.portsPerNode === null || after.portsPerNode === null) return null
      const [from, to] = [before.portsPerNode, after.portsPerNode].map(formatted)
      return from === to ? null : `The SNAT ports per node at the peak change from ${from} to ${to}.`
    },
  },
  {
    cost: ({ support }) => (support === 'disputed' ? 1 : 0),
    reason: ({ support }) =>
      support === 'disputed' ? 'Sources disagree on whether AKS supports this change.' : null,
  },
  {
    cost: ({ acknowledgements }) => new Set(acknowledgements.map(({ code }) => code)).size,
    reason: ({ acknowledgements }) => {
      const codes = new Set(acknowledgements.map(({ code }) => code)).size
      return codes === 0 ? null : `${count(codes, 'acknowledgement')} ${codes === 1 ? 'is' : 'are'} required.`
    },
  },
]

/** Whether packets do not use the path of the target after the change, for example because a NAT gateway stays attached. */
function usesOtherPath({ target, snat: { after } }: UnrankedTarget): boolean {
  if (target === 'none' || target === 'block' || after.path === 'unknown') return false
  return !declaredPathOf(typeOfKey(target).outboundType).includes(after.path)
}

/**
 * Sorts the targets into the recommended order and gives each its place with the reasons. The current type has no
 * place, because it requires no change. A target with an unsupported transition has no place, because no plan can
 * change to it directly. Rows of equal cost keep their order.
 */
export function rankTargets(rows: readonly UnrankedTarget[]): ComparedTarget[] {
  const isReachable = ({ support }: UnrankedTarget) => support === 'supported' || support === 'disputed'
  const ranked = rows.filter(isReachable).toSorted(byCosts)
  return [
    ...ranked.map((row, index) => ({ ...row, rank: index + 1, reasons: reasonsOf(row) })),
    ...rows.filter((row) => !isReachable(row)).map((row) => ({ ...row, rank: null, reasons: [row.why] })),
  ]
}

function byCosts(left: UnrankedTarget, right: UnrankedTarget): number {
  for (const { cost } of CRITERIA) {
    const difference = cost(left) - cost(right)
    if (difference !== 0) return difference
  }
  return 0
}

function reasonsOf(row: UnrankedTarget): string[] {
  return CRITERIA.flatMap(({ reason }) => reason(row) ?? [])
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`
}
