import type { IpChange } from '../../contract/egress.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import {
  type Block,
  type Cell,
  codeOrDash,
  paragraph,
  pluralize,
  type Section,
  tableOf,
} from '../document/document.ts'
import { KNOWN_LABELS } from '../document/labels.ts'
import { adviceText, buildIpChangesReport, isCreatedUnused, isKeptUnused } from '../plan/ip-changes.ts'
import { hasEnded, isHidden, isNeverExecuted, type ReportedPlan } from '../plan/reported-plan.ts'
import { TITLES } from './section-titles.ts'

/** The public address changes, as a table for a firewall change request. */
export function ipChangesSection(plan: ReportedPlan): Section {
  const rows = buildIpChangesReport(plan).items
  return {
    id: 'ip-changes',
    title: TITLES.egressIps,
    shortTitle: 'Public IPs',
    ...(rows.length > 0 && { count: rows.length }),
    blocks: [...leadOf(plan, rows), ...addressTable(plan, rows)],
  }
}

function leadOf(plan: ReportedPlan, rows: IpChange[]): Block[] {
  if (isNeverExecuted(plan))
    return [paragraph('No job can execute this plan, so you do not need to change a firewall.')]
  if (rows.length === 0) return [paragraph('No public egress address is known before or after the change.')]
  if (plan.azure === 'simulated')
    return [paragraph('Azure is simulated: do not add the addresses below to a real firewall.')]
  return []
}

function addressTable(plan: ReportedPlan, rows: IpChange[]): Block[] {
  const { id, cluster } = plan
  if (rows.length === 0) return []
  return [
    ...tableOf(
      `Public egress addresses of ${cluster.name}`,
      ['Address', 'Change', 'Firewall action', 'IP family', 'Address known', 'Recoverable', 'Resource'],
      mergeUnknown(rows).map((row) => rowOf(row, plan)),
    ),
    paragraph('Scripts can read the same data as JSON, or as CSV (', { code: 'Accept: text/csv' }, '): ', {
      code: `GET /v1/plans/${id}/ip-changes`,
    }),
  ]
}

/** Whether no traffic uses an address that the plan removes, or that its job did not remove. */
function isUnused(row: IpChange): boolean {
  return isKeptUnused(row) || (row.change === 'lost' && row.usedBefore?.length === 0)
}

/** Rows of addresses that do not exist yet are equal, so a table shows them once, with their number. */
function mergeUnknown(rows: IpChange[]): (IpChange & { count: number })[] {
  const merged = new Map<string, IpChange & { count: number }>()
  for (const [index, row] of rows.entries()) {
    const key = row.cidr === null ? JSON.stringify(row) : String(index)
    merged.set(key, { ...row, count: (merged.get(key)?.count ?? 0) + 1 })
  }
  return [...merged.values()]
}

function rowOf(row: IpChange & { count: number }, plan: ReportedPlan): Cell[] {
  return [
    row.cidr === null ? unknownText(row, plan.stage) : [{ code: row.cidr }],
    isCreatedUnused(row)
      ? 'created, not in use'
      : [{ mark: row.change }, ...(isUnused(row) ? [' (not in use)'] : [])],
    row.knownAt === 'prepare' && row.address === null && !hasEnded(plan)
      ? 'allow as soon as the job has created the address'
      : adviceText(row, plan),
    row.family,
    isHidden(row) ? 'no' : row.address === null ? KNOWN_LABELS[row.knownAt] : KNOWN_LABELS.plan,
    row.change === 'lost' ? (row.recoverable ? 'yes' : 'no') : '–',
    [codeOrDash(row.resourceId === null ? null : lastSegment(row.resourceId))],
  ]
}

function unknownText({ change, count }: IpChange & { count: number }, stage: ReportedPlan['stage']): string {
  if (change !== 'added') return 'not visible in Azure Resource Manager'
  return `${pluralize(count, 'new address', 'new addresses')}, ${stage === undefined ? 'unknown at plan time' : 'not known yet'}`
}
