import { createHmac, timingSafeEqual } from 'node:crypto'
import { DomainError } from '../../core/lib/errors.ts'
import type { Queries } from '../engine/database.ts'
import type { Page, PageQuery, RowQuery } from './list-query.ts'
import { ClusterScopes } from './visible-clusters.ts'

const UUID_BYTES = 16
/** Half of a SHA-256: 128 bits cannot be guessed online. */
const SIGNATURE_BYTES = 16

/** The lists that have pages. */
type CursorList =
  | 'plans'
  | 'jobs'
  | 'probes'
  | 'audit'
  | 'webhooks'
  | 'deliveries'
  | 'inventory'
  | 'inventoryChanges'
  | 'campaigns'
  | 'members'

/**
 * Cursors are opaque to callers: the id of the last item of a page, signed together with the list and its filters. So
 * an invented cursor, or the cursor of another query, is rejected. The secret is in the database, so all replicas
 * share it.
 */
export class Cursors {
  readonly #db: Queries
  readonly #scopes: ClusterScopes
  #secret: Promise<string> | null = null

  constructor(db: Queries) {
    this.#db = db
    this.#scopes = new ClusterScopes(db)
  }

  /**
   * Reads one page. `read` returns one row more than `limit` if there are more. Rejects with `CURSOR_INVALID` for a cursor
   * that is not of this list with these filters.
   */
  async page<Q extends PageQuery, T extends { id: string }>(
    list: CursorList,
    query: Q,
    read: (query: RowQuery<Q>) => Promise<readonly T[]>,
  ): Promise<Page<T>> {
    const signed = signedText(list, query)
    const { cursor, reach, within, ...filters } = query
    const { limit } = query
    const after = cursor === null ? null : await this.#idIn(cursor, signed)
    const rows = await read({ ...filters, after, visible: await this.#scopes.resolveWithin(reach, within) })
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
      // The decoder skips characters outside of its alphabet; a valid cursor has none.
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

  /** Read once; after a failure, the next call retries. */
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

/** The list and its filters in a fixed order. The page size may change between pages. */
function signedText(list: string, query: PageQuery): string {
  const { cursor: _cursor, limit: _limit, reach: _reach, ...filters } = query
  const present = Object.entries(filters).filter(([, value]) => value !== undefined)
  return JSON.stringify([list, present.toSorted(([a], [b]) => (a < b ? -1 : 1))])
}
