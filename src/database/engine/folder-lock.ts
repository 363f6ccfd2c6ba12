import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Another process uses the folder. */
export class FolderInUseError extends Error {
  constructor(folder: string) {
    super(
      `Another process uses ${folder}. Stop that process, or set DATA_DIR to another folder. To run several processes, set DATABASE_URL.`,
    )
    this.name = 'FolderInUseError'
  }
}

/** The path of a Unix socket is limited to 108 bytes, including the terminator. */
const MAX_SOCKET_PATH_BYTES = 100

/**
 * Ensures that only one process uses a folder: the embedded database supports one connection and does not lock its files.
 * The lock is a listening Unix socket, so it ends with its process, even after a crash. Rejects with `FolderInUseError`.
 */
export async function lockFolder(folder: string): Promise<{ release(): Promise<void> }> {
  const path = socketPath(folder)
  const server = createServer((socket) => socket.destroy())
  try {
    await listen(server, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    if (await isListening(path)) throw new FolderInUseError(folder)
    await rm(path, { force: true })
    await listen(server, path)
  }
  server.unref()
  return {
    async release() {
      server.close()
      await once(server, 'close')
    },
  }
}

async function listen(server: Server, path: string): Promise<void> {
  server.listen(path)
  await once(server, 'listening')
}

/** Whether a process listens; a socket left by a dead process rejects connections. */
async function isListening(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

function socketPath(folder: string): string {
  const path = join(resolve(folder), 'lock')
  if (path.length <= MAX_SOCKET_PATH_BYTES) return path
  const name = createHash('sha256').update(path).digest('hex').slice(0, 32)
  return join(tmpdir(), `aks-egress-planner-${name}.lock`)
}
