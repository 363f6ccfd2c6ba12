import { readFile } from 'node:fs/promises'
import t from 'tap'
import { execute, makePlan, planFor } from '../acceptance/support/requests.ts'
import { client, listOf, temporaryFolder, until } from '../acceptance/support/service.ts'
import { startService, startSimulatorProcess } from '../support/processes.ts'
import { assertServiceAnnounced } from '../support/watcher.ts'
import { countOf, inCrowd } from './support/replicas.ts'

/** `CLUSTERS` takes another number. */
const CLUSTERS = Number(process.env.CLUSTERS ?? 300)
const LIMIT_MS = 180_000
const SCALE = '60'

/** The most memory that the process ever held; null where the system does not say. */
async function peakMemoryMb(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /VmHWM:\s+(\d+)/.exec(status)?.[1]
  return kilobytes === undefined ? null : Math.round(Number(kilobytes) / 1024)
}

t.test(`completes ${CLUSTERS} simultaneous jobs in one process with one cutover per cluster`, async (t) => {
  const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: SCALE })
  t.teardown(() => simulator.kill())
  const azure = client(simulator.url)
  await azure.post('/simulator/reset', { fleet: { count: CLUSTERS, like: 'lb-managed' } })
  const settings = {
    ARM_ENDPOINT: simulator.url,
    DATA_DIR: await temporaryFolder(t),
    SIMULATOR_TIME_SCALE: SCALE,
  }
  const service = await startService(settings)
  t.teardown(() => assertServiceAnnounced(service, simulator.url).finally(() => service.kill()))
  const planner = client(service.url)
  const names = Array.from({ length: CLUSTERS }, (_each, i) => `lb-managed-${String(i + 1).padStart(4, '0')}`)
  const plans = await inCrowd(names, (name) => makePlan(planner, planFor(name, 'managedNATGateway')))
  const start = performance.now()
  await inCrowd(plans, (plan) => execute(planner, plan))
  const accepted = performance.now()
  await until(
    () => countOf(planner, 'Succeeded'),
    (count) => count === CLUSTERS,
    LIMIT_MS,
  )
  const ended = performance.now()
  const memory = await peakMemoryMb(service.pid)
  t.comment(`accepted in ${Math.round(accepted - start)} ms, all ended ${Math.round(ended - start)} ms after`)
  // tap loads hooks of its own into every process, so the bound on memory is held by `npm run bench jobs`.
  t.comment(`peak of resident memory ${memory ?? '?'} MB, the hooks of the test runner included`)

  for (const status of ['NotStarted', 'Running', 'Failed', 'Canceled'])
    t.equal(await countOf(planner, status), 0, status)
  const puts = listOf((await azure.get('/simulator/requests?method=PUT')).body)
  t.equal(puts.length, CLUSTERS)
  const switched = new Set(puts.map(({ path }) => /managedClusters\/([^?]+)/.exec(String(path))?.[1]))
  t.strictSame([...switched].sort(), names, 'one PUT for each')
})
