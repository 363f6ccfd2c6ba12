import type { FastifyInstance } from 'fastify'

const CLOSE_INTERVAL_MS = 100

/**
 * Closes connections while the service stops. Node closes those that are idle at that moment. A connection whose
 * request is still being answered would stay open after it, and delay the stop.
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

/** More than one process can serve well; who comes beyond is asked to poll. */
const MAX_HELD_RESPONSES = 10_000
/** No caller takes more than a quarter, so that others can still wait. */
const MAX_HELD_PER_CALLER = 2_500

/** Every answer that is held open at the moment: polls that wait, and streams. */
export class HeldResponses {
  /** By caller. */
  readonly #ends = new Map<string, Set<() => void>>()
  #count = 0
  #isClosing = false

  get count(): number {
    return this.#count
  }

  /** Whether this caller may hold no further one: there are enough, or the service stops. */
  isFull(caller: string): boolean {
    const ofCaller = this.#ends.get(caller)?.size ?? 0
    return this.#isClosing || this.#count >= MAX_HELD_RESPONSES || ofCaller >= MAX_HELD_PER_CALLER
  }

  /** Keeps `end` to be called when the service stops; gives the function that forgets it. */
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
