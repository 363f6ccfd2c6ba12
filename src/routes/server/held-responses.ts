import type { FastifyInstance } from 'fastify'

const CLOSE_INTERVAL_MS = 100

/**
 * Closes connections while the service stops. Node closes connections that are idle at that moment. A connection with a
 * request in progress would stay open afterwards, and delay the stop.
 */
export function closeIdleConnections(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    const timer = setInterval(() => app.server.closeIdleConnections(), CLOSE_INTERVAL_MS)
    timer.unref()
    app.server.once('close', () => clearInterval(timer))
  })
}

declare module 'fastify' {
  interface FastifyInstance {
    heldResponses: HeldResponses
  }
}

/** The maximum number of held responses in a process. Further callers must poll. */
const MAX_HELD_RESPONSES = 10_000
/** Each caller can use at most a quarter, so that other callers can also wait. */
const MAX_HELD_PER_CALLER = 2_500

/** All responses that are currently held open: waiting polls, and streams. */
export class HeldResponses {
  /** By caller. */
  readonly #ends = new Map<string, Set<() => void>>()
  #count = 0
  #isClosing = false

  get count(): number {
    return this.#count
  }

  /** Whether this caller must not hold another response, because a limit is reached or the service stops. */
  isFull(caller: string): boolean {
    const ofCaller = this.#ends.get(caller)?.size ?? 0
    return this.#isClosing || this.#count >= MAX_HELD_RESPONSES || ofCaller >= MAX_HELD_PER_CALLER
  }

  /** Stores `end`, which is called when the service stops. Returns a function that removes it. */
  add(caller: string, end: () => void): () => void {
    const ofCaller = this.#ends.get(caller) ?? new Set()
    this.#ends.set(caller, ofCaller.add(end))
    this.#count++
    return () => {
      if (!ofCaller.delete(end)) return
      this.#count--
      if (ofCaller.size === 0 && this.#ends.get(caller) === ofCaller) this.#ends.delete(caller)
    }
  }

  endAll(): void {
    this.#isClosing = true
    for (const ofCaller of [...this.#ends.values()]) for (const end of [...ofCaller]) end()
  }
}

/** Ends every held response when the service begins to stop, so that the stop does not wait for it. */
export function addHeldResponses(app: FastifyInstance): void {
  const heldResponses = new HeldResponses()
  app.decorate('heldResponses', heldResponses)
  app.addHook('preClose', async () => heldResponses.endAll())
}
