import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import type { Logger } from '../../core/lib/logger.ts'
import type { Database } from './database.ts'
import type { ServerOptions } from './server-connections.ts'

/** A server that does not accept a connection, or respond on it, within this time is unavailable. */
const RESPONSE_TIMEOUT_MS = 5_000
/** An idle connection can be lost for hours without notice, so it is checked regularly. */
const PROBE_MS = 10_000
const MIN_RETRY_MS = 100
const MAX_RETRY_MS = 5_000

/**
 * Listens on a separate connection until stopped, and reconnects when it is lost. `onConnected` is called for each new
 * connection: earlier notices are lost. Resolves after the first attempt, successful or not.
 */
async function listenOnServer(
  server: ServerOptions,
  channel: string,
  logger: Pick<Logger, 'warn'>,
  onNotice: (payload: string) => void,
  onConnected: () => void,
): Promise<() => Promise<void>> {
  const stopping = new AbortController()
  const { signal } = stopping
  const firstTry = Promise.withResolvers<void>()

  const listen = async (): Promise<void> => {
    const client = new Client({
      ...server,
      connectionTimeoutMillis: RESPONSE_TIMEOUT_MS,
      query_timeout: RESPONSE_TIMEOUT_MS,
      keepAlive: true,
    })
    const lost = new AbortController()
    client.on('error', (error) => lost.abort(error))
    client.on('end', () => lost.abort(new Error('the server ended the connection')))
    client.on('notification', ({ payload = '' }) => onNotice(payload))
    const stop = () => lost.abort()
    signal.addEventListener('abort', stop, { once: true })
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      onConnected()
      firstTry.resolve()
      await probe(client, lost.signal)
    } finally {
      signal.removeEventListener('abort', stop)
      // Not awaited: closing a dead connection never ends.
      client.end().catch(() => {})
    }
  }

  const run = async (): Promise<void> => {
    let wait = MIN_RETRY_MS
    while (!signal.aborted) {
      const begun = performance.now()
      await listen().catch((error: unknown) => {
        if (!signal.aborted)
          logger.warn({ err: error }, 'database connection for job changes failed; reconnecting')
      })
      firstTry.resolve()
      // A connection that lasted for a while is replaced immediately.
      if (performance.now() - begun > PROBE_MS) wait = MIN_RETRY_MS
      await delay(wait, undefined, { signal }).catch(() => {})
      wait = Math.min(wait * 2, MAX_RETRY_MS)
    }
  }

  const ended = run()
  await firstTry.promise
  return async () => {
    stopping.abort()
    await ended
  }
}

/** Checks the connection regularly; rejects when it is lost or does not respond. */
async function probe(client: Client, lost: AbortSignal): Promise<never> {
  for (;;) {
    await delay(PROBE_MS, undefined, { signal: lost }).catch(() => {})
    if (lost.aborted) throw lost.reason
    await client.query('select 1')
  }
}

/**
 * Reports changes of jobs and plans by any process. Triggers send a notice in the transaction that appends to a job's log,
 * closes a plan, or records an approval. Waiting requests hold no connection; each process has one connection for listening.
 */
export interface ChangeFeed {
  /**
   * Calls back at every change of the job or plan that commits after this call, and sometimes without a change. Re-read it
   * then. A plan expires without a notice. Returns the function that ends the callbacks.
   */
  watch(id: string, onChange: () => void): () => void
  close(): Promise<void>
}

const CHANNEL = 'job_changes'

/** Starts to listen. On a server, a lost connection is logged and retried. */
export async function openChangeFeed(database: Database, logger: Pick<Logger, 'warn'>): Promise<ChangeFeed> {
  const watchers = new Watchers()
  const { pglite, server } = database
  const onNotice = (id: string) => watchers.tell(id)
  const stop =
    pglite === null
      ? await listenOnServer(server ?? {}, CHANNEL, logger, onNotice, () => watchers.tellAll())
      : await pglite.listen(CHANNEL, onNotice)
  return {
    watch: (id, onChange) => watchers.add(id.toLowerCase(), onChange),
    close: () => stop(),
  }
}

class Watchers {
  readonly #ofId = new Map<string, Set<() => void>>()

  add(id: string, onChange: () => void): () => void {
    const watchers = this.#ofId.get(id) ?? new Set()
    this.#ofId.set(id, watchers)
    // A separate function, so that the same callback can watch twice.
    const watcher = () => onChange()
    watchers.add(watcher)
    return () => {
      watchers.delete(watcher)
      if (watchers.size === 0 && this.#ofId.get(id) === watchers) this.#ofId.delete(id)
    }
  }

  tell(id: string): void {
    for (const watcher of [...(this.#ofId.get(id) ?? [])]) watcher()
  }

  /** After a time without a connection: the notices of that time are lost. */
  tellAll(): void {
    for (const id of [...this.#ofId.keys()]) this.tell(id)
  }
}
