// A service of its own with simulated Azure, for the checks of clients.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * Starts a service on a free port with a new folder, calls `use(url, folder)`, and stops the service, also after an
 * error. Throws if the service does not end with 0.
 */
export async function withService(use) {
  const folder = mkdtempSync(join(tmpdir(), 'egress-planner-contract-'))
  // The flags of `npm start`, without which the embedded database is compiled twice.
  const child = spawn(process.execPath, ['--preserve-symlinks', '--liftoff-only', 'src/main.ts'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, PORT: '0', DATA_DIR: join(folder, 'data'), SIMULATOR_TIME_SCALE: '200' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await use(await listening(child), folder)
  } finally {
    await stop(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The address of the service, from its log. */
function listening(child) {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { url } = JSON.parse(line)
      if (url !== undefined) resolve(url)
    })
  })
}

/** Waits for the end of the process, because it writes to its folder until then. */
async function stop(child) {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
  if (child.exitCode !== 0) throw new Error(`the service ended with ${child.exitCode ?? child.signalCode}`)
}
