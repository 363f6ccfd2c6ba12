import type { EgressIpChange } from '../../contract/egress.ts'
import { bulletList, type Inline, pluralize, type Section, type Text } from '../document/document.ts'
import { connectionImpact, hasChanges, type ReportedPlan } from '../plan/reported-plan.ts'

/** Four answers that decide whether one reads on: addresses, connections, API server, way back. */
export function summarySection(plan: ReportedPlan): Section {
  return {
    id: 'in-short',
    title: 'In short',
    blocks: [bulletList([addresses(plan), connections(plan), apiServer(plan), rollbackText(plan)])],
  }
}

function addresses({ egressIps }: ReportedPlan): Text {
  const parts = (['lost', 'added', 'unknown', 'kept'] as const).flatMap((change): Inline[][] => {
    const of = egressIps.filter((each) => each.change === change)
    return of.length === 0 ? [] : [[{ mark: change }, ` ${of.length}${detail(change, of)}`]]
  })
  if (parts.length === 0)
    return [{ strong: 'Public addresses:' }, ' none are known, neither before nor after.']
  return [
    { strong: 'Public addresses:' },
    ' ',
    ...parts.flatMap((part, index) => (index === 0 ? part : [', ', ...part])),
    '.',
  ]
}

function detail(change: EgressIpChange['change'], of: EgressIpChange[]): string {
  if (change === 'lost') {
    const gone = of.filter((each) => !each.recoverable).length
    return gone === 0 ? '' : gone === of.length ? ' for good' : ` (${gone} of them for good)`
  }
  if (change !== 'added') return ''
  const later = of.filter((each) => each.address === null).length
  if (later === 0) return ''
  return later === of.length ? ' (not known before)' : ` (${later} of them not known before)`
}

function connections(plan: ReportedPlan): Text {
  return [{ strong: 'Open connections:' }, ` ${connectionImpact(plan)}.`]
}

function apiServer(plan: ReportedPlan): Text {
  const { mode, missing, add, addPrepared } = plan.authorizedRanges
  const lead: Inline = { strong: 'API server:' }
  if (mode === 'off') return [lead, ' it has no authorized ranges and admits every address.']
  if (mode === 'notApplicable') return [lead, ' private, so public addresses do not matter to nodes.']
  if (mode === 'nodesPrivate')
    return [lead, ' authorized ranges are set, but nodes come in over the virtual network.']
  if (!hasChanges(plan)) return [lead, ' authorized ranges are set and are not touched.']
  const added = add.length + addPrepared.length
  if (added > 0)
    return [
      lead,
      ` ${pluralize(added, 'authorized range')} ${added === 1 ? 'is' : 'are'} added before the traffic moves.`,
    ]
  if (missing.length > 0)
    return [
      lead,
      ` its authorized ranges do not admit ${pluralize(missing.length, 'new address', 'new addresses')}.`,
    ]
  return plan.steps.some((each) => each.key === 'authorize-discovered-ips')
    ? [
        lead,
        ' the new addresses are not known before, so its authorized ranges are widened after the change.',
      ]
    : [lead, ' its authorized ranges admit the new egress already.']
}

function rollbackText({ rollback }: ReportedPlan): Text {
  const lead: Inline = { strong: 'Way back:' }
  if (rollback.support === null) return [lead, ' nothing would be changed, so there is nothing to take back.']
  if (rollback.supported)
    return [lead, rollback.lost.length === 0 ? ' yes, in full.' : ' yes, but not everything comes back.']
  return [
    lead,
    rollback.support === 'disputed' ? ' disputed: sources disagree.' : ' none that AKS supports directly.',
  ]
}
