import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, globSync } from 'node:fs'
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import type { Logger } from '../../src/core/lib/logger.ts'
import { type Database, type DatabaseOptions, openDatabase } from '../../src/database/engine/database.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { startQueue } from '../../src/jobs/queue/queue.ts'
import { administer, findSharedServer } from './run/shared-server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAM = join(ROOT, 'src/database/engine/create-embedded.ts')
/** What the files of a new database depend on. */
const ENGINE = ['src/database/engine/create-embedded.ts', 'node_modules/@electric-sql/pglite/package.json']
/** And what those of one with tables and queues do. */
const TABLES = ['src/database/migrations/*.ts', 'src/jobs/queue/*.ts', 'node_modules/pg-boss/package.json']

/** What a new database holds: nothing, or the tables and queues that the first start of the service makes. */
export type Template = 'template_empty' | 'template_migrated'

const templates: { [each in Template]?: Promise<string> } = {}

/**
 * Puts the files of an embedded database where there is none. They are made once, as the service does, and copied: a
 * first start takes six seconds of processor, most of a short test.
 */
export async function putDatabase(folder: string, template: Template = 'template_migrated'): Promise<void> {
  if (await isThere(folder)) return
  templates[template] ??= findTemplate(template)
  const files = templates[template]
  await mkdir(dirname(folder), { recursive: true })
  // One call instead of a promise for each of a thousand files: half the time.
  cpSync(await files, folder, { recursive: true })
}

/** An embedded database of its own, closed and removed with the test. */
async function openEmbedded(t: Pick<Test, 'teardown'>, template: Template): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-planner-database-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const dataDir = join(folder, 'database')
  await putDatabase(dataDir, template)
  const database = await openDatabase({ dataDir, databaseUrl: null })
  t.teardown(() => database.close())
  return database
}

/** Test files run side by side: each makes what is missing under a name of its own, and the first one's is taken. */
async function findTemplate(template: Template): Promise<string> {
  const made = createHash('sha256')
  const sources = template === 'template_empty' ? ENGINE : [...ENGINE, ...TABLES]
  for (const file of globSync(sources, { cwd: ROOT }).toSorted())
    made.update(await readFile(join(ROOT, file)))
  const cache = join(ROOT, 'node_modules/.cache/egress-planner')
  const folder = join(cache, `database-${made.digest('hex').slice(0, 16)}`)
  if (await isThere(folder)) return folder
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(`${folder}-`)
  const dataDir = join(unfinished, 'database')
  if (template === 'template_empty') await promisify(execFile)(process.execPath, [PROGRAM, dataDir])
  else {
    await putDatabase(dataDir, 'template_empty')
    await prepareDatabase({ dataDir, databaseUrl: null })
  }
  await rename(dataDir, folder).catch(async (fault: unknown) => {
    if (!(await isThere(folder))) throw fault
  })
  await rm(unfinished, { recursive: true, force: true })
  return folder
}

/** Makes the tables and queues of an empty database. */
export async function prepareDatabase(options: DatabaseOptions): Promise<void> {
  const database = await openDatabase(options)
  await migrate(database)
  const silent = { error: () => undefined, warn: () => undefined } as unknown as Logger
  await (await startQueue(database, silent)).stop()
  await database.close()
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/**
 * The database for a client whose transactions are interrupted by others: `others` is awaited once before the next
 * transaction begins, and so after all reads for it.
 */
export function withInterleavedWork(database: Database, others: () => Promise<unknown>): Database {
  let isDue = true
  const kysely = new Proxy(database.kysely, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (name !== 'transaction') return typeof value === 'function' ? value.bind(target) : value
      return () => ({
        async execute(act: never) {
          if (isDue) {
            isDue = false
            await others()
          }
          return target.transaction().execute(act)
        },
      })
    },
  })
  return { ...database, kysely }
}

type Setting = Pick<Test, 'comment' | 'teardown'>

/** Creates and drops databases on the PostgreSQL server that the whole test run shares. */
export interface SharedServer {
  /** Where the services of the run are leased. */
  poolPort: number
  /** A new database, a copy of `template`; dropped with the test. Returns its URL. */
  create(t: Pick<Test, 'teardown'>, template: Template): Promise<string>
}

let shared: Promise<SharedServer | null> | null = null

/** The shared server of this run; null where no server is installed. A test file run alone starts a server of its own. */
export function sharedServer(): Promise<SharedServer | null> {
  shared ??= connectShared()
  return shared
}

async function connectShared(): Promise<SharedServer | null> {
  const run = await findSharedServer()
  if (run === null) return null
  const { url, poolPort } = run
  let count = 0
  return {
    poolPort,
    async create(t, template) {
      const name = `test_${process.pid}_${++count}`
      await administer(url, `create database ${name} template ${template}`)
      t.teardown(() => administer(url, `drop database if exists ${name} with (force)`))
      return Object.assign(new URL(url), { pathname: `/${name}` }).href
    },
  }
}

/** An empty database on the shared server, dropped with the test; null where no server is installed. */
export async function startPostgres(t: Setting): Promise<string | null> {
  const server = await sharedServer()
  if (server === null)
    t.comment('No PostgreSQL server under /usr/lib/postgresql: what needs one is not run here.')
  return server === null ? null : server.create(t, 'template_empty')
}

/**
 * The engine of suites that are not about the database: `TEST_ENGINE` says `server` or `embedded`. The default is a
 * server where one is installed, because it costs a quarter of the embedded engine's processor time.
 */
export async function isServerTested(): Promise<boolean> {
  return process.env.TEST_ENGINE !== 'embedded' && (await sharedServer()) !== null
}

export interface Engine {
  name: string
  /** A database of the test's own, with tables and queues unless an empty one is asked for; closed with the test. */
  open: (t: Pick<Test, 'teardown'>, template?: Template) => Promise<Database>
}

const EMBEDDED: Engine = {
  name: 'the embedded engine',
  open: (t, template = 'template_migrated') => openEmbedded(t, template),
}

function serverEngine(server: SharedServer): Engine {
  return {
    name: 'a server',
    open: async (t, template = 'template_migrated') => openUrl(t, await server.create(t, template)),
  }
}

/** Every engine that is available here: for suites about the database itself. */
export async function everyEngine(): Promise<Engine[]> {
  const server = await sharedServer()
  return server === null ? [EMBEDDED] : [EMBEDDED, serverEngine(server)]
}

/** The one engine that `TEST_ENGINE` selects: for suites of everything above the database. */
export async function databaseEngines(): Promise<Engine[]> {
  const server = (await isServerTested()) ? await sharedServer() : null
  return [server === null ? EMBEDDED : serverEngine(server)]
}

/** A database on the engine that `TEST_ENGINE` selects; closed with the test. */
export async function openEmptyDatabase(t: Pick<Test, 'teardown'>): Promise<Database> {
  const [engine = EMBEDDED] = await databaseEngines()
  return engine.open(t)
}

async function openUrl(t: Pick<Test, 'teardown'>, databaseUrl: string): Promise<Database> {
  const database = await openDatabase({ dataDir: null, databaseUrl })
  t.teardown(() => database.close())
  return database
}

/** As `open`, with the tables. */
export async function openMigrated(database: Promise<Database>): Promise<Database> {
  const opened = await database
  await migrate(opened)
  return opened
}
