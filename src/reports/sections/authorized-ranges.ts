import { parentResourceName } from '../../core/arm/resource-id.ts'
import { sharedRanges } from '../../core/egress/authorized-ranges.ts'
import {
  type Block,
  codeList,
  type Inline,
  listBelow,
  paragraph,
  prose,
  type Section,
  tableOf,
} from '../document/document.ts'
import { addsDiscovered, deniedAccess } from '../plan/denied-access.ts'
import { endedIncomplete, hasChanges, type ReportedPlan, removedRanges } from '../plan/reported-plan.ts'

/** The addresses that the API server allows, and how the plan changes them. */
export function authorizedRangesSection(plan: ReportedPlan): Section {
  const { length: count } = plan.authorizedRanges.current
  const denied = listBelow('Who is denied access, from when, and until when:', deniedAccess(plan).map(prose))
  return {
    id: 'api-server',
    title: 'API server: authorized IP ranges',
    shortTitle: 'API server',
    ...(count > 0 && { count }),
    blocks: [...blocksOf(plan), ...denied],
  }
}

function blocksOf(plan: ReportedPlan): Block[] {
  const { mode, count, limit, current } = plan.authorizedRanges
  switch (mode) {
    case 'off':
      return [paragraph('No authorized IP ranges are set, so the API server allows every address.')]
    case 'notApplicable':
      return [paragraph('The cluster is private. Nodes reach the API server inside the network.')]
    case 'nodesPrivate':
      return [
        paragraph(
          'Authorized IP ranges are set, but nodes reach the API server over the virtual network. The change does not lock the nodes out of the API server.',
        ),
        ...rangesOf(current, 'Current ranges'),
      ]
    case 'enforced':
      return [
        paragraph(
          `The API server allows only these ranges, and nodes connect from the egress addresses. ${changeOf(plan)}`,
        ),
        ...rangeTable(plan),
        paragraph(`During the change, the authorized IP ranges have ${count} of at most ${limit} entries.`),
      ]
  }
}

function changeOf(plan: ReportedPlan): string {
  const { add, addPrepared, missing } = plan.authorizedRanges
  if (!hasChanges(plan)) return 'The plan does not change the ranges.'
  if (plan.execution !== undefined)
    return 'The table shows the ranges before the job, and the changes in the plan. The report of the job shows which of these changes the job made.'
  if (removedRanges(plan).length > 0) return 'The plan removes the ranges that are no longer needed.'
  if (add.length + addPrepared.length > 0)
    return `The job adds the missing ranges${beforeCutover(plan)}, waits until these ranges take effect, and removes no range.`
  if (missing.length > 0)
    return 'The plan does not change the ranges, although they do not contain every egress address after the change.'
  return addsDiscovered(plan)
    ? 'The new addresses are unknown at plan time. The job adds the new addresses as soon as it has discovered them, and removes no range.'
    : 'The ranges already contain every known egress address after the change, so the plan does not change the ranges.'
}

/** A plan that moves no traffic has no cutover. */
function beforeCutover({ cutOver }: ReportedPlan): string {
  return cutOver.step === null ? '' : ' before the cutover'
}

function rangeTable(plan: ReportedPlan): Block[] {
  const { current, missing, add, addPrepared, removeLater } = plan.authorizedRanges
  const later = new Set(removeLater)
  const shared = new Set(sharedRanges(current, plan.egressIps))
  const removed = new Set(removedRanges(plan))
  const rows: Inline[][][] = [
    ...current.map((range): Inline[][] => [
      [{ code: range }],
      removed.has(range)
        ? [{ mark: 'lost' }, ' by the plan']
        : [endedIncomplete(plan) ? 'kept' : keptText(later.has(range), shared.has(range))],
    ]),
    ...add.map((range): Inline[][] => [
      [{ code: range }],
      [{ mark: 'added' }, ` by the plan${plan.cutOver.step === null ? '' : ', before the cutover'}`],
    ]),
    ...addPrepared.map((id): Inline[][] => [
      ['the address of ', { code: parentResourceName(id) }],
      [{ mark: 'added' }, ' by the plan, after the job has created the address'],
    ]),
    ...(add.length + addPrepared.length > 0 ? [] : missing).map((range): Inline[][] => [
      [{ code: range.startsWith('/') ? parentResourceName(range) : range }],
      [{ strong: 'not allowed' }, ', and the plan does not add it'],
    ]),
  ]
  return tableOf('Authorized IP ranges of the API server', ['Range', 'Change'], rows)
}

function keptText(isRemovable: boolean, isShared: boolean): string {
  if (isShared)
    return 'kept. After the change, the cluster does not use the addresses in this range, but other resources may use them. After the job has succeeded, remove the range manually if no other client reaches the API server from these addresses. A cleanup plan keeps the range.'
  return isRemovable
    ? 'kept by the job. After the change, the cluster does not use the addresses in this range. To remove the range after the job has succeeded, create a cleanup plan for the job and execute it.'
    : 'kept'
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
