import { type AuditRow, GENESIS_HASH } from '../../core/audit/audit.ts'
import type { Queries } from '../engine/database.ts'
import type { AuditAnchorsTable } from '../engine/tables.ts'
import { fromAuditColumns, hashOf } from './audit-log.ts'

/** Rows that are read at a time, so that a long audit log does not fill the memory. */
const BATCH = 1_000

export type AuditVerdict =
  /** `rows` counts from the first row ever; `firstRow` is the first row in the database. */
  | { intact: true; rows: number; hash: string; firstRow: number }
  | { intact: false; row: number; fault: string }

type Anchor = Pick<AuditAnchorsTable, 'sequence' | 'hash'>

/** The rows of the audit log in the database, oldest first. */
export async function* auditRows(db: Queries): AsyncGenerator<AuditRow> {
  for (let last = 0; ; ) {
    const batch = await db
      .selectFrom('audit_log')
      .selectAll()
      .where('sequence', '>', last)
      .orderBy('sequence')
      .limit(BATCH)
      .execute()
    yield* batch.map(fromAuditColumns)
    last = batch.at(-1)?.sequence ?? last
    if (batch.length < BATCH) return
  }
}

/**
 * Verifies the hash chain from its beginning, and returns the first invalid row. Rows before an anchor may be missing: they
 * were exported. The chain cannot show that its last rows are missing: pass an earlier hash as `known` to check that.
 */
export async function verifyAudit(db: Queries, known: string | null = null): Promise<AuditVerdict> {
  const anchors = await db
    .selectFrom('audit_anchors')
    .select(['sequence', 'hash'])
    .orderBy('sequence')
    .execute()
  const chain = new ChainCheck(anchors, known)
  for await (const row of auditRows(db)) {
    const fault = chain.add(row)
    if (fault !== null) return fault
  }
  return chain.end()
}

/** Verifies rows one after the other. */
export class ChainCheck {
  readonly #anchors: ReadonlyMap<number, string>
  readonly #lastAnchor: number
  readonly #known: string | null
  #isKnown: boolean
  #firstRow: number | null = null
  #rows = 0
  #hash = GENESIS_HASH

  constructor(anchors: readonly Anchor[], known: string | null) {
    this.#anchors = new Map(anchors.map(({ sequence, hash }) => [sequence, hash]))
    this.#lastAnchor = anchors.at(-1)?.sequence ?? 0
    this.#known = known
    this.#isKnown = known === null || anchors.some(({ hash }) => hash === known)
  }

  /** The verdict on the first invalid row; null for a valid one. */
  add(row: AuditRow): AuditVerdict | null {
    if (this.#firstRow === null) this.#begin(row)
    const expected = this.#rows + 1
    const fault =
      row.sequence === expected
        ? this.#contentFault(row)
        : `the row is missing; the next row is ${row.sequence}`
    if (fault !== null) return { intact: false, row: expected, fault }
    this.#rows++
    this.#hash = row.hash
    this.#isKnown ||= row.hash === this.#known
    return null
  }

  /** Up to the last anchor the rows were exported, and deletion may have reached any of them. */
  #begin({ sequence, previousHash }: AuditRow): void {
    const isCut = sequence > 1 && sequence <= this.#lastAnchor
    if (isCut) this.#hash = previousHash
    this.#rows = isCut ? sequence - 1 : sequence === 1 ? 0 : Math.max(this.#lastAnchor - 1, 0)
    this.#firstRow = this.#rows + 1
  }

  #contentFault(row: AuditRow): string | null {
    if (row.previousHash !== this.#hash) return 'its previous hash is not the hash of the row before'
    if (row.hash !== hashOf(row.previousHash, row)) return 'its content has changed since it was appended'
    const anchored = this.#anchors.get(row.sequence)
    if (anchored !== undefined && anchored !== row.hash) return 'its hash is not the one that was exported'
    return null
  }

  end(): AuditVerdict {
    if (this.#rows < this.#lastAnchor)
      return { intact: false, row: this.#lastAnchor, fault: 'the row is missing, although it was exported' }
    const exported = this.#lastAnchor === 0 ? '' : ', unless it was exported: then verify the file'
    const fault = `the row is missing; no row has the hash ${this.#known}${exported}`
    if (!this.#isKnown) return { intact: false, row: this.#rows + 1, fault }
    return { intact: true, rows: this.#rows, hash: this.#hash, firstRow: this.#firstRow ?? 1 }
  }
}
