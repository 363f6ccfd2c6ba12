import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { FolderInUseError, lockFolder } from '../../../src/database/engine/folder-lock.ts'

t.test('only one process can lock a folder, and the next process after the release', async (t) => {
  const folder = t.testdir()
  const first = await lockFolder(folder)
  await t.rejects(lockFolder(folder), FolderInUseError)
  await first.release()
  const second = await lockFolder(folder)
  await second.release()
})

t.test('a killed process holds no lock', async (t) => {
  const folder = t.testdir()
  const module = new URL('../../../src/database/engine/folder-lock.ts', import.meta.url).href
  const program = `const { lockFolder } = await import(${JSON.stringify(module)}); await lockFolder(${JSON.stringify(folder)}); process.stdout.write('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program])
  await once(child.stdout, 'data')
  await t.rejects(lockFolder(folder), FolderInUseError)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const taken = await lockFolder(folder)
  await taken.release()
})

t.test('a folder with a long path can be locked too', async (t) => {
  const folder = join(t.testdir(), 'x'.repeat(120))
  await mkdir(folder)
  const first = await lockFolder(folder)
  await t.rejects(lockFolder(folder), FolderInUseError)
  await first.release()
})
