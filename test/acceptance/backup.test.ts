import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { startPostgres } from '../support/databases.ts'
import { blockText } from '../support/markdown.ts'
import { newestBinaries } from '../support/postgres-server.ts'
import { execute, makePlan, planFor } from './support/requests.ts'
import { ended, type Loose, listOf, type Service, service, temporaryFolder } from './support/service.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a block of docs/runbooks.md as printed; returns its output. */
async function runBlock(name: string, environment: Record<string, string>, url = ''): Promise<string> {
  const path = [await newestBinaries(), process.env.PATH].filter(Boolean).join(':')
  const script = `set -e\n${blockText('demo', name).replaceAll('http://127.0.0.1:8080', url)}`
  const { stdout } = await promisify(execFile)('bash', ['-c', script], {
    cwd: ROOT,
    env: { ...process.env, ...environment, PATH: path },
  })
  return stdout
}

/** A job that has ended, so that there is something to lose. */
async function runJob(planner: Service, target: string): Promise<Loose> {
  const plan = await makePlan(planner, planFor('lb-managed', target))
  return ended(planner, String((await execute(planner, plan)).id))
}

/** Everything that was there is there, and the service executes jobs. */
async function checkRestored(t: Test, planner: Service, job: Loose): Promise<void> {
  t.strictSame((await planner.get(`/v1/jobs/${job.id}`)).body, job, 'the job is unchanged')
  t.equal((await planner.get(`/v1/plans/${job.planId}`)).status, 200, 'its plan exists')
  t.equal(listOf((await planner.get('/v1/jobs')).body.items).length, 1, 'no other job exists')
  t.match(await runJob(planner, 'managedNATGatewayV2'), { status: 'Succeeded' })
}

t.test('a backup of PostgreSQL that was taken while the service runs can be restored', async (t) => {
  const databaseUrl = await startPostgres(t)
  const restoredUrl = await startPostgres(t)
  if (databaseUrl === null || restoredUrl === null) return
  const folder = await temporaryFolder(t)
  const variables = {
    BACKUP_FILE: join(folder, 'planner.dump'),
    DATABASE_URL: databaseUrl,
    RESTORED_URL: restoredUrl,
  }
  const planner = await service(t, { DATABASE_URL: databaseUrl, DATA_DIR: folder })
  const job = await runJob(planner, 'managedNATGateway')
  const audit = await runBlock('backup-audit', variables)
  await runBlock('backup-server', variables)
  await planner.process.stop()
  t.equal(await runBlock('restore-server', variables), audit, 'the audit log is complete')
  await checkRestored(t, await service(t, { DATABASE_URL: restoredUrl, DATA_DIR: folder }), job)
})

t.test('a backup of the embedded database can be restored', async (t) => {
  const folder = await temporaryFolder(t)
  const variables = {
    BACKUP_FILE: join(await temporaryFolder(t), 'planner.tar.gz'),
    DATA_DIR: folder,
    RESTORED_DIR: join(await temporaryFolder(t), 'restored'),
    DATABASE_URL: '',
  }
  const planner = await service(t, { DATA_DIR: folder })
  const job = await runJob(planner, 'managedNATGateway')
  t.match(await runBlock('upgrade-check', {}, planner.url), /"version"/, 'the check of an upgrade answers')
  await planner.process.stop()
  await runBlock('backup-embedded', variables)
  t.match(await runBlock('restore-embedded', variables), /^The audit log is intact/)
  await checkRestored(t, await service(t, { DATA_DIR: variables.RESTORED_DIR }), job)
})
