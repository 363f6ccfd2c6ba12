import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync } from 'node:fs'
import { access, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/database/engine/database.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { administer, findSharedServer } from './run/shared-server.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAM = join(ROOT, 'src/database/engine/create-embedded.ts')
const ENGINE = join(ROOT, 'node_modules/@electric-sql/pglite/package.json')

let template: Promise<string> | null = null

/**
 * Puts the files of an empty embedded database where there is none, as a first start would. They are made once by the
 * program of the service and copied: making them takes five seconds of processor, most of a short test.
 */
export async function putEmptyDatabase(folder: string): Promise<void> {
  if (await isThere(folder)) return
  template ??= findTemplate()
  await mkdir(dirname(folder), { recursive: true })
  // One call instead of a promise for each of a thousand files: half the time.
  cpSync(await template, folder, { recursive: true })
}

/** An empty embedded database of its own, closed and removed with the test. */
export async function openEmbeddedDatabase(t: Pick<Test, 'teardown'>): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-planner-database-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const dataDir = join(folder, 'database')
  await putEmptyDatabase(dataDir)
  const database = await openDatabase({ dataDir, databaseUrl: null })
  t.teardown(() => database.close())
  return database
}

/** Test files run side by side: each makes what is missing under a name of its own, and the first one's is taken. */
async function findTemplate(): Promise<string> {
  const made = createHash('sha256')
  for (const file of [PROGRAM, ENGINE]) made.update(await readFile(file))
  const cache = join(ROOT, 'node_modules/.cache/egress-planner')
  const folder = join(cache, `database-${made.digest('hex').slice(0, 16)}`)
  if (await isThere(folder)) return folder
  await mkdir(cache, { recursive: true })
  const unfinished = await mkdtemp(`${folder}-`)
  await promisify(execFile)(process.execPath, [PROGRAM, join(unfinished, 'database')])
  await rename(join(unfinished, 'database'), folder).catch(async (fault: unknown) => {
    if (!(await isThere(folder))) throw fault
  })
  await rm(unfinished, { recursive: true, force: true })
  return folder
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/**
 * The database as somebody sees it whom others come between: `others` is awaited before the next transaction begins,
 * once, and so after whatever was looked at for it.
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
  create(t: Pick<Test, 'teardown'>, template: 'template_empty' | 'template_migrated'): Promise<string>
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
  /** A fresh database, closed with the test. */
  open: (t: Pick<Test, 'teardown'>) => Promise<Database>
}

const EMBEDDED: Engine = { name: 'the embedded engine', open: openEmbeddedDatabase }

/** Every engine that is available here, each with empty databases: for suites about the database itself. */
export async function everyEngine(): Promise<Engine[]> {
  const server = await sharedServer()
  if (server === null) return [EMBEDDED]
  const open: Engine['open'] = async (t) => openUrl(t, await server.create(t, 'template_empty'))
  return [EMBEDDED, { name: 'a server', open }]
}

/** The one engine that `TEST_ENGINE` selects: for suites of everything above the database. */
export async function databaseEngines(): Promise<Engine[]> {
  const server = (await isServerTested()) ? await sharedServer() : null
  if (server === null) return [EMBEDDED]
  return [{ name: 'a server', open: async (t) => openUrl(t, await server.create(t, 'template_migrated')) }]
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
