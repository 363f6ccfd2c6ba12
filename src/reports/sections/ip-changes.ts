import type { AddressAdvice, IpChange } from '../../contract/egress.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import { type Block, type Cell, codeOrDash, paragraph, type Section } from '../document/document.ts'
import { buildIpChangesReport } from '../plan/ip-changes.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

const ADVICE: Record<AddressAdvice, string> = {
  keep: 'leave as it is',
  allowBefore: 'allow before the change',
  allowWhenKnown: 'allow once the job has found it',
  removeAfter: 'remove after the change',
  checkAfter: 'check after the change',
}

const KNOWN = {
  plan: 'now',
  prepare: 'once prepared, before the traffic moves',
  apply: 'only after the change',
}

/** The ledger of public addresses, as a table that can be copied into a firewall request. */
export function ipChangesSection(plan: ReportedPlan): Section {
  const rows = buildIpChangesReport(plan).items
  return {
    id: 'addresses',
    title: 'Public addresses: what to tell firewalls',
    blocks: [...leadOf(plan, rows), ...tableOf(plan, rows)],
  }
}

function leadOf(plan: ReportedPlan, rows: IpChange[]): Block[] {
  if (rows.length === 0)
    return [paragraph('No public address of the egress is known, neither before nor after the change.')]
  if (plan.azure === 'simulated')
    return [paragraph('Not for a real firewall: these addresses are from a simulated Azure.')]
  if (plan.status === 'blocked')
    return [
      paragraph('Ask for nothing yet: the plan is blocked, and the one after it may change other addresses.'),
    ]
  return []
}

function tableOf({ id, cluster }: ReportedPlan, rows: IpChange[]): Block[] {
  if (rows.length === 0) return []
  return [
    {
      kind: 'table',
      caption: `Public egress addresses of ${cluster.name}`,
      columns: ['Address', 'Change', 'On the firewall', 'Family', 'Known', 'Can be had again', 'Resource'],
      rows: rows.map(rowOf),
    },
    paragraph(
      'The same for programs: ',
      { code: `GET /v1/plans/${id}/ip-changes` },
      ', as JSON or as CSV (Accept: text/csv).',
    ),
  ]
}

function rowOf(row: IpChange): Cell[] {
  return [
    row.cidr === null ? 'not known yet' : [{ code: row.cidr }],
    [{ mark: row.change }],
    row.knownAt === 'prepare' ? 'allow once the job has made it' : ADVICE[row.advice],
    row.family,
    KNOWN[row.knownAt],
    row.change === 'lost' ? (row.recoverable ? 'yes' : 'no, lost for good') : '–',
    [codeOrDash(row.resourceId === null ? null : lastSegment(row.resourceId))],
  ]
}
