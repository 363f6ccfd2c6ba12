import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Config } from './config.ts'
import { isStorageFull } from './database/engine/storage-full.ts'

/** The folder of `DATA_DIR` cannot be used; the message says why. */
export class DataFolderError extends Error {
  constructor(folder: string, error: unknown) {
    super(
      `DATA_DIR ${folder} cannot be written (${reasonOf(error)}). Set DATA_DIR to a folder that this process can write.`,
    )
    this.name = 'DataFolderError'
  }
}

const REASONS: Record<string, string> = {
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EEXIST: 'a file has this name',
  ENOENT: 'a part of the path cannot be created',
  ENOTDIR: 'a part of the path is a file',
  ENAMETOOLONG: 'the path is too long',
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string }
  return REASONS[code ?? ''] ?? code ?? message ?? 'unknown error'
}

/** Whether this process keeps files: the embedded database, or the state of its own simulator. */
function keepsFiles({ databaseUrl, azureMode, armEndpoint }: Readonly<Config>): boolean {
  return databaseUrl === null || (azureMode === 'simulated' && armEndpoint === null)
}

/** Like `mkdir` with `recursive`, which never ends in /proc: there, the parent exists and making a folder reports ENOENT. */
async function makeFolder(folder: string, mayMakeParent = true): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return
    if (code !== 'ENOENT' || !mayMakeParent) throw error
    await makeFolder(dirname(folder))
    await makeFolder(folder, false)
  }
}

/**
 * Makes the data folder if this process needs one, and writes to it once. Throws a `DataFolderError` if that fails, except
 * on a full disk: space can become free later, and the database reports it itself.
 */
export async function prepareDataFolder(
  config: Readonly<Config>,
  write: typeof writeFile = writeFile,
): Promise<void> {
  if (!keepsFiles(config)) return
  const { dataDir } = config
  const probe = join(dataDir, `.probe-${process.pid}`)
  try {
    await makeFolder(resolve(dataDir))
    await write(probe, 'x')
  } catch (error) {
    if (!isStorageFull(error)) throw new DataFolderError(dataDir, error)
  } finally {
    await rm(probe, { force: true }).catch(() => {})
  }
}
