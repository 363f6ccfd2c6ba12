import type { EditionVerdict, TypeKey, VnetKind } from '../../contract/outbound-type.ts'
import data from './matrix-editions.json' with { type: 'json' }

/**
 * An edition of the support matrix: the table as published on a date. Or a statement about single pairs. The data is an
 * exact copy of the published tables.
 */
export interface Edition {
  edition: string
  source: string
  verdict(vnet: VnetKind, from: TypeKey, to: TypeKey): EditionVerdict
}

interface Table {
  columns: string[]
  rows: Record<string, string[] | undefined>
}

/** All editions, oldest first. Source: matrix-editions.json, which names the page and date of each. */
export const EDITIONS: readonly Edition[] = data.editions
  .map(toEdition)
  .sort((a, b) => a.edition.localeCompare(b.edition))

/** Statements of Microsoft about single pairs outside of the matrix. `MATRIX_EDITION` cannot select a statement. */
export const STATEMENTS: readonly Edition[] = data.statements.map(toEdition)

export const EDITION_NAMES: readonly string[] = EDITIONS.map((entry) => entry.edition)

function toEdition(entry: { edition: string; source: string } & Record<VnetKind, Table>): Edition {
  const { edition, source } = entry
  return {
    edition,
    source,
    verdict(vnet, from, to) {
      const { columns, rows } = entry[vnet]
      return (rows[from]?.[columns.indexOf(to)] as EditionVerdict | undefined) ?? 'absent'
    },
  }
}
