import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, glob, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'

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

/**
 * Names the socket in the folder of the server, so servers do not share it. A TCP port would have to be chosen before the
 * server binds it, and another process could take it.
 */
const PORT = 5432

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/**
 * A private server in a temporary folder, gone with the test; null where no server is installed. `more` are settings
 * besides those that every server has.
 */
export async function startPostgresServer(t: Setting, more: string[] = []): Promise<PostgresServer | null> {
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
  const settings = [
    `port=${PORT}`,
    'listen_addresses=',
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'max_connections=300',
    ...more,
  ]
  const command = ['-D', data, ...settings.flatMap((each) => ['-c', each])]
  let running: { signal(signal: NodeJS.Signals): void; ended: Promise<unknown> } | null = null
  const server: PostgresServer = {
    url: `postgres://postgres@localhost:${PORT}/postgres?host=${encodeURIComponent(folder)}`,
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

export async function newestBinaries(): Promise<string | null> {
  const found: string[] = []
  for await (const path of glob('/usr/lib/postgresql/*/bin/initdb')) found.push(dirname(path))
  return found.sort().at(-1) ?? null
}

/** The server does not run as root; Debian's package creates a user for it. */
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
