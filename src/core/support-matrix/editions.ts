import type { EditionVerdict, TypeKey, VnetKind } from '../../contract/outbound-type.ts'
import data from './matrix-editions.json' with { type: 'json' }

/** A dated edition of the support matrix. The data is a copy of the published tables, cell by cell. */
export interface Edition {
  edition: string
  source: string
  verdict(vnet: VnetKind, from: TypeKey, to: TypeKey): EditionVerdict
  /** Whether the edition's table for this VNet kind has the type as a row or a column. */
  knows(vnet: VnetKind, type: TypeKey): boolean
}

interface Table {
  columns: string[]
  rows: Record<string, string[] | undefined>
}

/** All editions, oldest first. Source: matrix-editions.json, which names the page and date of each. */
export const EDITIONS: readonly Edition[] = data.editions
  .map((entry) => edition(entry.edition, entry.source, { managed: entry.managed, byo: entry.byo }))
  .sort((a, b) => a.edition.localeCompare(b.edition))

export const EDITION_NAMES: readonly string[] = EDITIONS.map((entry) => entry.edition)

function edition(name: string, source: string, tables: Record<VnetKind, Table>): Edition {
  return {
    edition: name,
    source,
    verdict(vnet, from, to) {
      const { columns, rows } = tables[vnet]
      return (rows[from]?.[columns.indexOf(to)] as EditionVerdict | undefined) ?? 'absent'
    },
    knows: (vnet, type) => tables[vnet].rows[type] !== undefined || tables[vnet].columns.includes(type),
  }
}
