import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { startService } from '../support/processes.ts'
import { execute, makePlan, planFor } from './support/requests.ts'
import { ended, listOf, type Service, service, temporaryFolder, until, writes } from './support/service.ts'

const EXIT_CONFIG = 78

/** Starts with settings that must not do, and gives the words of the process. */
async function refusedStart(environment: Record<string, string>): Promise<string> {
  const failure = await startService(environment).then(
    async (started) => {
      await started.kill()
      return 'it started'
    },
    (error: Error) => error.message,
  )
  return failure
}

/** Starts a migration and returns as soon as Azure has received the change. */
async function begin(planner: Service, cluster: string, outboundType: string): Promise<string> {
  const plan = await makePlan(planner, planFor(cluster, outboundType))
  const { id } = await execute(planner, plan)
  await until(
    () => writesOf(planner, cluster),
    (count) => count > 0,
  )
  return String(id)
}

async function writesOf(planner: Service, cluster: string): Promise<number> {
  return (await writes(planner)).filter(({ path }) => String(path).includes(`/${cluster}?`)).length
}

/** All that a caller can see of what was, and of the simulated fleet. */
async function seen(planner: Service, planId: string, jobId: string) {
  const state = await planner.simulator('GET', 'state')
  return {
    plan: (await planner.get(`/v1/plans/${planId}`)).body,
    job: (await planner.get(`/v1/jobs/${jobId}`)).body,
    events: (await planner.get(`/v1/jobs/${jobId}/events`)).body,
    migrated: listOf(state.resources).filter(({ id }) => /[_/]lb-managed([_/]|$)/.test(String(id))),
  }
}

t.test('keeps all data across a stop and a crash, and continues the interrupted jobs', async (t) => {
  const settings = { DATA_DIR: await temporaryFolder(t), SIMULATOR_TIME_SCALE: '100' }
  const first = await service(t, settings)
  const spare = String((await makePlan(first, planFor('lb-byo', 'none'))).id)
  const done = await begin(first, 'lb-managed', 'managedNATGateway')
  t.equal((await ended(first, done)).status, 'Succeeded')
  const before = await seen(first, spare, done)
  const stopped = await begin(first, 'lb-own-ips', 'managedNATGateway')
  t.equal(await first.process.stop(), 0, 'SIGTERM ends it with 0, also while a job runs')

  const second = await service(t, settings)
  t.strictSame(await seen(second, spare, done), before)
  t.equal((await second.post(`/v1/jobs/${done}/rollback-plan`)).status, 201)
  t.match(await ended(second, stopped), { status: 'Succeeded', result: { natGatewaySku: 'Standard' } })
  const crashed = await begin(second, 'nat-managed', 'managedNATGatewayV2')
  await second.process.kill()

  const third = await service(t, settings)
  t.match(await ended(third, crashed), { status: 'Succeeded', result: { natGatewaySku: 'StandardV2' } })
  for (const name of ['lb-managed', 'lb-own-ips', 'nat-managed'])
    t.equal(await writesOf(third, name), 1, name)
})

t.test('reports every invalid setting together and exits with 78', async (t) => {
  const failure = await refusedStart({
    PORT: '99999',
    ROLE: 'king',
    AZURE_MODE: 'moon',
    PLAN_TTL_MINUTES: '0',
    MATRIX_EDITION: '1999-01-01',
    DATABASE_URL: 'mysql://user:secret@host/db',
  })
  t.match(failure, `ended with ${EXIT_CONFIG}`)
  for (const name of ['PORT', 'ROLE', 'AZURE_MODE', 'PLAN_TTL_MINUTES', 'MATRIX_EDITION', 'DATABASE_URL'])
    t.match(failure, new RegExp(`^${name} must be `, 'm'))
  t.notMatch(failure, 'secret')
  t.notMatch(failure, /\n\s+at /, 'sentences, not a stack')
})

t.test('does not start with real Azure or a public address without authentication', async (t) => {
  t.match(await refusedStart({ AZURE_MODE: 'azure' }), /ended with 78[\s\S]*AUTH_MODE/)
  t.match(await refusedStart({ HOST: '0.0.0.0' }), /ended with 78[\s\S]*TRUSTED_NETWORK/)
})

t.test('exits with 78 and one sentence if DATA_DIR cannot be created', async (t) => {
  const file = join(await temporaryFolder(t), 'file')
  await writeFile(file, '')
  const DATA_DIR = join(file, 'data')
  t.equal(
    await refusedStart({ DATA_DIR }),
    `ended with 78:\nDATA_DIR ${DATA_DIR} cannot be written (a part of the path is a file). Set DATA_DIR to a folder that this process can write.`,
  )
})
