import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import manifest from '../../package.json' with { type: 'json' }

/** What stands before the program in the command of `npm start`: flags of node. */
function startFlags(): string[] {
  return startArguments().slice(0, -1)
}

/** The command of `npm start` without `node` itself, read where npm reads it, so that the two cannot drift. */
export function startArguments(): string[] {
  const [node, ...rest] = manifest.scripts.start.split(' ')
  if (node !== 'node' || rest.at(-1) !== 'src/main.ts')
    throw new Error(`npm start is not node with flags and src/main.ts: ${manifest.scripts.start}`)
  return rest
}

/**
 * Replaces the flag of `npm start` that saves memory for more processor time. For tests of behavior; tests of memory or
 * time start the service exactly as a user would.
 */
export const QUICK_FLAGS = ['--max-semi-space-size=32']

/** A process of the product, started as a user would, that says in its log where it listens. */
export interface StartedProcess {
  /** Empty for a worker, which listens nowhere. */
  url: string
  pid: number
  /** Every line that it has written so far. */
  lines: string[]
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string>
  /** Asks it to stop and waits until it has. */
  stop(): Promise<number | string>
  /** Ends it without a word, as a crash would. */
  kill(): Promise<number | string>
  /** The simulator's address, where one runs inside. */
  simulatorUrl: string | null
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Starts `src/main.ts` as `npm start` does, with these settings on any free port. Rejects with the log when it ends
 * instead.
 */
export function startService(
  environment: Record<string, string>,
  nodeFlags: string[] = [],
): Promise<StartedProcess> {
  return start([...startFlags(), ...nodeFlags, 'src/main.ts'], {
    PORT: '0',
    LOG_LEVEL: 'info',
    ...environment,
  })
}

/** Starts a process that executes jobs and serves no requests; resolves when it takes ticks. */
export function startWorker(environment: Record<string, string>): Promise<StartedProcess> {
  return start([...startFlags(), 'src/main.ts'], { LOG_LEVEL: 'info', ...environment, ROLE: 'worker' })
}

/** Starts the simulator as its own process on any free port. */
export function startSimulatorProcess(environment: Record<string, string> = {}): Promise<StartedProcess> {
  return start(['--preserve-symlinks', 'src/simulator/main.ts'], { SIMULATOR_PORT: '0', ...environment })
}

// A test file that runs out of time, or is stopped, has no teardown; what it started ends with it all the same.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

async function start(program: string[], environment: Record<string, string>): Promise<StartedProcess> {
  const child = spawn(process.execPath, program, {
    cwd: ROOT,
    // What tests count of calls to Azure is that of their own requests.
    env: { ...kept('PATH', 'HOME', 'NODE_COMPILE_CACHE'), INVENTORY_REFRESH_MINUTES: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const killNow = () => child.kill('SIGKILL')
  process.once('exit', killNow)
  const lines: string[] = []
  // Not `exit`: what it wrote last would still be under way.
  const ended = once(child, 'close').then(([code, signal]) => {
    process.off('exit', killNow)
    return (code ?? signal) as number | string
  })
  const urls = await listening(child, lines, ended)
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return {
    ...urls,
    pid: child.pid ?? 0,
    lines,
    ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** Of this process's environment nothing else: a setting of who runs the tests would change what they see. */
function kept(...names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

function listening(
  child: ChildProcess,
  lines: string[],
  ended: Promise<number | string>,
): Promise<{ url: string; simulatorUrl: string | null }> {
  return new Promise((resolve, reject) => {
    let simulatorUrl: string | null = null
    const read = (line: string) => {
      lines.push(line)
      const entry = parsed(line)
      if (typeof entry?.simulator === 'string') simulatorUrl = entry.simulator
      if (typeof entry?.url === 'string') resolve({ url: entry.url, simulatorUrl })
      if (entry?.role === 'worker' && entry.msg === 'worker is ready') resolve({ url: '', simulatorUrl })
    }
    for (const stream of [child.stdout, child.stderr])
      if (stream) createInterface({ input: stream }).on('line', read)
    ended.then((code) => reject(new Error(`ended with ${code}:\n${lines.join('\n')}`)), reject)
  })
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return null
  }
}
