import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { Pool, type PoolClient } from 'pg'
import { DatabaseAway, isOfTheServer } from './database-away.ts'
import { Slots } from './slots.ts'

/** A server that does not accept a connection within this time is down. */
const CONNECT_TIMEOUT_MS = 5_000

/**
 * A pool of connections to a server, for Kysely. Everything that goes wrong with the server or the way to it rejects
 * with `DatabaseAway`, and the connection that it happened on is thrown away. `answerMs` bounds a single statement.
 */
export function serverPool(databaseUrl: string, size: number, answerMs: number | undefined): PostgresPool {
  const pool = new Pool({
    connectionString: databaseUrl,
    max: size,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    ...(answerMs === undefined ? {} : { query_timeout: answerMs }),
  })
  // An idle connection that the server ends is replaced at the next query; without a listener it would end us.
  pool.on('error', () => {})
  // The pool's own row has the time limit of a connection: who waits in it behind others would take that for an outage.
  const slots = new Slots(size)
  return {
    options: {},
    async connect() {
      const giveBack = await slots.take()
      try {
        return guarded(await pool.connect(), giveBack)
      } catch (error) {
        giveBack()
        throw new DatabaseAway(error)
      }
    },
    end: () => pool.end(),
  }
}

/**
 * A connection that is lent is not the pool's to listen to: when the server ends it between two statements of a
 * transaction, this hears of it, and the pool does not get it back. From `release` on the pool listens again.
 */
function guarded(client: PoolClient, giveBack: () => void): PostgresPoolClient {
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
      if (!isOfTheServer(error)) throw error
      lose()
      throw new DatabaseAway(error)
    }
  }
  return {
    query: query as PostgresPoolClient['query'],
    release(destroy = false) {
      client.off('error', lose)
      client.release(destroy || isLost)
      giveBack()
    },
  }
}
