import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { type Database, openDatabase } from '../../src/database/database.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAM = join(ROOT, 'src/database/create-embedded.ts')
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
