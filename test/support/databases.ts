import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { access, chown, cp, glob, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/database/engine/database.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'

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
  await cp(await template, folder, { recursive: true })
}

/** An empty embedded database of its own, closed and removed with the test. */
export async function openEmptyDatabase(t: Pick<Test, 'teardown'>): Promise<Database> {
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

/** How a server is stopped: `fast` tells every connection and closes the files, `immediate` is as good as a crash. */
export type StopMode = 'fast' | 'immediate'

/** A private PostgreSQL server that can be stopped and started again on the same files, at the same address. */
export interface PostgresServer {
  url: string
  stop(mode: StopMode): Promise<void>
  /** Resolves when it accepts connections. */
  start(): Promise<void>
}

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/** A private server in a temporary folder, gone with the test; null where no server is installed. */
export async function startPostgres(t: Setting): Promise<string | null> {
  return (await startPostgresServer(t))?.url ?? null
}

/** As `startPostgres`, for tests that take the server away. */
export async function startPostgresServer(t: Setting): Promise<PostgresServer | null> {
  const bin = await newestBinaries()
  if (bin === null) {
    t.comment('No PostgreSQL server under /usr/lib/postgresql: what needs one is not run here.')
    return null
  }
  const folder = await mkdtemp(join(tmpdir(), 'egress-planner-postgres-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const user = await serverUser()
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid ?? user.uid)
  const data = join(folder, 'data')
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync'], user)
  const port = await freePort()
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'fsync=off',
  ]
  const command = ['-D', data, ...settings.flatMap((each) => ['-c', each])]
  let running: { signal(signal: NodeJS.Signals): void; ended: Promise<unknown> } | null = null
  const server: PostgresServer = {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async start() {
      const child = spawn(join(bin, 'postgres'), command, { ...user, stdio: ['ignore', 'ignore', 'pipe'] })
      const ended = once(child, 'exit')
      running = { signal: (signal) => child.kill(signal), ended }
      await listening(child.stderr, ended)
    },
    async stop(mode) {
      running?.signal(SIGNALS[mode])
      await running?.ended
      running = null
    },
  }
  t.teardown(() => server.stop('fast'))
  await server.start()
  return server
}

/** A fresh database for each engine that can be had here, closed with the test. */
export async function databaseEngines(
  t: Test,
): Promise<{ name: string; open: (t: Test) => Promise<Database> }[]> {
  const databaseUrl = await startPostgres(t)
  let count = 0
  const onServer = async (t: Test) => {
    const url = new URL(databaseUrl ?? '')
    const admin = await openDatabase({ dataDir: null, databaseUrl })
    const name = `test${++count}`
    await sql.raw(`create database ${name}`).execute(admin.kysely)
    await admin.close()
    url.pathname = `/${name}`
    const database = await openDatabase({ dataDir: null, databaseUrl: url.href })
    t.teardown(() => database.close())
    return database
  }
  const embedded = { name: 'the embedded engine', open: openEmptyDatabase }
  return databaseUrl === null ? [embedded] : [embedded, { name: 'a server', open: onServer }]
}

/** As `open`, with the tables. */
export async function openMigrated(database: Promise<Database>): Promise<Database> {
  const opened = await database
  await migrate(opened)
  return opened
}

async function newestBinaries(): Promise<string | null> {
  const found: string[] = []
  for await (const path of glob('/usr/lib/postgresql/*/bin/initdb')) found.push(dirname(path))
  return found.sort().at(-1) ?? null
}

/** The server refuses to run as root; Debian's package makes a user for it. */
async function serverUser(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {}
  return {
    uid: Number(await run('id', ['-u', 'postgres'], {})),
    gid: Number(await run('id', ['-g', 'postgres'], {})),
  }
}

async function run(program: string, given: string[], user: { uid?: number; gid?: number }): Promise<string> {
  const child = spawn(program, given, { ...user, stdio: ['ignore', 'pipe', 'pipe'] })
  const words: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => words.push(text))
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${words.join('')}`)
  return words.join('')
}

function listening(log: NodeJS.ReadableStream, ended: Promise<unknown>): Promise<void> {
  const lines: string[] = []
  return new Promise((resolve, reject) => {
    createInterface({ input: log }).on('line', (line) => {
      lines.push(line)
      if (line.includes('ready to accept connections')) resolve()
    })
    ended.then(() => reject(new Error(`the server ended:\n${lines.join('\n')}`)), reject)
  })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
