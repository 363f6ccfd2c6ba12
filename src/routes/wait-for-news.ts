import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ChangeFeed } from '../database/change-feed.ts'
import type { JobVersion } from '../jobs/jobs.ts'

/**
 * Holds a poll until there is news of the job, for so many seconds at most. It comes back earlier when the caller
 * goes away or the service stops. Nothing is asked of the database but once at the start and after each change.
 */
export async function waitForNews(
  request: FastifyRequest,
  reply: FastifyReply,
  given: {
    jobId: string
    seconds: number
    changes: ChangeFeed
    look: () => Promise<JobVersion>
    isNews: (now: JobVersion, first: JobVersion) => boolean
  },
): Promise<void> {
  const { waits } = request.server
  if (waits.isFull) return
  const waiting = new Waiting()
  const end = () => waiting.end()
  // Watched before the first look: a change in between is seen by one of the two.
  const unwatch = given.changes.watch(given.jobId, () => waiting.change())
  const forget = waits.add(end)
  const timer = setTimeout(end, given.seconds * 1_000)
  reply.raw.once('close', end)
  try {
    const first = await given.look()
    let now = first
    while (!given.isNews(now, first) && (await waiting.next())) now = await given.look()
  } finally {
    unwatch()
    forget()
    clearTimeout(timer)
    reply.raw.off('close', end)
  }
}

/** Changes that have not been looked at, and the end of it all. */
class Waiting {
  #hasChanged = false
  #hasEnded = false
  #wake = () => {}

  change(): void {
    this.#hasChanged = true
    this.#wake()
  }

  end(): void {
    this.#hasEnded = true
    this.#wake()
  }

  /** Resolves with true at a change since the last call, with false at the end. */
  async next(): Promise<boolean> {
    if (!this.#hasChanged && !this.#hasEnded)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    this.#hasChanged = false
    return !this.#hasEnded
  }
}
