import type {
  AddressAdvice,
  AddressStage,
  EgressIpChange,
  IpChange,
  IpChangesReport,
} from '../../contract/egress.ts'
import { toCidr } from '../../core/lib/cidr.ts'
import { sanitizeLine } from '../document/escape.ts'
import { isNeverExecuted, isSuperseded, type ReportedPlan } from './reported-plan.ts'

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
  return egressIps.map((change) => ({
    ...change,
    cidr: change.address === null ? null : toCidr(change.address),
    advice: isSuperseded(plan) ? 'checkAfter' : firewallAdvice(change, stage),
  }))
}

/**
 * An address that existed before the plan, that stays, and that the cluster used only until a rollback, such as that of a
 * shared firewall. Whether other clusters use it is unknown.
 */
export function isOfOthers({ change, knownAt, usedBefore, recoverable }: EgressIpChange): boolean {
  return change === 'lost' && knownAt === 'plan' && usedBefore?.length === 0 && recoverable
}

/**
 * Whether the job created the address and left no traffic on it. An address without traffic that existed before, and that
 * AKS releases, is removed.
 */
export function isCreatedUnused({ change, usedBefore, knownAt }: EgressIpChange): boolean {
  return change === 'lost' && usedBefore?.length === 0 && knownAt !== 'plan'
}

function firewallAdvice(item: EgressIpChange, stage: AddressStage): AddressAdvice {
  const isAfter = stage === 'confirmed' || stage === 'unconfirmed'
  const { change, address } = item
  switch (change) {
    case 'kept':
      return 'keep'
    case 'added':
      if (address === null) return 'allowWhenKnown'
      return isAfter ? 'allowNow' : 'allowBefore'
    case 'lost':
      if (!isAfter) return 'removeAfter'
      return isOfOthers(item) ? 'checkAfter' : 'removeNow'
    case 'unknown':
      return 'checkAfter'
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
  return [[...COLUMNS], ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

/** One cell: safe in a spreadsheet, and quoted if RFC 4180 requires it. null is empty. */
export function csvCell(value: string | boolean | null): string {
  if (value === null) return ''
  const line = sanitizeLine(String(value))
  const safe = FORMULA.test(line) ? `'${line}` : line
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
