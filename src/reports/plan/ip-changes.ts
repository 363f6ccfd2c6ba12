import type { CampaignIpChanges } from '../../contract/campaign.ts'
import type { EgressIpChange, IpChange, IpChangesReport } from '../../contract/egress.ts'
import { addressAdvice, isOfOthers } from '../../core/egress/ledger.ts'
import { isRemoved } from '../../core/job/removed-parts.ts'
import { toCidr } from '../../core/lib/cidr.ts'
import { sanitizeLine } from '../document/escape.ts'
import { ADVICE_LABELS } from '../document/labels.ts'
import {
  type HiddenKind,
  hasEnded,
  hiddenKind,
  isHidden,
  isNeverExecuted,
  isSuperseded,
  type ReportedPlan,
} from './reported-plan.ts'

/**
 * The address changes of a plan. While or after a job executes the plan, they contain the actual addresses, and `stage`
 * shows this. A plan that cannot be executed has no address changes.
 */
export function buildIpChangesReport(plan: ReportedPlan): IpChangesReport {
  const { id, jobId = null, azure, cluster, status, stage, execution } = plan
  const { subscriptionId, resourceGroup, name } = cluster
  return {
    planId: id,
    jobId,
    planStatus: status,
    stage: stage ?? 'planned',
    ...(stage === 'confirmed' && execution?.confirmedBy != null
      ? { confirmedBy: execution.confirmedBy.jobId }
      : {}),
    ...(isSuperseded(plan) ? { supersededBy: execution?.supersededBy?.jobId } : {}),
    azure,
    cluster: { subscriptionId, resourceGroup, name },
    items: isNeverExecuted(plan) ? [] : toIpChanges(plan),
  }
}

/** Each address with its change and the required firewall change. */
export function toIpChanges(plan: Pick<ReportedPlan, 'egressIps' | 'stage' | 'execution'>): IpChange[] {
  const { egressIps, stage = 'planned' } = plan
  const isDone = stage === 'confirmed' || stage === 'unconfirmed'
  return egressIps.map((change) => ({
    ...change,
    cidr: change.address === null ? null : toCidr(change.address),
    advice: isSuperseded(plan)
      ? 'checkAfter'
      : addressAdvice({ ...change, isOfOthers: isOfOthers(change), isDone }),
  }))
}

/**
 * Whether the job created the address and left no traffic on it. An address without traffic that existed before, and that
 * AKS releases, is removed.
 */
export function isCreatedUnused({ change, usedBefore, knownAt }: EgressIpChange): boolean {
  return change === 'lost' && usedBefore?.length === 0 && knownAt !== 'plan'
}

/**
 * Whether the plan would have released or deleted the address although no traffic uses it, and its job did not. The address
 * is no egress address, but an allow list can contain it.
 */
export function isKeptUnused({ change, usedBefore, usedAfter }: EgressIpChange): boolean {
  return change === 'kept' && usedBefore?.length === 0 && usedAfter?.length === 0
}

/** What to do with an address, for a person. The reports of a plan and of its job use the same words. */
export function adviceText(
  item: IpChange,
  plan: Pick<ReportedPlan, 'execution'> & Partial<Pick<ReportedPlan, 'paths'>>,
): string {
  const { advice, resourceId } = item
  const cleanups = plan.execution?.cleanups ?? []
  const isDeleted = resourceId !== null && isRemoved(resourceId, cleanups)
  if (isSuperseded(plan))
    return isCreatedUnused(item)
      ? 'remove unless the cluster uses it now'
      : 'check whether the cluster uses it now'
  if (advice === 'removeNow' && isCreatedUnused(item) && !isDeleted)
    return 'remove from allow lists unless you repeat the change with this address'
  if (isKeptUnused(item)) return 'nothing'
  if (advice === 'checkAfter' && isHidden(item)) return hiddenAdvice(hiddenKind(item, plan.paths), plan)
  if (advice === 'checkAfter' && isOfOthers(item)) return 'remove, unless other resources use it'
  if (hasEnded(plan) && advice === 'checkAfter') return 'check whether the cluster still uses it'
  if (hasEnded(plan) && advice === 'allowWhenKnown')
    return 'allow each address that a later job or the egress report shows'
  return ADVICE_LABELS[advice]
}

function hiddenAdvice(kind: HiddenKind, plan: Pick<ReportedPlan, 'execution'>): string {
  switch (kind) {
    case 'unchanged':
      return ADVICE_LABELS.keep
    case 'former':
      return `if you know the address, remove it ${hasEnded(plan) ? 'now' : 'after the change'}`
    case 'changeable':
      return 'cannot be allowed: the address is unknown and can change'
    case 'findable':
      return hasEnded(plan)
        ? 'find the address, then allow it'
        : 'find the address after the change, then allow it'
  }
}

const COLUMNS = [
  'change',
  'cidr',
  'address',
  'family',
  'advice',
  'knownAt',
  'recoverable',
  'resourceId',
  'cluster',
  'planId',
  'azure',
  'jobId',
  'stage',
  'planStatus',
  'supersededBy',
] as const

/** Spreadsheets read these characters as the start of a formula, also in full-width form (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@|%＝＋－＠]/

/**
 * The public address changes as CSV (RFC 4180: CRLF, a header, doubled quotes). A cell that a spreadsheet would read as a
 * formula starts with an apostrophe. Every row names the cluster, the plan, and Azure, because readers copy single rows.
 */
export function ipChangesCsv(plan: ReportedPlan): string {
  const { items, planStatus = null, supersededBy = null, ...report } = buildIpChangesReport(plan)
  const rows = items.map((item) => {
    const values = { ...item, ...report, cluster: plan.cluster.id, planStatus, supersededBy }
    return COLUMNS.map((column) => values[column])
  })
  return toCsv([[...COLUMNS], ...rows])
}

/** Rows as CSV (RFC 4180), safe in a spreadsheet. */
export function toCsv(rows: readonly (readonly Parameters<typeof csvCell>[0][])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

/** One cell: safe in a spreadsheet, and quoted if RFC 4180 requires it. null is empty. */
export function csvCell(value: string | boolean | null): string {
  if (value === null) return ''
  const line = sanitizeLine(String(value))
  const safe = FORMULA.test(line) ? `'${line}` : line
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const CAMPAIGN_COLUMNS = [
  'change',
  'cidr',
  'address',
  'family',
  'advice',
  'members',
  'campaignId',
  'newForMembers',
  'newFor',
] as const

/** The merged address changes as CSV (RFC 4180), safe in a spreadsheet. Every row names the campaign. */
export function campaignIpChangesCsv({ campaignId, items }: CampaignIpChanges): string {
  const rows = items.map(({ newFor, ...item }) => {
    const values = {
      ...item,
      campaignId,
      newForMembers: newFor?.count ?? 0,
      newFor: newFor?.clusterIds.join(' ') ?? '',
    }
    return CAMPAIGN_COLUMNS.map((column) => String(values[column]))
  })
  return toCsv([[...CAMPAIGN_COLUMNS], ...rows])
}
