import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, readConfig } from './config.ts'
import { verifyAudit } from './database/audit/audit-log.ts'
import { openDatabase } from './database/engine/database.ts'
import { lockFolder } from './database/engine/folder-lock.ts'

/**
 * Verifies the hash chain of the audit log: exit code 0 if every row is unchanged, 1 if a row is invalid or the log cannot
 * be read. The optional argument is an earlier hash that a row must have.
 */
try {
  process.exitCode = await verify()
} catch (error) {
  const faults = error instanceof ConfigError ? error.faults : [(error as Error).message]
  process.stderr.write(`The audit log could not be verified.\n${faults.join('\n')}\n`)
  process.exitCode = 1
}

async function verify(): Promise<number> {
  const { dataDir, databaseUrl } = readConfig(process.env)
  if (databaseUrl === null && !existsSync(join(dataDir, 'database')))
    throw new Error(`No database exists in ${dataDir}. Check DATA_DIR and DATABASE_URL.`)
  // The embedded database supports one process: a running service holds the lock of its folder.
  const lock = databaseUrl === null ? await lockFolder(dataDir) : null
  const database = await openDatabase({ dataDir: join(dataDir, 'database'), databaseUrl })
  try {
    const verdict = await verifyAudit(database.kysely, process.argv[2] ?? null)
    if (!verdict.intact) {
      process.stderr.write(
        `The audit log is broken. The first invalid row is ${verdict.row}: ${verdict.fault}.\n`,
      )
      return 1
    }
    process.stdout.write(`The audit log is intact: ${verdict.rows} rows, last hash ${verdict.hash}.\n`)
    return 0
  } finally {
    await database.close()
    await lock?.release()
  }
}
