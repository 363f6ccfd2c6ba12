import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from 'pg'
import { newestBinaries } from '../postgres-server.ts'

/**
 * One PostgreSQL server serves every test file of a run. A supervisor process owns it and ends with the run, even when
 * the run is killed. Test files find the server through a file named after the process that runs them, tap's runner.
 */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const CACHE = join(ROOT, 'node_modules/.cache/egress-planner')
const SUPERVISOR = fileURLToPath(new URL('./supervise-server.ts', import.meta.url))
const START_LIMIT_MS = 60_000

function runFile(runner: number): string {
  return join(CACHE, `run-${runner}.json`)
}

/** Written by the supervisor; the file disappears with the server. */
export function announceServer(runner: number, url: string): void {
  mkdirSync(CACHE, { recursive: true })
  writeFileSync(`${runFile(runner)}.new`, JSON.stringify({ url }))
  renameSync(`${runFile(runner)}.new`, runFile(runner))
}

export function withdrawServer(runner: number): void {
  rmSync(runFile(runner), { force: true })
}

/**
 * Starts the server of a run and waits until it accepts connections; does nothing where none is installed. `runner`
 * is the process whose end ends the server.
 */
export async function startSharedServer(runner: number): Promise<string | null> {
  if ((await newestBinaries()) === null) return null
  withdrawServer(runner)
  // Detached and without a pipe: it outlives whoever started it, and must not keep the runner's output open.
  spawn(process.execPath, [SUPERVISOR, String(runner)], { detached: true, stdio: 'ignore' }).unref()
  const end = Date.now() + START_LIMIT_MS
  while (Date.now() < end) {
    const url = announced(runner)
    if (url !== null) return url
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`the shared PostgreSQL server did not start within ${START_LIMIT_MS} ms`)
}

/** The URL of the run's server. A test file that is run alone starts one that ends with it. */
export async function findSharedServer(): Promise<string | null> {
  return announced(process.ppid) ?? announced(process.pid) ?? startSharedServer(process.pid)
}

function announced(runner: number): string | null {
  try {
    return (JSON.parse(readFileSync(runFile(runner), 'utf8')) as { url: string }).url
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
