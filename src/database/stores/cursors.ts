import { createHmac, timingSafeEqual } from 'node:crypto'
import type { ClusterScope } from '../../core/access/access-policy.ts'
import { DomainError } from '../../core/lib/errors.ts'
import type { Queries } from '../engine/database.ts'

/** What is asked of any list: filters of its own, and where to go on. */
export interface PageQuery {
  /** What the caller may see; it may change between two pages, so a cursor does not depend on it. */
  reach?: ClusterScope | undefined
  limit: number
  /** The opaque cursor of the page before. */
  cursor: string | null
}

export interface Page<T> {
  items: T[]
  next: string | null
}

const UUID_BYTES = 16
/** Half of a SHA-256: nobody guesses 128 bits online. */
const SIGNATURE_BYTES = 16

/**
 * Cursors are opaque to callers: the id of the last item of a page, signed together with the list and its
 * filters, so that one that was made up or belongs to another query is refused and not obeyed. The secret is in
 * the database, where every replica finds the same one, also after a restart.
 */
export class Cursors {
  readonly #db: Queries
  #secret: Promise<string> | null = null

  constructor(db: Queries) {
    this.#db = db
  }

  /**
   * Reads one page. `read` gets the id that the page begins after, null for the first page, and gives one row more than
   * `limit` where there are more. Rejects with `CURSOR_INVALID` for a cursor that is not of this list with these filters.
   */
  async page<Q extends PageQuery, T extends { id: string }>(
    list: 'plans' | 'jobs' | 'audit' | 'webhooks' | 'deliveries',
    query: Q,
    read: (query: Q & { after: string | null }) => Promise<readonly T[]>,
  ): Promise<Page<T>> {
    const signed = signedText(list, query)
    const { cursor, limit } = query
    const after = cursor === null ? null : await this.#idIn(cursor, signed)
    const rows = await read({ ...query, after })
    const items = rows.slice(0, limit)
    const last = items.at(-1)
    const hasMore = rows.length > limit && last !== undefined
    return { items, next: hasMore ? await this.#cursorAt(last.id, signed) : null }
  }

  async #cursorAt(lastId: string, signed: string): Promise<string> {
    const id = Buffer.from(lastId.replaceAll('-', ''), 'hex')
    return Buffer.concat([id, await this.#sign(signed, id)]).toString('base64url')
  }

  async #idIn(cursor: string, signed: string): Promise<string> {
    const bytes = Buffer.from(cursor, 'base64url')
    const id = bytes.subarray(0, UUID_BYTES)
    const signature = bytes.subarray(UUID_BYTES)
    const isOurs =
      signature.length === SIGNATURE_BYTES &&
      timingSafeEqual(signature, await this.#sign(signed, id)) &&
      // The decoder skips what is no letter of its alphabet; the cursor that was given had none of that.
      bytes.toString('base64url') === cursor
    if (!isOurs) throw new DomainError('CURSOR_INVALID', {}, ['/cursor'])
    return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }

  async #sign(text: string, id: Buffer): Promise<Buffer> {
    const hmac = createHmac('sha256', await this.#key())
      .update(text)
      .update(id)
    return hmac.digest().subarray(0, SIGNATURE_BYTES)
  }

  /** Read once; when that fails, the next one who needs it tries again. */
  #key(): Promise<string> {
    this.#secret ??= this.#load().catch((error: unknown) => {
      this.#secret = null
      throw error
    })
    return this.#secret
  }

  async #load(): Promise<string> {
    const query = this.#db.selectFrom('secrets').select('value').where('name', '=', 'cursor')
    return (await query.executeTakeFirstOrThrow()).value
  }
}

/** The list and its filters, whatever order they came in. The size of a page may change on the way. */
function signedText(list: string, query: PageQuery): string {
  const { cursor: _cursor, limit: _limit, reach: _reach, ...filters } = query
  const given = Object.entries(filters).filter(([, value]) => value !== undefined)
  return JSON.stringify([list, given.toSorted(([a], [b]) => (a < b ? -1 : 1))])
}
