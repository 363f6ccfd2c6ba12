import { Refusal } from '../core/refusal.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A cursor is opaque to callers; inside it is the id of the last item of the page before. */
export function writeCursor(id: string): string {
  return Buffer.from(JSON.stringify({ v: 1, after: id })).toString('base64url')
}

/** The id in a cursor; throws a `Refusal` for anything that `writeCursor` did not make. */
export function readCursor(cursor: string): string {
  try {
    const { v, after } = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as {
      v?: unknown
      after?: unknown
    }
    if (v === 1 && typeof after === 'string' && UUID.test(after)) return after
  } catch {
    // Falls through to the refusal: what is wrong with the text does not help the caller.
  }
  throw new Refusal('CURSOR_INVALID', {}, ['/cursor'])
}

/** Cuts a list that was read one row longer than a page, and says where the next page begins. */
export function pageOf<T extends { id: string }>(
  rows: T[],
  limit: number,
): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last !== undefined ? writeCursor(last.id) : null }
}
