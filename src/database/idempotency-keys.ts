import type { Queries } from './database.ts'

/** A request that names a key. */
export interface KeyedRequest {
  /** The caller; nobody meets the keys of somebody else. */
  scope: string
  key: string
  /** What was asked for: the same for the same request, another one for any other. */
  fingerprint: string
}

/** An answer as it was first given. */
export interface KeptAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

/** What to do with a request that names a key. */
export type KeyClaim =
  /** It is the first: do it, and keep its answer under this claim. */
  | { kind: 'begin'; claim: string }
  /** It was done before: answer the same. */
  | { kind: 'replay'; answer: KeptAnswer }
  /** It is being done at this moment. */
  | { kind: 'busy' }
  /** The key belongs to another request. */
  | { kind: 'other' }

/** Another request took the key over meanwhile; whatever was done with it must roll back. */
export class ClaimLost extends Error {
  constructor() {
    super('another request with the same key has taken over')
    this.name = 'ClaimLost'
  }
}

/** A claim that is older belongs to a process that died: nothing that is asked for takes as long. */
const CLAIM_MS = 60_000

/** Claims the key for a request. Of many that come at once one begins. `claim` is a new UUID. */
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
    const found = await ofKey(db.selectFrom('idempotency_keys').selectAll(), request).executeTakeFirst()
    // Given back between the two statements: it is free now.
    if (found === undefined) continue
    if (found.fingerprint !== fingerprint) return { kind: 'other' }
    const { status, headers, body } = found
    if (status !== null && headers !== null && body !== null) {
      const kept = JSON.parse(headers) as Record<string, string>
      return { kind: 'replay', answer: { status, headers: kept, body } }
    }
    if (found.claimed_at.getTime() > now.getTime() - CLAIM_MS) return { kind: 'busy' }
    const taken = await ofKey(db.updateTable('idempotency_keys').set(fresh), request)
      .where('claim', '=', found.claim)
      .where('status', 'is', null)
      .executeTakeFirst()
    if (taken.numUpdatedRows > 0n) return { kind: 'begin', claim }
  }
}

/**
 * Keeps the answer, in the transaction that has the effect: both are there or neither is, whenever the process dies.
 * Rejects with `ClaimLost` when the key was taken over meanwhile.
 */
export async function keepAnswer(
  trx: Queries,
  request: KeyedRequest,
  claim: string,
  { status, headers, body }: KeptAnswer,
): Promise<void> {
  const kept = { status, headers: JSON.stringify(headers), body }
  const result = await ofKey(trx.updateTable('idempotency_keys').set(kept), request)
    .where('claim', '=', claim)
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw new ClaimLost()
}

/** Gives a key back whose request had no effect; one with an answer stays. */
export async function releaseKey(db: Queries, request: KeyedRequest, claim: string): Promise<void> {
  await ofKey(db.deleteFrom('idempotency_keys'), request)
    .where('claim', '=', claim)
    .where('status', 'is', null)
    .execute()
}

/** Forgets the keys that were claimed before this moment. */
export async function forgetKeys(db: Queries, before: Date): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('claimed_at', '<', before).execute()
}

/** Forgets every claim without an answer: for an engine of one process, that has just started. */
export async function forgetClaims(db: Queries): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('status', 'is', null).execute()
}

interface Filterable {
  where(column: 'scope' | 'key', operator: '=', value: string): this
}

function ofKey<Q extends Filterable>(query: Q, { scope, key }: KeyedRequest): Q {
  return query.where('scope', '=', scope).where('key', '=', key)
}
