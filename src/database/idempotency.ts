import type { Database, Queries } from './database.ts'
import {
  claimKey,
  forgetClaims,
  forgetKeys,
  type KeptAnswer,
  type KeyClaim,
  type KeyedRequest,
  keepAnswer,
  releaseKey,
} from './idempotency-keys.ts'

/** Told of an effect inside the transaction that has it, before it commits. */
export type Witness<T> = (trx: Queries, effect: T) => Promise<void>

/** Requests that name a key have their effect once, however often they are sent. */
export interface Idempotency {
  claim(request: KeyedRequest): Promise<KeyClaim>
  /** In the transaction of the effect; rejects with `ClaimLost` when somebody else has taken the key over. */
  keep(trx: Queries, request: KeyedRequest, claim: string, answer: KeptAnswer): Promise<void>
  /** After a request that had no effect: it may be sent again. */
  release(request: KeyedRequest, claim: string): Promise<void>
}

/** How long an answer can be had again, and how often what is older is looked for. */
const KEPT_MS = 24 * 3_600_000
const CLEANED_EVERY_MS = 600_000

export function createIdempotency(deps: {
  database: Database
  now: () => Date
  newId: () => string
}): Idempotency {
  const { engine, kysely: db } = deps.database
  let cleanedAt: number | null = null
  const clean = async (now: Date): Promise<void> => {
    // With one process only, claims that are there before its first one are those of a process that died.
    if (cleanedAt === null && engine === 'embedded') await forgetClaims(db)
    if (cleanedAt !== null && now.getTime() < cleanedAt + CLEANED_EVERY_MS) return
    await forgetKeys(db, new Date(now.getTime() - KEPT_MS))
    cleanedAt = now.getTime()
  }
  // One after the other: no claim is made before the first cleaning is through.
  let cleaned: Promise<void> = Promise.resolve()
  return {
    async claim(request) {
      const now = deps.now()
      cleaned = cleaned.catch(() => {}).then(() => clean(now))
      await cleaned
      return claimKey(db, request, deps.newId(), now)
    },
    keep: keepAnswer,
    release: (request, claim) => releaseKey(db, request, claim),
  }
}
