import type { Approval } from '../../contract/approval.ts'
import type { EgressIpChange } from '../../contract/egress.ts'
import {
  bulletList,
  type Inline,
  joinTexts,
  pluralize,
  prose,
  type Section,
  type Text,
} from '../document/document.ts'
import { addsDiscovered, deniedAccess } from '../plan/denied-access.ts'
import { isCreatedUnused, isKeptUnused } from '../plan/ip-changes.ts'
import {
  connectionImpact,
  endedIncomplete,
  endedUnmoved,
  hasChanges,
  noRollbackText,
  type ReportedPlan,
  removedRanges,
} from '../plan/reported-plan.ts'
import { hasNotSwitched, isRollbackBlocked, noRollbackNeeded, rollbackPaths } from './rollback.ts'

/**
 * The main effects on addresses, connections, and the API server, and the support for a rollback. Omitted for a blocked
 * plan, which has no effects.
 */
export function summarySection(plan: ReportedPlan): Section | null {
  if (plan.status === 'blocked') return null
  return {
    id: 'summary',
    title: 'In short',
    blocks: [
      bulletList(
        [
          addressesText(plan),
          connectionsText(plan),
          apiServerText(plan),
          rollbackText(plan),
          approvalText(plan),
        ].filter((text) => text !== null),
      ),
    ],
  }
}

function addressesText({ egressIps, disruption, stage }: ReportedPlan): Text {
  const lead: Inline = { strong: 'Public egress addresses:' }
  const created = egressIps.filter(isCreatedUnused)
  const parts = (['lost', 'added', 'unknown', 'kept'] as const).flatMap((change): Inline[][] => {
    const addresses = egressIps.filter(
      (address) => address.change === change && !created.includes(address) && !isKeptUnused(address),
    )
    return addresses.length === 0
      ? []
      : [[{ mark: change }, ` ${addresses.length}${detailOf(change, addresses, stage)}`]]
  })
  if (created.length > 0) parts.push([`${created.length} created by the job, not in use`])
  if (parts.length === 0 && disruption.movesTraffic === true)
    return [lead, ' not visible in Azure Resource Manager. They may change.']
  if (parts.length === 0) return [lead, ' none are known before or after the change.']
  return [lead, ' ', ...joinTexts(parts, ', '), '.']
}

function detailOf(
  change: EgressIpChange['change'],
  addresses: EgressIpChange[],
  stage: ReportedPlan['stage'],
): string {
  if (change === 'lost') {
    const permanent = addresses.filter(({ recoverable }) => !recoverable).length
    const unused = addresses.filter(({ usedBefore }) => usedBefore?.length === 0).length
    return detailText(addresses.length, [
      [permanent, 'permanently'],
      [unused, 'not in use'],
    ])
  }
  if (change === 'added')
    return detailText(addresses.length, [
      [
        addresses.filter(({ address }) => address === null).length,
        stage === undefined ? 'unknown at plan time' : 'not known yet',
      ],
    ])
  return ''
}

