import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose'

/** The keys could not be had: nothing is said about the token. */
export class KeysUnreachable extends Error {
  constructor(cause?: unknown) {
    super('the keys to verify tokens with could not be fetched', { cause })
    this.name = 'KeysUnreachable'
  }
}

/** A key server that does not answer must not hold requests for long. */
const TIMEOUT_MS = 5_000
/** Not asked more often, whatever unknown key ids are sent here. */
const PAUSE_MS = 30_000
/** Older keys are fetched anew beside the requests: Entra announces new keys well ahead of their use. */
const REFRESH_MS = 3_600_000
/** As long as the server is out of reach, keys are good for this long: one that was withdrawn must end some time. */
const KEPT_MS = 24 * 3_600_000

/** The published keys of a tenant: fetched when they are first needed, kept over outages, renewed on rotation. */
export class KeySet {
  readonly #url: string
  readonly #now: () => number
  #keys: ReturnType<typeof createLocalJWKSet> | null = null
  #fetchedAt = 0
  #askedAt = Number.NEGATIVE_INFINITY
  #isDown = false
  #pending: Promise<void> | null = null

  /** `now` is in milliseconds from any beginning. */
  constructor(url: string, now: () => number = () => performance.now()) {
    this.#url = url
    this.#now = now
  }

  /** The key for a token; rejects with `KeysUnreachable` where it cannot be told whether there is one. */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#known()
    try {
      return await keys(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      if (!this.#mayAsk()) throw this.#isDown ? new KeysUnreachable() : error
      await this.#fetch()
      return await (await this.#known())(header, token)
    }
  }

  async #known(): Promise<ReturnType<typeof createLocalJWKSet>> {
    const age = this.#now() - this.#fetchedAt
    if (this.#keys === null || age > KEPT_MS) await this.#fetch()
    // A failure is met when there are no keys that will do, and not before.
    else if (age > REFRESH_MS && this.#mayAsk()) this.#fetch().catch(() => {})
    if (this.#keys === null) throw new KeysUnreachable()
    return this.#keys
  }

  #mayAsk(): boolean {
    return this.#now() - this.#askedAt >= PAUSE_MS
  }

  /** Requests that need the keys at once wait for one fetch together. */
  #fetch(): Promise<void> {
    this.#pending ??= this.#ask().finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  async #ask(): Promise<void> {
    this.#askedAt = this.#now()
    try {
      const answer = await fetch(this.#url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' })
      if (!answer.ok) throw new Error(`the key server answered ${answer.status}`)
      this.#keys = createLocalJWKSet((await answer.json()) as Parameters<typeof createLocalJWKSet>[0])
      this.#fetchedAt = this.#now()
      this.#isDown = false
    } catch (error) {
      this.#isDown = true
      throw new KeysUnreachable(error)
    }
  }
}
