import { openDatabase } from '../../../src/database/engine/database.ts'
import { migrate } from '../../../src/database/migrations/migrate.ts'
import { startPostgresServer } from '../postgres-server.ts'
import { administer, announceServer, withdrawServer } from './shared-server.ts'

/** Runs the PostgreSQL server of a test run until the process named in the first argument is gone. */
const runner = Number(process.argv[2])
const endings: (() => unknown)[] = []
const server = await startPostgresServer({
  comment: () => undefined,
  teardown: (end: () => unknown) => endings.unshift(end),
} as never)
if (server !== null) {
  await administer(server.url, 'create database template_empty')
  await administer(server.url, 'create database template_migrated')
  const url = Object.assign(new URL(server.url), { pathname: '/template_migrated' }).href
  const database = await openDatabase({ dataDir: null, databaseUrl: url })
  await migrate(database)
  await database.close()
  // A template must have no other connections while it is copied.
  for (const name of ['template_empty', 'template_migrated'])
    await administer(server.url, `alter database ${name} with allow_connections false`)
  announceServer(runner, server.url)
  while (isAlive(runner)) await new Promise((resolve) => setTimeout(resolve, 500))
  withdrawServer(runner)
  await server.stop('immediate')
  for (const end of endings) await end()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
