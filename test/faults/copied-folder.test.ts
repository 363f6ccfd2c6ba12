import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { execute, makePlan, planFor } from '../acceptance/support/requests.ts'
import {
  type Client,
  client,
  ended,
  type Loose,
  listOf,
  temporaryFolder,
  until,
} from '../acceptance/support/service.ts'
import { startService, startSimulatorProcess } from '../support/processes.ts'
import { assertServiceAnnounced } from '../support/watcher.ts'

/** Copies, each of the folder of the process before, and each at a later moment of a job; `COPIES` takes another number. */
const COPIES = Number(process.env.COPIES ?? 8)
const TARGET = 'managedNATGateway'
const LIKE = 'lb-managed'
const END_MS = 90_000

/** What Azure took of all that was to change a cluster. */
async function takenPuts(azure: Client, name: string): Promise<Loose[]> {
  const sent = listOf((await azure.get('/simulator/requests?method=PUT')).body)
  return sent.filter(
    ({ path, status }) =>
      String(path).includes(`/managedClusters/${name}?`) && [200, 201].includes(Number(status)),
  )
}

async function log(planner: Client, id: string): Promise<Loose[]> {
  return listOf((await planner.get(`/v1/jobs/${id}/events?limit=1000`)).body.items)
}

/** No job holds the lock of the cluster any more: another job on it is accepted. */
async function isFree(planner: Client, name: string, target: string): Promise<boolean> {
  const { id } = await execute(planner, await makePlan(planner, planFor(name, target)))
  await planner.post(`/v1/jobs/${id}/cancellation`)
  return String((await ended(planner, String(id), END_MS)).status) !== 'Running'
}

t.test(
  'completes a running job from a copy of the data folder, with one change of the cluster',
  async (whole) => {
    const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: '60' })
    whole.teardown(() => simulator.kill())
    const azure = client(simulator.url)
    await azure.post('/simulator/reset', { fleet: { count: COPIES, like: LIKE } })
    const settings = { ARM_ENDPOINT: simulator.url, SIMULATOR_TIME_SCALE: '60' }
    let folder = await temporaryFolder(whole)
    let service = await startService({ ...settings, DATA_DIR: folder })
    whole.teardown(() => assertServiceAnnounced(service, simulator.url).finally(() => service.kill()))

    for (let copied = 0; copied < COPIES; copied++) {
      const name = `${LIKE}-${String(copied + 1).padStart(4, '0')}`
      // Every other time Azure is ahead of the copy: the job went on to its end where it was copied from.
      const goesOn = copied % 2 === 1
      const moment = 1 + copied
      await whole.test(
        `copied at event ${moment}; the original ${goesOn ? 'completes the job' : 'is killed'}`,
        async (t) => {
          const original = client(service.url)
          const plan = await makePlan(original, planFor(name, TARGET))
          const id = String((await execute(original, plan)).id)
          const before = await until(
            () => log(original, id),
            (events) => events.length >= moment,
            END_MS,
          )
          const elsewhere = await temporaryFolder(whole)
          await cp(join(folder, 'database'), join(elsewhere, 'database'), { recursive: true })
          if (goesOn) t.match(await ended(original, id, END_MS), { status: 'Succeeded' })
          t.equal(await service.kill(), 'SIGKILL')

          service = await startService({ ...settings, DATA_DIR: elsewhere })
          folder = elsewhere
          const copy = client(service.url)
          t.equal((await copy.get(`/v1/plans/${plan.id}`)).status, 200)
          const job = await ended(copy, id, END_MS)
          t.strictSame(
            (await log(copy, id)).slice(0, before.length),
            before,
            'all that was known then is in the copy',
          )
          // A cluster that was changed before the copy looked at it is not what was planned for, and the job says so.
          const isStale = goesOn && String(job.error?.code) === 'PLAN_STALE'
          if (!isStale) t.match(job, { status: 'Succeeded', error: null, result: { outboundType: TARGET } })
          t.equal((await takenPuts(azure, name)).length, 1, 'the cluster was changed once')
          t.ok(await isFree(copy, name, 'loadBalancer'), 'and is free')
        },
      )
    }
  },
)
