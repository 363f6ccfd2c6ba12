import type { FastifyInstance } from 'fastify'

const CLOSE_INTERVAL_MS = 100

/**
 * Lets go of connections while the service stops. Node closes those that are idle at that moment; one whose request
 * was still being answered stays open after it for as long as it might be used again, and would hold up the stop.
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

/** Every answer that is held open at the moment: polls that wait, and streams. */
class HeldResponses {
  readonly #ends = new Set<() => void>()
  #isClosing = false

  /** Whether no further one is taken, because there are enough or the service stops. */
  get isFull(): boolean {
    return this.#isClosing || this.#ends.size >= MAX_HELD_RESPONSES
  }

  get count(): number {
    return this.#ends.size
  }

  /** Keeps `end` to be called when the service stops; gives the function that forgets it. */
  add(end: () => void): () => void {
    this.#ends.add(end)
    return () => this.#ends.delete(end)
  }

  endAll(): void {
    this.#isClosing = true
    for (const end of [...this.#ends]) end()
  }
}

/** Ends whatever is held open when the service begins to stop, so that it does not wait for it. */
export function addHeldResponses(app: FastifyInstance): void {
  const heldResponses = new HeldResponses()
  app.decorate('heldResponses', heldResponses)
  app.addHook('preClose', async () => heldResponses.endAll())
}
