import { OPERATIONS, type Operation } from '../document/operations.ts'
import { NEVER_SUCCEEDS } from '../hints.ts'
import { askedOf } from './oracle.ts'
import type { Exchange } from './wire.ts'

/** How often each operation was answered with each status. */
export class StatusTable {
  readonly #counts = new Map<string, Map<string, number>>()
  total = 0

  add({ wire, answer }: Exchange): void {
    this.total++
    const row = askedOf(wire)?.id ?? '(no operation)'
    const status = answer === null ? 'none' : String(answer.status)
    const counts = this.#counts.get(row) ?? new Map<string, number>()
    counts.set(status, (counts.get(status) ?? 0) + 1)
    this.#counts.set(row, counts)
  }

  /** Operations that never succeeded, or never refused where they document that they may. */
  gaps(): { operation: Operation; text: string }[] {
    return OPERATIONS.flatMap((operation) => {
      const { id, responses } = operation
      const answered = [...(this.#counts.get(id)?.keys() ?? [])]
      const has = (statuses: string[], first: string) => statuses.some((each) => each.startsWith(first))
      const texts = [
        ...(has(answered, '2') || id in NEVER_SUCCEEDS ? [] : [`${id} never succeeded`]),
        ...(has(answered, '4') || !has(Object.keys(responses), '4') ? [] : [`${id} never refused`]),
      ]
      return texts.map((text) => ({ operation, text }))
    })
  }

  lines(): string[] {
    const rows = [...OPERATIONS.map(({ id }) => id), '(no operation)']
    const width = Math.max(...rows.map((each) => each.length))
    return rows.map((row) => {
      const counts = [...(this.#counts.get(row) ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1))
      return `${row.padEnd(width)}  ${counts.map(([status, count]) => `${status}: ${count}`).join('  ')}`
    })
  }
}
