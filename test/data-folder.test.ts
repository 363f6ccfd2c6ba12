import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readConfig } from '../src/config.ts'
import { DataFolderError, prepareDataFolder } from '../src/data-folder.ts'

const failing = (code: string) => async () => {
  throw Object.assign(new Error(`${code}: from the system`), { code })
}

t.test('makes the folder and leaves nothing in it', async (t) => {
  const dataDir = join(t.testdir(), 'new', 'data')
  await prepareDataFolder(readConfig({ DATA_DIR: dataDir }))
  t.strictSame(await readdir(dataDir), [])
  await prepareDataFolder(readConfig({ DATA_DIR: dataDir }))
})

t.test('says why a folder cannot be made or written', async (t) => {
  const file = join(t.testdir(), 'file')
  await writeFile(file, '')
  const config = (DATA_DIR: string) => readConfig({ DATA_DIR })
  await t.rejects(prepareDataFolder(config(file)), { message: /DATA_DIR .*file .*\(a file has this name\)/ })
  await t.rejects(prepareDataFolder(config(join(file, 'data'))), {
    message: /\(a part of the path is a file\)/,
  })
  const sentences: [string, RegExp][] = [
    ['EROFS', /^DATA_DIR \S+ cannot be written \(the file system is read-only\)\. Set DATA_DIR /],
    ['EACCES', /\(permission denied\)/],
    ['ENOENT', /\(a part of the path cannot be created\)/],
    ['EIO', /\(EIO\)/],
  ]
  for (const [code, message] of sentences) {
    const rejected = prepareDataFolder(config(t.testdir()), failing(code))
    await t.rejects(rejected, DataFolderError)
    await t.rejects(rejected, { message })
  }
})

t.test('ends where a folder cannot be made although its parent exists', async (t) => {
  for (const folder of ['/proc/data', '/proc/data/database'])
    await t.rejects(prepareDataFolder(readConfig({ DATA_DIR: folder })), DataFolderError)
})

t.test('starts with a full disk, which may have space again later', async (t) => {
  for (const code of ['ENOSPC', 'EDQUOT'])
    await prepareDataFolder(readConfig({ DATA_DIR: t.testdir() }), failing(code))
})

t.test('needs no folder with a database server and without a simulator of its own', async (t) => {
  const DATA_DIR = join(t.testdir(), 'data')
  const server = { DATA_DIR, DATABASE_URL: 'postgres://db/planner' }
  await prepareDataFolder(readConfig({ ...server, ARM_ENDPOINT: 'http://127.0.0.1:9' }))
  await t.rejects(stat(DATA_DIR))
  await prepareDataFolder(readConfig(server))
  t.ok((await stat(DATA_DIR)).isDirectory(), 'the state of the simulator is there')
})
