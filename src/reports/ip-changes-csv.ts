import { cleanLine } from './document/clean.ts'
import { ipChangesReport } from './ip-changes-report.ts'
import type { ReportedPlan } from './reported-plan.ts'

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
] as const

/** Read by spreadsheets as the start of a formula (OWASP, "CSV Injection"), also in their full-width forms. */
const FORMULA = /^[=+\-@|%＝＋－＠]/

/**
 * The ledger of public addresses as CSV (RFC 4180: CRLF, a header, quotes doubled). A cell that a spreadsheet
 * would take for a formula begins with an apostrophe. Every row names cluster, plan and Azure, since rows travel alone.
 */
export function ipChangesCsv(plan: ReportedPlan): string {
  const { planId, azure, items } = ipChangesReport(plan)
  const rows = items.map((item) => {
    const values = { ...item, cluster: plan.cluster.id, planId, azure }
    return COLUMNS.map((column) => values[column])
  })
  return [[...COLUMNS], ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

/** One cell: safe in a spreadsheet, quoted where RFC 4180 asks for it; null is empty. */
export function csvCell(value: string | boolean | null): string {
  if (value === null) return ''
  const line = cleanLine(String(value))
  const safe = FORMULA.test(line) ? `'${line}` : line
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
