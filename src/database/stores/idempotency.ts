import type { Database, Queries } from '../engine/database.ts'

/** A request that names a key. */
export interface KeyedRequest {
  /** The caller; the keys of different callers never collide. */
  scope: string
  key: string
  /** What was asked for: the same for the same request, another one for any other. */
  fingerprint: string
}

/** An answer as it was first given. */
export interface StoredResponse {
  status: number
  headers: Record<string, string>
  body: string
}

/** What to do with a request that names a key. */
type KeyClaim =
  /** It is the first: do it, and keep its answer under this claim. */
  | { kind: 'begin'; claim: string }
  /** It was done before: answer the same. */
  | { kind: 'replay'; answer: StoredResponse }
  /** It is being done at this moment. */
  | { kind: 'busy' }
  /** The key belongs to another request. */
  | { kind: 'other' }

/** Another request took over the key meanwhile; everything done for it must roll back. */
export class ClaimLostError extends Error {
  constructor() {
    super('another request with the same key has taken over')
    this.name = 'ClaimLostError'
  }
}

/** A claim that is older belongs to a process that died: no request takes as long. */
const CLAIM_MS = 60_000
/** How long a response is repeated. */
export const RESPONSE_RETENTION_MS = 24 * 3_600_000

/** Claims the key for a request. Of many simultaneous requests one begins. `claim` is a new UUID. */
export async function claimKey(
  db: Queries,
  request: KeyedRequest,
  claim: string,
  now: Date,
): Promise<KeyClaim> {
  const { scope, key, fingerprint } = request
  const fresh = { claim, claimed_at: now, fingerprint, status: null, headers: null, body: null }
  for (;;) {
    const isFirst = await db
      .insertInto('idempotency_keys')
      .values({ scope, key, ...fresh })
      .onConflict((conflict) => conflict.doNothing())
      .returning('key')
      .executeTakeFirst()
    if (isFirst !== undefined) return { kind: 'begin', claim }
    const found = await whereKey(db.selectFrom('idempotency_keys').selectAll(), request).executeTakeFirst()
    // Released between the two statements: it is free now.
    if (found === undefined) continue
    if (found.claimed_at.getTime() < now.getTime() - RESPONSE_RETENTION_MS) {
      await whereKey(db.deleteFrom('idempotency_keys'), request).where('claim', '=', found.claim).execute()
      continue
    }
    if (found.fingerprint !== fingerprint) return { kind: 'other' }
    const { status, headers, body } = found
    if (status !== null && headers !== null && body !== null) {
      const kept = JSON.parse(headers) as Record<string, string>
      return { kind: 'replay', answer: { status, headers: kept, body } }
    }
    // A claim of the future is as old: the clock was set back since.
    if (Math.abs(now.getTime() - found.claimed_at.getTime()) < CLAIM_MS) return { kind: 'busy' }
    const taken = await whereKey(db.updateTable('idempotency_keys').set(fresh), request)
      .where('claim', '=', found.claim)
      .where('status', 'is', null)
      .executeTakeFirst()
    if (taken.numUpdatedRows > 0n) return { kind: 'begin', claim }
  }
}

/**
 * Keeps the answer, in the transaction that has the effect: both are there or neither is, whenever the process dies.
 * Rejects with `ClaimLostError` when the key was taken over meanwhile.
 */
export async function storeResponse(
  trx: Queries,
  request: KeyedRequest,
  claim: string,
  { status, headers, body }: StoredResponse,
): Promise<void> {
  const kept = { status, headers: JSON.stringify(headers), body }
  const result = await whereKey(trx.updateTable('idempotency_keys').set(kept), request)
    .where('claim', '=', claim)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw new ClaimLostError()
}

/** Gives a key back whose request had no effect; one with an answer stays. */
export async function releaseKey(db: Queries, request: KeyedRequest, claim: string): Promise<void> {
  await whereKey(db.deleteFrom('idempotency_keys'), request)
    .where('claim', '=', claim)
    .where('status', 'is', null)
    .execute()
}

/** Forgets every claim without an answer: for an engine of one process, that has just started. */
async function deleteOpenClaims(db: Queries): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('status', 'is', null).execute()
}

interface Filterable {
  where(column: 'scope' | 'key', operator: '=', value: string): this
}

function whereKey<Q extends Filterable>(query: Q, { scope, key }: KeyedRequest): Q {
  return query.where('scope', '=', scope).where('key', '=', key)
}

/** Called inside the transaction of an effect, before it commits. */
export type TransactionHook<T> = (trx: Queries, effect: T) => Promise<void>

/** Requests that name a key have their effect once, however often they are sent. */
export interface Idempotency {
  claim(request: KeyedRequest): Promise<KeyClaim>
  /** In the transaction of the effect; rejects with `ClaimLostError` when another request has taken the key over. */
  keep(trx: Queries, request: KeyedRequest, claim: string, answer: StoredResponse): Promise<void>
  /** After a request that had no effect: it may be sent again. */
  release(request: KeyedRequest, claim: string): Promise<void>
}

export function createIdempotency(deps: {
  database: Database
  now: () => Date
  newId: () => string
}): Idempotency {
  const { engine, kysely: db } = deps.database
  // The embedded engine serves one process: open claims from before it started are those of a process that died.
  const forgetDead = () => (engine === 'embedded' ? deleteOpenClaims(db) : Promise.resolve())
  let ready: Promise<void> | null = null
  return {
    async claim(request) {
      ready ??= forgetDead().catch((error: unknown) => {
        ready = null
        throw error
      })
      await ready
      return claimKey(db, request, deps.newId(), deps.now())
    },
    keep: storeResponse,
    release: (request, claim) => releaseKey(db, request, claim),
  }
}
