import { execFile } from 'node:child_process'
import { access, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely'
import { withTimeout } from '../../lib/promises.ts'
import {
  createServerPool,
  DatabaseUnavailableError,
  guardConnections,
  type PasswordSource,
  type ServerOptions,
  serverOptions,
} from './server-connections.ts'
import type { Tables } from './tables.ts'

export interface DatabaseOptions {
  /** Folder of the embedded database; null keeps it in memory, for tests. */
  dataDir: string | null
  /** `postgres://…`; when set, the embedded database is not used. */
  databaseUrl: string | null
  /** Replaces the password of `databaseUrl`. */
  password?: PasswordSource | null
}

/** The database with either engine. PostgreSQL is the dialect of both. */
export interface Database {
  engine: 'embedded' | 'server'
  kysely: Kysely<Tables>
  /** The embedded engine itself, for the queue; null on a server. */
  pglite: PGlite | null
  /** How to connect to the server; null for the embedded engine. */
  server: ServerOptions | null
  databaseUrl: string | null
  /** Rejects when the database does not respond. */
  ping(): Promise<void>
  /** Runs statements that may take long, without the usual time limit. */
  withoutStatementTimeout<T>(act: (db: Queries) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** A handle for queries: the database itself or a transaction. */
export type Queries = Kysely<Tables>

/** Connections of one process to a server; the queue has a separate pool. */
const MAX_CONNECTIONS = 10
/**
 * The limit of a statement: each one reads by key or reads a page of a list. Without the limit, callers would wait 15 min
 * for a server that has vanished from the network.
 */
const STATEMENT_TIMEOUT_MS = 20_000
/** Health checks need a quick result. */
const PING_TIMEOUT_MS = 3_000
/**
 * The embedded engine reserves memory when it starts. 128 MB and small shared buffers keep the whole
 * process below 350 MB; by default the engine alone takes 330 MB.
 */
const EMBEDDED_MEMORY_BYTES = 134_217_728

/** Opens the database without touching its schema. The embedded engine is one connection: one process only. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.databaseUrl === null
    ? openEmbedded(options.dataDir)
    : openServer(options.databaseUrl, options.password ?? null)
}

async function openEmbedded(dataDir: string | null): Promise<Database> {
  if (dataDir !== null) await createIfMissing(dataDir)
  const { PGlite } = await import('@electric-sql/pglite')
  const pglite = await PGlite.create({
    ...(dataDir === null ? {} : { dataDir }),
    initialMemory: EMBEDDED_MEMORY_BYTES,
    postgresqlconf: ['shared_buffers=8MB'],
  })
  const kysely = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) })
  return {
    engine: 'embedded',
    kysely,
    pglite,
    server: null,
    databaseUrl: null,
    ping: () => ping(kysely),
    withoutStatementTimeout: (act) => act(kysely),
    // Kysely's destroy closes the engine as well.
    close: () => kysely.destroy(),
  }
}

/**
 * The first start creates the database in a temporary folder and moves it into place when it is complete, so that a crash
 * leaves no partial database. PostgreSQL rejects a folder without `PG_VERSION`.
 */
async function createIfMissing(dataDir: string): Promise<void> {
  const isThere = await access(join(dataDir, 'PG_VERSION')).then(
    () => true,
    () => false,
  )
  if (isThere) return
  const program = fileURLToPath(new URL('./create-embedded.ts', import.meta.url))
  const unfinished = `${dataDir}.new`
  await rm(unfinished, { recursive: true, force: true })
  await promisify(execFile)(process.execPath, [...process.execArgv.filter(isV8Flag), program, unfinished])
  await rename(unfinished, dataDir)
}

/** Other flags, such as those of loaders and debuggers, are not passed to the child process. */
function isV8Flag(flag: string): boolean {
  return flag === '--liftoff-only' || flag.startsWith('--max-semi-space-size')
}

function openServer(databaseUrl: string, password: PasswordSource | null): Database {
  guardConnections()
  const server = serverOptions(databaseUrl, password)
  const kysely = createServerKysely(server, MAX_CONNECTIONS, STATEMENT_TIMEOUT_MS)
  return {
    engine: 'server',
    kysely,
    pglite: null,
    server,
    databaseUrl,
    ping: () => ping(kysely),
    async withoutStatementTimeout(act) {
      const unlimited = createServerKysely(server, 1)
      try {
        return await act(unlimited)
      } finally {
        await unlimited.destroy()
      }
    },
    close: () => kysely.destroy(),
  }
}

function createServerKysely(server: ServerOptions, size: number, answerMs?: number): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: createServerPool(server, size, answerMs) }),
  })
}

async function ping(kysely: Kysely<Tables>): Promise<void> {
  await withTimeout(
    sql`select 1`.execute(kysely),
    PING_TIMEOUT_MS,
    () => new DatabaseUnavailableError(new Error(`no response within ${PING_TIMEOUT_MS} ms`)),
  )
}
