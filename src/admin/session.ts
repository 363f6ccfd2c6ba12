import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { v7 as uuidv7 } from 'uuid'
import { databasePassword } from '../azure/connect/database-token.ts'
import { type Config, readConfig } from '../config.ts'
import type { AuditSubject, Origin } from '../core/audit/audit.ts'
import { auditAllowed } from '../database/audit/audit-log.ts'
import { type Database, openDatabase, type Queries } from '../database/engine/database.ts'
import { FolderInUseError, lockFolder } from '../database/engine/folder-lock.ts'
import { checkMigrated } from '../database/migrations/migrate.ts'

/** The database of the service while one command runs. */
export interface Session {
  config: Readonly<Config>
  database: Database
  now: () => Date
  newId: () => string
  /** Prints one line of the result. */
  print: (line: string) => void
}

/** A command cannot run; the message says why and what to do. */
export class AdminError extends Error {}

/** Opens the database that the settings name, runs a command, and closes the database. */
export async function withSession<T>(
  environment: Record<string, string | undefined>,
  print: (line: string) => void,
  act: (session: Session) => Promise<T>,
): Promise<T> {
  const config = readConfig(environment)
  const { dataDir, databaseUrl, databaseAuth, armEndpoint } = config
  if (databaseUrl === null && !existsSync(join(dataDir, 'database')))
    throw new AdminError(`No database exists in ${dataDir}. Check DATA_DIR and DATABASE_URL.`)
  // The embedded database supports one process: a running service holds the lock of its folder.
  const lock = databaseUrl === null ? await lockStoppedFolder(dataDir) : null
  const database = await openDatabase({
    dataDir: join(dataDir, 'database'),
    databaseUrl,
    password: databasePassword(databaseAuth, armEndpoint),
  })
  try {
    await checkMigrated(database)
    return await act({ config, database, print, now: () => new Date(), newId: () => uuidv7() })
  } finally {
    await database.close()
    await lock?.release()
  }
}

async function lockStoppedFolder(folder: string) {
  try {
    return await lockFolder(folder)
  } catch (error) {
    if (!(error instanceof FolderInUseError)) throw error
    throw new AdminError(
      `Another process uses ${folder}, and the embedded database supports one process. Stop the service, run the command, and start the service again.`,
    )
  }
}

const FILE_FAULTS: Record<string, string> = {
  EACCES: 'This user has no permission.',
  EEXIST: 'The file exists already.',
  EISDIR: 'It is a folder.',
  ENOENT: 'The file or its folder does not exist.',
  ENOSPC: 'The disk is full.',
  ENOTDIR: 'Its path contains a file instead of a folder.',
  EROFS: 'The file system is read-only.',
}

/** Runs an action on a file. An error of the operating system becomes an `AdminError` that names the file. */
export async function onFile<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    if (code === undefined || syscall === undefined) throw error
    throw new AdminError(`The file ${path} cannot be used. ${FILE_FAULTS[code] ?? `The error is ${code}.`}`)
  }
}

/** Who runs the command, for the audit log: the user of the operating system. */
export function adminOrigin({ newId }: Pick<Session, 'newId'>, operation: string): Origin {
  const name = userName()
  return {
    actor: { id: `local:${name}`, kind: 'user', name, appId: null },
    operation,
    address: null,
    userAgent: 'npm run admin',
    requestId: newId(),
  }
}

/** A container may run as a user that has no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** Records a command in the audit log, in the transaction of its effect. */
export function auditCommand(
  trx: Queries,
  session: Session,
  operation: string,
  subject: Partial<AuditSubject>,
): Promise<void> {
  return auditAllowed(trx, session, adminOrigin(session, operation), subject)
}
