import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { newestBinaries } from '../postgres-server.ts'

/**
 * One PostgreSQL server serves every test file of a run, and a pool of services on it. A supervisor process owns both
 * and ends with the run, even when the run is killed. Test files find the server through a file named after the process
 * that runs them, tap's runner.
 */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const CACHE = join(ROOT, 'node_modules/.cache/egress-planner')
const SUPERVISOR = fileURLToPath(new URL('./supervise-server.ts', import.meta.url))
const START_LIMIT_MS = 60_000

export interface SharedRun {
  /** Of the server's administrator. */
  url: string
  /** Where the pool of services leases them. */
  poolPort: number
  /** The process that owns both. */
  supervisor: number
}

function runFile(runner: number): string {
  return join(CACHE, `run-${runner}.json`)
}

/** Written by the supervisor; the file disappears with the server. */
export function announceServer(runner: number, run: SharedRun): void {
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(`${runFile(runner)}.new`, JSON.stringify(run))
  renameSync(`${runFile(runner)}.new`, runFile(runner))
}

export function withdrawServer(runner: number): void {
  rmSync(runFile(runner), { force: true })
}

/**
 * Starts the server of a run and waits until it accepts connections; does nothing where none is installed. `runner`
 * is the process whose end ends the server.
 */
export async function startSharedServer(runner: number): Promise<SharedRun | null> {
  if ((await newestBinaries()) === null) return null
  withdrawServer(runner)
  // Detached and without a pipe: it outlives the process that started it, and must not keep the runner's output open.
  // Without notes of loaded files (see .taprc), which all services of the pool would take too.
  const env = { ...process.env, _TAPJS_PROCESSINFO_EXCLUDE_: '/./' }
  spawn(process.execPath, [SUPERVISOR, String(runner)], { detached: true, stdio: 'ignore', env }).unref()
  const end = Date.now() + START_LIMIT_MS
  while (Date.now() < end) {
    const run = announced(runner)
    if (run !== null) return run
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the shared PostgreSQL server did not start within ${START_LIMIT_MS} ms`)
}

/** The server and pool of the run. A test file that is run alone starts some that end with it. */
export async function findSharedServer(): Promise<SharedRun | null> {
  return announced(process.ppid) ?? announced(process.pid) ?? startSharedServer(process.pid)
}

function announced(runner: number): SharedRun | null {
  try {
    const run = JSON.parse(readFileSync(runFile(runner), 'utf8')) as SharedRun
    // A file that a killed supervisor left may carry the id of a process of today.
    return isAlive(run.supervisor) ? run : null
  } catch {
    return null
  }
}

/** Runs one statement as the server's administrator. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
