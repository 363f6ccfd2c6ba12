import { prepareDatabase } from '../databases.ts'
import { startPostgresServer } from '../postgres-server.ts'
import { startServicePool } from './service-pool.ts'
import { administer, announceServer, isAlive, withdrawServer } from './shared-server.ts'

/** Runs the PostgreSQL server and the services of a test run until the process named in the first argument is gone. */
const runner = Number(process.argv[2])
const endings: (() => unknown)[] = []
const run = { comment: () => undefined, teardown: (end: () => unknown) => endings.unshift(end) } as never
// No test of this server looks at what it has after a crash, and its databases are too young to be vacuumed.
const server = await startPostgresServer(run, [
  'synchronous_commit=off',
  'full_page_writes=off',
  'wal_level=minimal',
  'max_wal_senders=0',
  'max_wal_size=4GB',
  'checkpoint_timeout=1h',
  'autovacuum=off',
  'jit=off',
])
if (server !== null) {
  await administer(server.url, 'create database template_empty')
  await administer(server.url, 'create database template_migrated')
  const urlOf = (name: string) => Object.assign(new URL(server.url), { pathname: `/${name}` }).href
  await prepareDatabase({ dataDir: null, databaseUrl: urlOf('template_migrated') })
  // A template must have no other connections while it is copied.
  for (const name of ['template_empty', 'template_migrated'])
    await administer(server.url, `alter database ${name} with allow_connections false`)
  const pool = await startServicePool(async (name) => {
    await administer(server.url, `create database ${name} template template_migrated`)
    return urlOf(name)
  })
  announceServer(runner, { url: server.url, poolPort: pool.port, supervisor: process.pid })
  while (isAlive(runner)) await new Promise((resolve) => setTimeout(resolve, 500))
  withdrawServer(runner)
  await pool.close()
  await server.stop('immediate')
  for (const end of endings) await end()
}
