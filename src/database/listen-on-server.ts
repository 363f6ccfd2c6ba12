import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'

/** The part of pino that listening uses. */
export interface FeedLogger {
  warn(facts: object, message: string): void
}

/** A server that does not accept a connection, or answer on it, within this time is not there. */
const ANSWER_LIMIT_MS = 5_000
/** A connection that nobody uses can be dead for hours without a word, so it is used now and then. */
const PROBE_MS = 10_000
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5_000

/**
 * Listens on a connection of its own, and on a new one when it is lost, until stopped. `onConnected` is called each time
 * a new connection listens: what was told before is lost. Resolves after the first try, whatever came of it.
 */
export async function listenOnServer(
  databaseUrl: string,
  channel: string,
  logger: FeedLogger,
  onNotice: (payload: string) => void,
  onConnected: () => void,
): Promise<() => Promise<void>> {
  const stopping = new AbortController()
  const { signal } = stopping
  const firstTry = Promise.withResolvers<void>()

  const listen = async (): Promise<void> => {
    const client = new Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: ANSWER_LIMIT_MS,
      query_timeout: ANSWER_LIMIT_MS,
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
      // Not waited for: a connection that is dead never ends.
      client.end().catch(() => {})
    }
  }

  const run = async (): Promise<void> => {
    let wait = FIRST_RETRY_MS
    while (!signal.aborted) {
      const begun = performance.now()
      await listen().catch((error: unknown) => {
        if (!signal.aborted) logger.warn({ err: error }, 'changes of jobs by other processes are not heard')
      })
      firstTry.resolve()
      // One that held for a while was sound: it is had again at once.
      if (performance.now() - begun > PROBE_MS) wait = FIRST_RETRY_MS
      await delay(wait, undefined, { signal }).catch(() => {})
      wait = Math.min(wait * 2, LONGEST_RETRY_MS)
    }
  }

  const ended = run()
  await firstTry.promise
  return async () => {
    stopping.abort()
    await ended
  }
}

/** Uses the connection now and then; rejects when it is lost, or does not answer. */
async function probe(client: Client, lost: AbortSignal): Promise<never> {
  for (;;) {
    await delay(PROBE_MS, undefined, { signal: lost }).catch(() => {})
    if (lost.aborted) throw lost.reason
    await client.query('select 1')
  }
}
