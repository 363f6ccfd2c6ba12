import type { Database } from './database.ts'
import { type FeedLogger, listenOnServer } from './listen-on-server.ts'

/**
 * Tells when jobs change, whichever process changes them: the trigger of the jobs table sends a notice in the
 * transaction that appends to a job's log. Nobody who waits holds a connection; each process has one to listen.
 */
export interface ChangeFeed {
  /**
   * Calls back at every change of the job that commits after this call, and now and then without one: read to know.
   * Gives the function that ends it.
   */
  watch(jobId: string, onChange: () => void): () => void
  close(): Promise<void>
}

const CHANNEL = 'job_changes'

/** Begins to listen. On a server it goes on to try while there is no connection, and says so in the log. */
export async function openChangeFeed(database: Database, logger: FeedLogger): Promise<ChangeFeed> {
  const watchers = new Watchers()
  const { pglite, databaseUrl } = database
  const onNotice = (jobId: string) => watchers.tell(jobId)
  const stop =
    pglite === null
      ? await listenOnServer(databaseUrl ?? '', CHANNEL, logger, onNotice, () => watchers.tellAll())
      : await pglite.listen(CHANNEL, onNotice)
  return {
    watch: (jobId, onChange) => watchers.add(jobId.toLowerCase(), onChange),
    close: () => stop(),
  }
}

class Watchers {
  readonly #ofJob = new Map<string, Set<() => void>>()

  add(jobId: string, onChange: () => void): () => void {
    const watchers = this.#ofJob.get(jobId) ?? new Set()
    this.#ofJob.set(jobId, watchers)
    // A function of its own, so that the same callback can watch twice.
    const watcher = () => onChange()
    watchers.add(watcher)
    return () => {
      watchers.delete(watcher)
      if (watchers.size === 0 && this.#ofJob.get(jobId) === watchers) this.#ofJob.delete(jobId)
    }
  }

  tell(jobId: string): void {
    for (const watcher of [...(this.#ofJob.get(jobId) ?? [])]) watcher()
  }

  /** After a time without a connection: whatever was told meanwhile is lost. */
  tellAll(): void {
    for (const jobId of [...this.#ofJob.keys()]) this.tell(jobId)
  }
}
