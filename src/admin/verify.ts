import { verifyExport } from '../database/audit/export-audit.ts'
import { type AuditVerdict, verifyAudit } from '../database/audit/verify-audit.ts'
import { AdminError, onFile, type Session } from './session.ts'

/** Verifies the audit log; throws if a record is invalid. `known` is an earlier hash that a record must have. */
export async function verifyDatabase({ database, print }: Session, known: string | null): Promise<void> {
  report(await verifyAudit(database.kysely, known), 'The audit log', print)
}

/** Verifies a file that `purge` has written. */
export async function verifyFile(
  path: string,
  known: string | null,
  print: (line: string) => void,
): Promise<void> {
  report(await onFile(path, () => verifyExport(path, known)), `The audit export ${path}`, print)
}

function report(verdict: AuditVerdict, subject: string, print: (line: string) => void): void {
  if (!verdict.intact)
    throw new AdminError(`${subject} is broken. The first invalid row is ${verdict.row}: ${verdict.fault}.`)
  const { firstRow, rows, hash } = verdict
  const earlier = firstRow > 1 ? `, of which those before ${firstRow} are in exported files` : ''
  print(`${subject} is intact: ${rows} rows${earlier}, last hash ${hash}.`)
}
