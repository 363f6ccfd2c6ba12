import t, { type Test } from 'tap'
import { openEvents } from '../acceptance/support/event-stream.ts'
import { makePlan, planFor } from '../acceptance/support/requests.ts'
import { client, ended, type Loose, listOf, temporaryFolder, until } from '../acceptance/support/service.ts'
import {
  type StartedProcess,
  startService,
  startSimulatorProcess,
  startWorker,
} from '../support/processes.ts'
import { assertServiceAnnounced } from '../support/watcher.ts'
import { executeAll, plansFor, putsOf, type Replicas, startReplicas, TARGET } from './support/replicas.ts'

const CLUSTER = 'lb-managed'
/** Held back by so much, a request is under way when the signal comes; on a busy machine too. */
const HELD_MS = 4_000
/** What orchestrators give a process, less what they need themselves. */
const GIVEN_MS = 28_000
const DELAY_SECONDS = 2

function held(method: string, ms: number, cluster = CLUSTER): object {
  return {
    match: { method, pathPattern: `/managedClusters/${cluster}\\?`, nth: 1 },
    fault: { kind: 'delay', ms },
  }
}

/** The phases that the process said it went through, in order. */
function phases({ lines }: StartedProcess): string[] {
  const stopped = lines
    .map((line) => JSON.parse(line) as Loose)
    .filter(({ msg }) => String(msg) === 'phase stopped')
  return stopped.map(({ phase }) => String(phase))
}

async function types(url: string, jobId: string): Promise<string[]> {
  const { body } = await client(url).get(`/v1/jobs/${jobId}/events?limit=1000`)
  return listOf(body.items).map(({ type }) => String(type))
}

t.test('ROLE all: completes ticks, requests and streams in phases on SIGTERM', async (t) => {
  const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: '100' })
  t.teardown(() => simulator.kill())
  const azure = client(simulator.url)
  const settings = {
    ARM_ENDPOINT: simulator.url,
    DATA_DIR: await temporaryFolder(t),
    SIMULATOR_TIME_SCALE: '100',
    STOP_DELAY_SECONDS: String(DELAY_SECONDS),
  }
  const service = await startService(settings)
  t.teardown(() => service.kill())
  const planner = client(service.url)
  const plan = await makePlan(planner, planFor(CLUSTER, TARGET))
  await azure.post('/simulator/faults', [held('PUT', HELD_MS), held('GET', HELD_MS, 'lb-byo')])
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
  const id = String((await planner.post('/v1/jobs', order)).body.id)
  const stream = await openEvents(planner, id)
  const slow = planner.post('/v1/plans', planFor('lb-byo', 'none'))
  await until(
    async () => listOf((await azure.get('/simulator/faults')).body),
    (rules) => rules.every(({ strikes }) => Number(strikes) > 0),
  )

  const exit = service.stop()
  const readiness = await until(
    () => planner.get('/readyz'),
    ({ status }) => status !== 200,
  )
  t.match(readiness, { status: 503, body: { code: 'NOT_READY', detail: /running/ } })
  t.equal((await planner.get(`/v1/jobs/${id}`)).status, 200, 'whoever still comes is still served')
  t.equal((await slow).status, 201, 'a request that was under way is answered')
  t.ok(await stream.ended, 'a stream is ended, and not cut')
  t.equal(await exit, 0)
  t.strictSame(phases(service), ['work', 'queue', 'database', 'folder'])
  t.notOk(
    service.lines.some((line) => line.includes('part not stopped cleanly')),
    'nothing has to be left behind',
  )
  await t.rejects(fetch(`${service.url}/healthz`), 'nobody listens any more')

  const next = await startService(settings)
  t.teardown(() => assertServiceAnnounced(next, simulator.url).finally(() => next.kill()))
  t.match(await ended(client(next.url), id), { status: 'Succeeded' })
  const log = await types(next.url, id)
  t.ok(log.includes('writeAccepted'), 'the tick that had the PUT under way recorded its answer')
  t.notOk(log.includes('writeAdopted'))
})

/** Begins a job whose PUT is held, and gives its id when the PUT is on its way. */
async function holdPut(world: Replicas, ms: number): Promise<string> {
  const [name = ''] = world.names
  const plans = await plansFor(world, [name])
  await world.azure.post('/simulator/faults', [held('PUT', ms, name)])
  const [id = ''] = await executeAll(world, plans)
  await until(
    () => putsOf(world),
    (puts) => puts.length > 0,
  )
  return id
}

async function replicas(t: Test): Promise<Replicas | null> {
  return startReplicas(t, { clusters: 1, workers: 1, scale: '60' })
}

async function addWorker(t: Test, world: Replicas): Promise<void> {
  const worker = await startWorker(world.settings)
  t.teardown(() => worker.kill())
}

t.test('ROLE worker: completes its ticks on SIGTERM, and the next worker continues the job', async (t) => {
  const world = await replicas(t)
  if (world === null) return
  const id = await holdPut(world, HELD_MS)
  const [worker] = world.workers as [StartedProcess]
  t.equal(await worker.stop(), 0)
  t.strictSame(phases(worker), ['work', 'queue', 'database'], { lastLines: worker.lines.slice(-6) })
  t.ok((await types(world.planner.url, id)).includes('writeAccepted'), 'the answer was waited for')
  await addWorker(t, world)
  t.match(await ended(world.planner, id, 60_000), { status: 'Succeeded' })
  t.notOk((await types(world.planner.url, id)).includes('writeAdopted'))
  t.equal(await world.api.stop(), 0)
  t.strictSame(phases(world.api), ['work', 'queue', 'database'], 'ROLE api')
})

t.test('abandons a tick that exceeds the stop limit; another worker reconciles its write', async (t) => {
  const world = await replicas(t)
  if (world === null) return
  const id = await holdPut(world, GIVEN_MS)
  const [worker] = world.workers as [StartedProcess]
  const start = performance.now()
  t.equal(await worker.stop(), 0)
  t.ok(performance.now() - start < GIVEN_MS, 'before it is ended by force')
  t.ok(
    worker.lines.some((line) => line.includes('part not stopped cleanly')),
    'and the log says what was left behind',
  )
  await addWorker(t, world)
  t.match(await ended(world.planner, id, 90_000), { status: 'Succeeded' })
  const answered = listOf((await world.azure.get('/simulator/requests?method=PUT')).body)
  t.equal(
    answered.filter(({ status }) => Number(status) < 300 && status !== null).length,
    1,
    'one PUT was taken',
  )
})

t.test('exits immediately with code 1 on a second signal', async (t) => {
  const world = await replicas(t)
  if (world === null) return
  await holdPut(world, GIVEN_MS)
  const [worker] = world.workers as [StartedProcess]
  void worker.stop()
  await until(
    async () => worker.lines,
    (lines) => lines.some((line) => line.includes('"stopping"')),
  )
  t.equal(await worker.stop(), 1)
  t.strictSame(phases(worker), [], 'whatever it had under way: no phase came to its end')
})
