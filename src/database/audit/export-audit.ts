import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { sql } from 'kysely'
import type { AuditRow } from '../../core/audit/audit.ts'
import type { Queries } from '../engine/database.ts'
import type { AuditAnchorsTable } from '../engine/tables.ts'
import { type AuditVerdict, auditRows, ChainCheck } from './verify-audit.ts'

/** The first line of an export; each further line is one row. */
interface ExportHeader {
  format: 'aks-egress-planner-audit'
  version: 1
  firstRow: number
  lastRow: number
  /** Of the last row: the end of the chain in this file. */
  lastHash: string
}

/** Rows that one transaction deletes. */
const DELETE_BATCH = 1_000

/**
 * The last row that may be exported and deleted: every row up to it is older than `before`, and belongs to no job that has
 * not finished. null if there is no such row.
 */
export async function lastOldRow(
  db: Queries,
  before: Date,
): Promise<Pick<AuditRow, 'sequence' | 'hash'> | null> {
  const { rows } = await sql<{ sequence: number; hash: string }>`
    select sequence, hash from audit_log where sequence < coalesce(
      least(
        (select min(sequence) from audit_log where at >= ${before}),
        (select min(sequence) from audit_log join jobs on jobs.id = audit_log.job_id
          where jobs.next_tick_at is not null)),
      2147483647)
    order by sequence desc limit 1`.execute(db)
  return rows[0] ?? null
}

/**
 * Writes the rows up to `last` to a new file as JSON lines, and verifies the chain on the way. The file is on the disk when
 * this resolves. Returns the anchor to be stored; throws if the chain is broken or the file exists.
 */
export async function exportAudit(
  db: Queries,
  last: Pick<AuditRow, 'sequence' | 'hash'>,
  path: string,
  now: Date,
): Promise<AuditAnchorsTable> {
  const rows = auditRows(db)
  const anchors = await db
    .selectFrom('audit_anchors')
    .select(['sequence', 'hash'])
    .orderBy('sequence')
    .execute()
  const chain = new ChainCheck(anchors, null)
  const digest = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  try {
    const write = async (line: object) => {
      // Readers of lines may take these two characters for an end of line; JSON permits them as they are.
      const json = JSON.stringify(line).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
      const text = `${json}\n`
      digest.update(text)
      await file.write(text)
    }
    let isFirst = true
    for await (const row of rows) {
      if (row.sequence > last.sequence) break
      const invalid = chain.add(row)
      if (invalid !== null) throw new BrokenAuditError(invalid)
      if (isFirst) await write(toHeader(row.sequence, last))
      isFirst = false
      await write(row)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  return {
    sequence: last.sequence,
    hash: last.hash,
    exported_at: now,
    file_name: basename(path),
    file_hash: digest.digest('hex'),
  }
}

function toHeader(firstRow: number, { sequence, hash }: Pick<AuditRow, 'sequence' | 'hash'>): ExportHeader {
  return { format: 'aks-egress-planner-audit', version: 1, firstRow, lastRow: sequence, lastHash: hash }
}

/** Deletes the rows before the last anchor. Its own row stays as the beginning of the chain. Returns their number. */
export async function deleteExportedRows(db: Queries): Promise<number> {
  for (let total = 0; ; ) {
    const { numAffectedRows = 0n } = await sql`delete from audit_log where sequence in (
      select sequence from audit_log where sequence < (select max(sequence) from audit_anchors)
      order by sequence limit ${DELETE_BATCH})`.execute(db)
    total += Number(numAffectedRows)
    if (numAffectedRows < BigInt(DELETE_BATCH)) return total
  }
}

/** Verifies an exported file. Its first row may follow rows of an earlier file; `known` is a hash that a row must have. */
export async function verifyExport(path: string, known: string | null): Promise<AuditVerdict> {
  let chain: ChainCheck | null = null
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const value = parseLine(line, path)
    if (chain === null) {
      if (!('format' in value) || value.format !== 'aks-egress-planner-audit' || value.version !== 1)
        throw new Error(`${path} is not an export of the audit log.`)
      chain = new ChainCheck([{ sequence: value.lastRow, hash: value.lastHash }], known)
      continue
    }
    const fault = chain.add(value as AuditRow)
    if (fault !== null) return fault
  }
  if (chain === null) throw new Error(`${path} is empty.`)
  return chain.end()
}

function parseLine(line: string, path: string): ExportHeader | AuditRow {
  let value: unknown = null
  try {
    value = JSON.parse(line)
  } catch {}
  if (typeof value === 'object' && value !== null) return value as ExportHeader | AuditRow
  throw new Error(`${path} contains a line that is not of an export of the audit log.`)
}

/** The audit log is broken, so nothing of it is exported. */
export class BrokenAuditError extends Error {
  constructor(verdict: AuditVerdict) {
    super(
      verdict.intact
        ? 'The audit log is broken.'
        : `The audit log is broken. The first invalid row is ${verdict.row}: ${verdict.fault}.`,
    )
    this.name = 'BrokenAuditError'
  }
}
