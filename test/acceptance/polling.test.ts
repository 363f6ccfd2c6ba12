import t, { type Test } from 'tap'
import { startPostgres } from '../support/databases.ts'
import { startSimulatorProcess } from '../support/processes.ts'
import { openEvents } from './support/event-stream.ts'
import { execute, isServed, makePlan, planFor } from './support/requests.ts'
import {
  anyService,
  type Client,
  ended,
  type Loose,
  listOf,
  service,
  temporaryFolder,
  until,
} from './support/service.ts'

const FINAL = ['Succeeded', 'Failed', 'Canceled']
/**
 * The log as polls return it; an exhausted service is polled again, because it would otherwise return no log.
 */
const logOf = async ({ get }: Client, jobId: string) =>
  listOf((await until(() => get(`/v1/jobs/${jobId}/events?limit=1000`), isServed)).body.items)

/**
 * Follows a job by polls that wait; gives every version of it that was answered. The number of polls depends on the speed
 * of the job, so one assertion checks all of them.
 */
async function follow(t: Test, { get }: Client, jobId: string): Promise<Loose[]> {
  const seen: Loose[] = []
  const faults: unknown[] = []
  let etag = ''
  for (let polls = 0; polls < 200; polls++) {
    const headers = { prefer: 'wait=20', ...(etag === '' ? {} : { 'if-none-match': etag }) }
    const answer = await get(`/v1/jobs/${jobId}`, headers)
    const applied = answer.headers.get('preference-applied')
    if (applied !== 'wait=20') faults.push(['preference-applied', applied])
    if (answer.status === 304) continue
    if (answer.headers.get('etag') === etag) faults.push(['not new', etag])
    etag = answer.headers.get('etag') ?? ''
    seen.push(answer.body)
    const isFinal = FINAL.includes(String(answer.body.status))
    if ((answer.headers.get('retry-after') === null) !== isFinal)
      faults.push(['retry-after', answer.body.status])
    if (!isFinal) continue
    t.strictSame(faults, [], 'each poll waits, returns only news, and asks for another until the job ends')
    return seen
  }
  throw new Error('the job did not end')
}

/** Starts a job and gives its id. */
async function begin(planner: Client, cluster: string, outboundType: string): Promise<string> {
  return String((await execute(planner, await makePlan(planner, planFor(cluster, outboundType)))).id)
}

t.test('on one process', async (t) => {
  const planner = await anyService(t)

  t.test('long polls and an event stream report the same job as it happens', async (t) => {
    const id = await begin(planner, 'lb-managed', 'managedNATGateway')
    const stream = await openEvents(planner, id)
    const seen = await follow(t, planner, id)
    t.ok(await stream.ended, 'it ends by itself')
    const job = await ended(planner, id)
    t.equal(job.status, 'Succeeded')
    t.strictSame(seen.at(-1), job)
    const log = await logOf(planner, id)
    t.strictSame(
      stream.events.map(({ data }) => data),
      log,
    )
    t.strictSame(
      stream.events.map((each) => each.id),
      log.map(({ sequence }) => String(sequence)),
    )
    const again = await openEvents(planner, id, String(log.length))
    t.equal(again.status, 204, 'and whoever comes back is told to stay away')
    const known = await planner.get(`/v1/jobs/${id}`, { 'if-none-match': `"${log.length}"` })
    t.strictSame([known.status, known.text], [304, ''])
  })

  t.test('a stream that is interrupted repeatedly loses and repeats no event', async (t) => {
    const id = await begin(planner, 'lb-own-ips', 'managedNATGateway')
    const received: { id: string; data: unknown }[] = []
    for (let cuts = 0; ; cuts++) {
      const stream = await openEvents(planner, id, received.at(-1)?.id)
      if (stream.status === 204) break
      await stream.has(2)
      stream.cut()
      await stream.ended
      received.push(...stream.events)
      if (cuts > 100) throw new Error('the job did not end')
    }
    t.strictSame(
      received.map(({ data }) => data),
      await logOf(planner, id),
    )
  })

  t.test('executing a plan changes its version', async (t) => {
    const plan = await makePlan(planner, planFor('nat-managed', 'managedNATGatewayV2'))
    const first = await planner.get(`/v1/plans/${plan.id}`)
    const headers = { 'if-none-match': String(first.headers.get('etag')) }
    t.equal((await planner.get(`/v1/plans/${plan.id}`, headers)).status, 304)
    await ended(planner, String((await execute(planner, plan)).id))
    const second = await planner.get(`/v1/plans/${plan.id}`, headers)
    t.strictSame([second.status, String(second.body.status)], [200, 'executed'])
  })

  t.test('lists keep the filters of their first page', async (t) => {
    const query = 'createdBy=anonymous&from=loadBalancer&limit=1'
    const first = (await planner.get(`/v1/jobs?${query}`)).body
    const next = await planner.get(`/v1/jobs?${query}&cursor=${first.next}`)
    t.equal(next.status, 200)
    t.not(listOf(next.body.items)[0]?.id, listOf(first.items)[0]?.id)
    for (const other of [`cursor=${first.next}`, `from=none&cursor=${first.next}`]) {
      const refused = await planner.get(`/v1/jobs?createdBy=anonymous&${other}`)
      t.strictSame([refused.status, String(refused.body.code)], [400, 'CURSOR_INVALID'])
      t.match(refused.body.errors, [{ in: 'query', parameter: 'cursor' }])
    }
    const count = async (filter: string) =>
      listOf((await planner.get(`/v1/jobs?${filter}`)).body.items).length
    t.equal(await count('to=block'), 0)
    t.equal(await count('createdBy=somebody'), 0)
    t.equal(await count('createdBefore=2020-01-01T00:00:00Z'), 0)
    t.ok((await count('createdAfter=2020-01-01T00:00:00Z')) >= 3)
  })
})

