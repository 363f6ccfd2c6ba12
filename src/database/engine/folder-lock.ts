import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Another process works on the folder. */
export class FolderInUseError extends Error {
  constructor(folder: string) {
    super(
      `Another process works on ${folder}: stop it, or set DATA_DIR to another folder. More than one process needs DATABASE_URL.`,
    )
    this.name = 'FolderInUseError'
  }
}

/** The longest path that a Unix socket can have is 108 bytes with its end. */
const MAX_SOCKET_PATH_BYTES = 100

/**
 * Makes sure that one process alone works on a folder: the embedded database is one connection and does not
 * guard its files. The lock is a Unix socket that somebody listens on, so it ends with its process however
 * that ends. Rejects with `FolderInUseError`.
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

/** Whether somebody listens; a socket that a dead process left behind refuses. */
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
