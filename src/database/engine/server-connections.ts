import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { Client, type ClientConfig, Pool, type PoolClient } from 'pg'

/** Returns the password of a new connection, such as an access token, which expires. */
export type PasswordSource = () => Promise<string>

/** How every connection to a server is opened: by pools, the queue, and the listener for notices. */
export type ServerOptions = Pick<
  ClientConfig,
  'connectionString' | 'host' | 'port' | 'user' | 'database' | 'ssl' | 'password'
>

/**
 * Without `password`, the URL decides everything. The driver ignores a password beside a URL, so with `password` the URL
 * is split. Every new connection then requests its password; connections that are open keep working when it expires.
 */
export function serverOptions(databaseUrl: string, password: PasswordSource | null): ServerOptions {
  if (password === null) return { connectionString: databaseUrl }
  const { hostname, port, username, pathname, searchParams } = new URL(databaseUrl)
  return {
    host: hostname,
    port: port === '' ? 5432 : Number(port),
    user: decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    ssl: searchParams.get('sslmode') === 'verify-full',
    password,
  }
}

/**
 * The database does not respond, or its connection was lost. The statement may have been executed: a commit whose response
 * was lost may or may not have succeeded.
 */
export class DatabaseUnavailableError extends Error {
  constructor(cause: unknown) {
    super('the database does not respond', { cause })
    this.name = 'DatabaseUnavailableError'
  }
}

/**
 * The codes of a server that is stopping, has stopped, is starting, takes no more connections, or has become a
 * standby. They are the SQLSTATE classes 08 and 57P, 53300 and 25006 (PostgreSQL, appendix A).
 */
const SERVER_SQLSTATES = /^(08...|57P0[1-5]|53300|25006)$/

/** Whether a query failed because of the server or the way to it, and not because of what it asked for. */
function isServerError(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TypeError || error instanceof RangeError) return false
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  // Only what the server itself has said has a severity; everything else happened on the way.
  return severity === undefined || (typeof code === 'string' && SERVER_SQLSTATES.test(code))
}

/** The part of an event emitter that is looked at here. */
interface Emitter {
  emit(event: string | symbol, ...args: unknown[]): boolean
  listenerCount(event: string | symbol): number
}

let isGuarded = false

/**
 * After this call, an error of a server connection never ends the process. This holds for the pools, the queue and
 * the listener for notices. A connection reports its end by an event, and an unhandled event `error` ends the
 * process. Moments without a listener cannot be excluded from outside. A pool removes its listener from a connection
 * that it lends. The promise of that connection resolves only after all events of the same packet, including the
 * server's last message. The queue removes all listeners from a connection before it has ended. Nothing is lost with
 * the event: every later use of such a connection is rejected. Any other unhandled exception ends the process as
 * before.
 */
export function guardConnections(): void {
  if (isGuarded) return
  isGuarded = true
  const connections = Client.prototype as unknown as Emitter
  const { emit } = connections
  connections.emit = function (this: Emitter, event, ...args) {
    if (event === 'error' && this.listenerCount('error') === 0) return false
    return emit.call(this, event, ...args)
  }
}

/** Limits concurrent use; further callers wait in order without a time limit. */
class Semaphore {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  /** Resolves with the function that gives the slot back; calling it twice gives it back once. */
  async acquire(): Promise<() => void> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}

/** A server that does not accept a connection within this time is down. */
const CONNECT_TIMEOUT_MS = 5_000

/**
 * A pool of connections to a server, for Kysely. Everything that goes wrong with the server or the way to it rejects
 * with `DatabaseUnavailableError`, and the connection that it happened on is thrown away. `answerMs` bounds a single statement.
 */
export function createServerPool(
  options: ServerOptions,
  size: number,
  answerMs: number | undefined,
): PostgresPool {
  const pool = new Pool({
    ...options,
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    ...(answerMs === undefined ? {} : { query_timeout: answerMs }),
  })
  // An idle connection that the server ends is replaced at the next query; without a listener it would end us.
  pool.on('error', () => {})
  // The pool's own row has the time limit of a connection: who waits in it behind others would take that for an outage.
  const slots = new Semaphore(size)
  return {
    options: {},
    async connect() {
      const releaseSlot = await slots.acquire()
      try {
        return guardClient(await pool.connect(), releaseSlot)
      } catch (error) {
        releaseSlot()
        throw new DatabaseUnavailableError(error)
      }
    },
    end: () => pool.end(),
  }
}

/**
 * The pool does not listen to a connection that it has lent. If the server ends it between two statements of a
 * transaction, this listener notices, and the pool does not get it back. After `release` the pool listens again.
 */
function guardClient(client: PoolClient, releaseSlot: () => void): PostgresPoolClient {
  let isLost = false
  const lose = () => {
    isLost = true
  }
  client.on('error', lose)
  async function query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    try {
      const result = await client.query(text, [...parameters])
      return result as unknown as PostgresQueryResult<R>
    } catch (error) {
      if (!isServerError(error)) throw error
      lose()
      throw new DatabaseUnavailableError(error)
    }
  }
  return {
    query: query as PostgresPoolClient['query'],
    release(destroy = false) {
      client.off('error', lose)
      client.release(destroy || isLost)
      releaseSlot()
    },
  }
}
