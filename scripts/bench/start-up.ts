import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { Figure } from './report.ts'

/** Time in which garbage of the start is collected and the queue has come to rest. */
const SETTLE_MS = 10_000

/** The command of `npm start` on an empty folder and again on the same one: seconds until it listens, memory at rest. */
export async function startUp(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-start-'))
  const first = await startOnce(folder)
  const later = await startOnce(folder)
  await rm(folder, { recursive: true, force: true })
  return [
    { name: 'first start until it listens', value: first.seconds, unit: 's', atMost: 8 },
    { name: 'later start until it listens', value: later.seconds, unit: 's', atMost: 2.5 },
    {
      name: 'resident memory, settled after the first start',
      value: first.residentMb,
      unit: 'MB',
      atMost: 350,
    },
    {
      name: 'resident memory, settled after a later start',
      value: later.residentMb,
      unit: 'MB',
      atMost: 350,
    },
    { name: 'peak of resident memory during a later start', value: later.peakMb, unit: 'MB' },
  ]
}

async function startOnce(folder: string): Promise<{ seconds: number; residentMb: number; peakMb: number }> {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
  const [, ...flags] = String(manifest.scripts.start).split(' ')
  const begin = performance.now()
  const env = { ...process.env, DATA_DIR: folder, PORT: '0' }
  const child = spawn(process.execPath, flags, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  for await (const line of createInterface({ input: child.stdout })) if (line.includes('"url"')) break
  const seconds = (performance.now() - begin) / 1_000
  child.stdout.resume()
  await pause(SETTLE_MS)
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  child.kill('SIGTERM')
  await ended
  return { seconds, residentMb: megabytes(status, 'VmRSS'), peakMb: megabytes(status, 'VmHWM') }
}

/** Linux's own account of a process, in the file that every process has. */
export function megabytes(status: string, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024
}