/** ` (permanently)` if it is true of all, ` (1 of them permanently)` if it is true of some. */
function detailText(total: number, details: [count: number, text: string][]): string {
  const parts = details.flatMap(([count, text]) => {
    if (count === 0) return []
    return [count === total ? text : `${count} of them ${text}`]
  })
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

function connectionsText(plan: ReportedPlan): Text {
  return [{ strong: 'Open connections:' }, ` ${connectionImpact(plan)}.`]
}

/** The summary is never milder than the findings: it also states which clients are denied access, from when, and until when. */
function apiServerText(plan: ReportedPlan): Text {
  const denied = deniedAccess(plan)
  return [
    { strong: 'API server:' },
    ` ${rangesText(plan)}`,
    ...(denied.length > 0 && isOver(plan) ? [' The plan expected:'] : []),
    ...distinctSentences(denied).flatMap((text) => [' ', ...prose(text)]),
  ]
}

/** Each sentence once, at its last place: texts about several clients end in the same way. */
function distinctSentences(texts: string[]): string[] {
  const sentences = texts.flatMap((text) => text.split(/(?<=[.!?]) (?=[A-Z])/))
  return sentences.filter((sentence, index) => sentences.lastIndexOf(sentence) === index)
}

/** Whether the change is complete, so that texts about it are about the past. */
function isOver({ execution }: ReportedPlan): boolean {
  return (
    execution !== undefined &&
    (execution.status === 'Succeeded' || execution.confirmedBy !== null || execution.supersededBy !== null)
  )
}

function rangesText(plan: ReportedPlan): string {
  const { mode, missing, add, addPrepared } = plan.authorizedRanges
  if (mode === 'off') return 'no authorized IP ranges are set, so every address is allowed.'
  if (mode === 'notApplicable') return 'private, so nodes do not need public addresses to reach it.'
  if (mode === 'nodesPrivate')
    return 'authorized IP ranges are set, but nodes connect over the virtual network.'
  if (!hasChanges(plan)) return 'authorized IP ranges are set and do not change.'
  const added = add.length + addPrepared.length
  const when = plan.cutOver.step === null ? '' : ' before the cutover'
  if (endedUnmoved(plan))
    return added > 0
      ? 'no traffic has moved. The report of the job shows whether it added authorized IP ranges.'
      : 'the job did not change the authorized IP ranges.'
  if (plan.execution?.confirmedBy != null)
    return 'the report of the later job shows how the authorized IP ranges changed.'
  if (endedIncomplete(plan)) return 'the report of the job shows whether it added authorized IP ranges.'
  if (plan.execution?.status === 'Succeeded' && (added > 0 || addsDiscovered(plan)))
    return added > 0
      ? `the job added ${pluralize(added, 'authorized IP range')}${when}.`
      : 'the job added the new addresses to the authorized IP ranges after the cutover.'
  const removed = removedRanges(plan)
  if (removed.length > 0)
    return `the ${plan.execution?.status === 'Succeeded' ? 'job removed' : 'plan removes'} ${pluralize(removed.length, 'authorized IP range')}: ${removed.join(', ')}.`
  if (added > 0)
    return `the job adds ${pluralize(added, 'authorized IP range')}${when} and waits until ${added === 1 ? 'it takes' : 'they take'} effect.`
  if (missing.length > 0)
    return `its authorized IP ranges do not contain ${pluralize(missing.length, 'new address', 'new addresses')}.`
  return addsDiscovered(plan)
    ? 'the new addresses are unknown at plan time, so its authorized IP ranges do not contain them at the cutover.'
    : 'its authorized IP ranges already contain the new egress addresses that are known.'
}

function rollbackText(plan: ReportedPlan): Text {
  const { rollback } = plan
  const lead: Inline = { strong: 'Rollback:' }
  const unneeded = noRollbackNeeded(plan)
  if (unneeded !== null) return [lead, ` not required, because ${unneeded}.`]
  if (hasNotSwitched(plan))
    return [
      lead,
      ' not applicable, because the job did not change the outbound type. See the section "Rollback".',
    ]
  if (rollback.support === null) return [lead, ` ${noRollbackText(plan)}`]
  if (rollback.supported && isRollbackBlocked(plan))
    return [lead, ' supported by AKS, but blocked directly after the change. See the section "Rollback".']
  if (rollback.supported)
    return [
      lead,
      rollback.lost.length === 0
        ? ' supported, and the rollback restores everything.'
        : ' supported, but with limitations.',
    ]
  return [
    lead,
    rollback.support === 'disputed'
      ? ' uncertain, because sources disagree on whether AKS supports the rollback.'
      : ` not ${rollbackPaths(plan).length > 0 ? 'directly ' : ''}supported by AKS.`,
  ]
}

/** Whether a second person has approved the plan, who, and when; null if no approval is required and there was none. */
export function approvalText({ approval, approvableUntil, approvals = [] }: ReportedPlan): Text | null {
  const lead = { strong: 'Approval:' }
  const withdrawn = withdrawnOf(approvals)
  switch (approval) {
    case 'approved':
      return [lead, ' given by ', ...approversOf(approvals), '.']
    case 'pending': {
      const until =
        approvableUntil == null ? [] : [' The approval can be given until ', { time: approvableUntil }, '.']
      const text = ' pending. A second person must approve the plan before a job can execute it.'
      return [lead, text, ...until, ...withdrawn]
    }
    case 'required':
      return [lead, ' required and missing. This plan cannot be approved now.', ...withdrawn]
    default:
      return withdrawn.length === 0 ? null : [lead, ' withdrawn.', ...withdrawn]
  }
}

/** A sentence about each withdrawn approval, with a leading space. */
function withdrawnOf(approvals: Approval[]): Inline[] {
  return approvals.flatMap(({ by, withdrawnAt, withdrawnBy }): Inline[] =>
    withdrawnAt === null
      ? []
      : [
          ...[' The approval of ', { code: by.name }, ' was withdrawn by '],
          ...[{ code: (withdrawnBy ?? by).name }, ' at ', { time: withdrawnAt }, '.'],
        ],
  )
}

/** The valid approvals. Reports without approvals, such as examples, only say that there is one. */
function approversOf(approvals: Approval[]): Inline[] {
  const valid = approvals.filter(({ withdrawnAt }) => withdrawnAt === null)
  if (valid.length === 0) return ['a second person']
  const people = valid.map(({ by, at, reason }): Inline[] => [
    { code: by.name },
    ' at ',
    { time: at },
    ...(reason === null ? [] : [' (', { code: reason }, ')']),
  ])
  return joinTexts(people, ', ')
}
