import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startArguments } from '../../test/support/processes.ts'
import { type Figure, type Memory, median, memoryOf } from './measure.ts'

const ROUNDS = 3
/** Time in which garbage of the start is collected and the queue has come to rest. */
const SETTLE_MS = 10_000
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Start extends Memory {
  seconds: number
}

/** The command of `npm start` on an empty folder and again on the same one: seconds until it listens, memory at rest. */
export async function startUp(): Promise<Figure[]> {
  const firsts: Start[] = []
  const laters: Start[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const folder = await mkdtemp(join(tmpdir(), 'egress-start-'))
    // Memory settles once: waiting for it in every round would take longer than it tells.
    const settleMs = round === 0 ? SETTLE_MS : 0
    try {
      firsts.push(await startOnce(folder, settleMs))
      laters.push(await startOnce(folder, settleMs))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return [...figures('the first start', firsts, 8), ...figures('a later start', laters, 2.5)]
}

function figures(name: string, starts: Start[], atMost: number): Figure[] {
  const settled = starts[0]
  const seconds = starts.map((start) => start.seconds)
  const note = `slowest of ${ROUNDS}: ${Math.max(...seconds).toFixed(2)} s`
  return [
    { name: `${name} until it listens`, value: median(seconds), unit: 's', atMost, note },
    {
      name: `resident memory ${SETTLE_MS / 1_000} s after ${name}`,
      value: settled?.residentMb ?? Number.NaN,
      unit: 'MB',
      atMost: 350,
    },
    { name: `peak of resident memory in ${name}`, value: settled?.peakMb ?? Number.NaN, unit: 'MB' },
  ]
}

/** Nothing of the caller's settings gets in, a DATABASE_URL least of all. */
async function startOnce(folder: string, settleMs: number): Promise<Start> {
  const begin = performance.now()
  const child = spawn(process.execPath, startArguments(), {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: folder, PORT: '0', SIMULATOR_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  try {
    await listening(createInterface({ input: child.stdout }))
    const seconds = (performance.now() - begin) / 1_000
    child.stdout.resume()
    await pause(settleMs)
    return { seconds, ...(await memoryOf(child.pid ?? 0)) }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

async function listening(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) if (line.includes('"url"')) return
  throw new Error('the service ended before it listened')
}