t.test('survives a stop and a crash', async (t) => {
  const settings = { DATA_DIR: await temporaryFolder(t), SIMULATOR_TIME_SCALE: '20' }
  const first = await service(t, settings)
  const plan = await makePlan(first, planFor('lb-managed', 'managedNATGateway'))
  const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
  const key = { 'idempotency-key': 'CHG-1234/execute' }
  const accepted = await first.post('/v1/jobs', order, key)
  t.equal(accepted.status, 202)
  const id = String(accepted.body.id)
  const stream = await openEvents(first, id)
  await stream.has(1)
  const { etag } = Object.fromEntries((await first.get(`/v1/jobs/${id}`)).headers)
  const poll = first.get(`/v1/jobs/${id}`, { prefer: 'wait=60', 'if-none-match': String(etag) })
  await makePlan(first, planFor('lb-managed', 'none'))
  const page = (await first.get('/v1/plans?limit=1')).body

  const begun = Date.now()
  const stopped = first.process.stop()
  t.ok(await stream.ended, 'a stop ends a stream soundly')
  t.ok([200, 304].includes((await poll).status), 'and answers a poll that waits')
  t.equal(await stopped, 0)
  t.ok(Date.now() - begun < 10_000, 'without waiting for either')

  const second = await service(t, settings)
  const again = await second.post('/v1/jobs', order, key)
  t.equal(again.headers.get('idempotency-replayed'), 'true')
  t.equal(again.status, 202)
  t.equal(again.text, accepted.text)
  for (const name of ['location', 'operation-location', 'retry-after'])
    t.equal(again.headers.get(name), accepted.headers.get(name), name)
  t.equal((await second.post('/v1/jobs', { ...order, reason: 'other' }, key)).status, 422)
  const next = await second.get(`/v1/plans?limit=1&cursor=${page.next}`)
  t.strictSame(
    listOf(next.body.items).map((each) => each.id),
    [plan.id],
    'cursors hold over a restart',
  )
  const resumed = await openEvents(second, id, stream.events.at(-1)?.id)
  await resumed.has(1)
  await second.process.kill()
  t.notOk(await resumed.ended, 'a crash cuts it')

  const third = await service(t, { ...settings, SIMULATOR_TIME_SCALE: '200' })
  const rest = await openEvents(third, id, resumed.events.at(-1)?.id)
  t.ok(await rest.ended)
  t.strictSame(
    [...stream.events, ...resumed.events, ...rest.events].map(({ data }) => data),
    await logOf(third, id),
    'no loss, no repeat',
  )
})

t.test('a change by one replica wakes the polls that wait at another', async (t) => {
  const databaseUrl = await startPostgres(t)
  if (databaseUrl === null) return
  const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: '100' })
  t.teardown(() => simulator.kill())
  const settings = { DATABASE_URL: databaseUrl, ARM_ENDPOINT: simulator.url, SIMULATOR_TIME_SCALE: '100' }
  const worker = await service(t, settings)
  const api = await service(t, { ...settings, ROLE: 'api' })
  const key = { 'idempotency-key': 'from any replica' }
  const request = planFor('lb-managed', 'managedNATGateway')
  const plan = await worker.post('/v1/plans', request, key)
  const same = await api.post('/v1/plans', request, key)
  t.equal(same.text, plan.text, 'a key holds at every replica')

  const { id } = await execute(worker, plan.body)
  const stream = await openEvents(api, String(id))
  const seen = await follow(t, api, String(id))
  t.equal(seen.at(-1)?.status, 'Succeeded')
  t.ok(seen.length > 3, 'step by step')
  t.ok(await stream.ended)
  t.strictSame(
    stream.events.map(({ data }) => data),
    await logOf(worker, String(id)),
  )
  await makePlan(api, planFor('lb-byo', 'none'))
  const { next } = (await api.get('/v1/plans?limit=1')).body
  t.equal(
    (await worker.get(`/v1/plans?limit=1&cursor=${next}`)).status,
    200,
    'a cursor holds at every replica',
  )
  t.equal(await api.process.stop(), 0)
})
