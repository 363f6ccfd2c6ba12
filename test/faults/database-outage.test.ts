import t, { type Test } from 'tap'
import { execute, makePlan, planFor } from '../acceptance/support/requests.ts'
import { type Answer, ended, until } from '../acceptance/support/service.ts'
import type { StopMode } from '../support/postgres-server.ts'
import {
  clusterLocks,
  executeAll,
  FINAL,
  plansFor,
  putsOf,
  type Replicas,
  startReplicas,
} from './support/replicas.ts'

/** Outages in each mode; `OUTAGES` takes another number. */
const OUTAGES = Number(process.env.OUTAGES ?? 2)
/** Clusters that have a job under way when the server goes, and those that are asked for while it is away. */
const UNDER_WAY = 12
const ASKED_FOR = 4
/** A process that has lost every connection has new ones long before that, on a busy machine too. */
const BACK_MS = 60_000
/** The key of a request that an outage interrupted is in use for a minute after the request, as after a crash. */
const KEY_MS = 60_000
const END_MS = 120_000

/** What every answer must be while the database is away: a problem that says so, and nothing of the inside. */
function saysSo(t: Test, answer: Answer, code: string): void {
  t.equal(answer.status, 503, answer.text)
  t.match(answer.headers.get('content-type'), 'application/problem+json')
  t.match(answer.body, { code })
  t.ok(Number(answer.headers.get('retry-after')) > 0, 'and when to ask again')
  t.notMatch(answer.text, /ECONNREFUSED|terminat|postgres|node_modules|\n\s+at /)
}

/** Orders a job as a careful caller does: the same request with the same key until it is answered. */
async function orderUntilTaken(
  { planner }: Replicas,
  plan: { id: string; codes: string[] },
): Promise<string> {
  const order = { planId: plan.id, acknowledge: plan.codes }
  const answer = await until(
    () => planner.post('/v1/jobs', order, { 'idempotency-key': plan.id }),
    ({ status, text }) => {
      if (status !== 202 && status !== 503 && status !== 409) throw new Error(text)
      return status === 202
    },
    KEY_MS + BACK_MS,
  )
  return String(answer.body.id)
}

async function outage(t: Test, mode: StopMode): Promise<void> {
  const world = await startReplicas(t, { clusters: UNDER_WAY + ASKED_FOR, workers: 2, scale: '60' })
  if (world === null) return
  const { planner, server, names } = world
  const plans = await plansFor(world, names)
  const ids = await executeAll(world, plans.slice(0, UNDER_WAY))
  const later = plans.slice(UNDER_WAY).map((plan) => ({
    id: String(plan.id),
    codes: plan.acknowledgementsRequired as unknown as string[],
  }))
  await until(
    () => putsOf(world),
    (puts) => puts.length > 0,
  )
  const orders: Promise<string>[] = []
  for (let time = 0; time < OUTAGES; time++) {
    await server.stop(mode)
    saysSo(t, await planner.get('/readyz'), 'NOT_READY')
    t.equal((await planner.get('/healthz')).status, 200, 'the process itself lives')
    saysSo(t, await planner.get(`/v1/jobs/${ids[0]}`), 'DATABASE_UNAVAILABLE')
    saysSo(t, await planner.get('/v1/plans'), 'DATABASE_UNAVAILABLE')
    saysSo(t, await planner.get(`/v1/jobs/${ids[0]}/events`), 'DATABASE_UNAVAILABLE')
    saysSo(t, await planner.post(`/v1/jobs/${ids[0]}/cancellation`), 'DATABASE_UNAVAILABLE')
    if (time === 0) {
      const [plan] = later
      saysSo(
        t,
        await planner.post('/v1/jobs', { planId: plan?.id, acknowledge: plan?.codes }),
        'DATABASE_UNAVAILABLE',
      )
      orders.push(...later.map((each) => orderUntilTaken(world, each)))
    }
    await server.start()
    await until(
      () => planner.get('/readyz'),
      ({ status }) => status === 200,
      BACK_MS,
    )
  }
  ids.push(...(await Promise.all(orders)))
  t.equal(new Set(ids).size, names.length, 'each order is one job')
  for (const id of ids)
    t.match(
      await ended(planner, id, END_MS),
      { status: 'Succeeded', error: null },
      'it ends as it would have',
    )
  t.strictSame(await putsOf(world), names, 'and no cluster was told twice')
  t.equal(await clusterLocks(server.url), 0, 'no lock is left')
  await hearsChanges(t, world, names[0] ?? '')
  for (const each of [world.api, ...world.workers])
    t.equal(await each.stop(), 0, 'no process died of it', { lastLines: each.lines.slice(-8) })
}

/** The connections that listen are there again: polls that wait are answered by changes, and never by their time. */
async function hearsChanges(t: Test, { planner }: Replicas, name: string): Promise<unknown> {
  const plan = await makePlan(planner, planFor(name, 'loadBalancer'))
  const { id } = await execute(planner, plan)
  for (let etag = ''; ; ) {
    const headers = { prefer: 'wait=60', ...(etag === '' ? {} : { 'if-none-match': etag }) }
    const answer = await planner.get(`/v1/jobs/${id}`, headers)
    if (answer.status !== 200) return t.fail(`no change was heard of: ${answer.status}`)
    if (FINAL.includes(String(answer.body.status))) return t.equal(answer.body.status, 'Succeeded')
    etag = answer.headers.get('etag') ?? ''
  }
}

for (const mode of ['fast', 'immediate'] as const)
  t.test(`completes running jobs after a restart of the database server (${mode} shutdown)`, (t) =>
    outage(t, mode),
  )
