import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    waits: OpenWaits
  }
}

/** More than one process can serve well; who comes beyond is asked to poll. */
const MOST_WAITS = 10_000

/** Every answer that is held open at the moment: polls that wait, and streams. */
export class OpenWaits {
  readonly #ends = new Set<() => void>()
  #isClosing = false

  /** Whether no further one is taken, because there are enough or the service stops. */
  get isFull(): boolean {
    return this.#isClosing || this.#ends.size >= MOST_WAITS
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
export function addOpenWaits(app: FastifyInstance): void {
  const waits = new OpenWaits()
  app.decorate('waits', waits)
  app.addHook('preClose', async () => waits.endAll())
}
