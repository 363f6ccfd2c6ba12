import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, readConfig } from './config.ts'
import { verifyAudit } from './database/audit/audit-log.ts'
import { openDatabase } from './database/engine/database.ts'
import { lockFolder } from './database/engine/folder-lock.ts'

/**
 * Follows the chain of the audit from its first row to its last and says what it found: exit code 0 when
 * every row is as it was appended, 1 with the first broken row when not or when it cannot be read. Its one
 * argument is a hash that an earlier row must have, for whoever keeps the last hash elsewhere.
 */
try {
  process.exitCode = await verify()
} catch (error) {
  const faults = error instanceof ConfigError ? error.faults : [(error as Error).message]
  process.stderr.write(`The audit could not be verified.\n${faults.join('\n')}\n`)
  process.exitCode = 1
}

async function verify(): Promise<number> {
  const { dataDir, databaseUrl } = readConfig(process.env)
  if (databaseUrl === null && !existsSync(join(dataDir, 'database')))
    throw new Error(`There is no database in ${dataDir}: check DATA_DIR and DATABASE_URL.`)
  // The embedded database serves one process: while the service runs its folder is taken.
  const lock = databaseUrl === null ? await lockFolder(dataDir) : null
  const database = await openDatabase({ dataDir: join(dataDir, 'database'), databaseUrl })
  try {
    const verdict = await verifyAudit(database.kysely, process.argv[2] ?? null)
    if (!verdict.intact) {
      process.stderr.write(
        `The audit is broken: the first row that is not sound is ${verdict.row}: ${verdict.fault}.\n`,
      )
      return 1
    }
    process.stdout.write(`The audit is intact: ${verdict.rows} rows, the last hash is ${verdict.hash}.\n`)
    return 0
  } finally {
    await database.close()
    await lock?.release()
  }
}
