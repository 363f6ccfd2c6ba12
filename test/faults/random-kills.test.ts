import t, { type Test } from 'tap'
import { execute, isServed, makePlan, planFor } from '../acceptance/support/requests.ts'
import { listOf, until } from '../acceptance/support/service.ts'
import { startPostgres } from '../support/databases.ts'
import { outboundTypeOf, rangesOf, type Sent, TwoProcesses } from './support/two-processes.ts'

/** Kills on each engine; `KILLS` takes another number, `SEED` repeats a run. */
const KILLS = Number(process.env.KILLS ?? 100)
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
/** Jobs that are under way at a time: as many clusters, each with steps of every kind. */
const CLUSTERS = 8
const LIKE = 'lb-byo-ranges'

/** Mulberry32: small, and the same numbers for the same seed everywhere. */
function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** There and back between two types, with everything that can be prepared, so that no job is like the one before. */
async function order(world: TwoProcesses, name: string): Promise<string> {
  const path = `/v1/clusters/11111111-1111-1111-1111-111111111111/rg-demo/${name}/egress`
  const egress = await until(() => world.service.get(path), isServed, 60_000)
  const isBalanced = String(egress.body.declared?.outboundType) === 'loadBalancer'
  const request = isBalanced
    ? { ...planFor(name, 'userAssignedNATGateway'), prepare: { natGateway: {} } }
    : { ...planFor(name, 'loadBalancer'), prepare: { publicIps: { count: 1 } } }
  return String((await execute(world.service, await makePlan(world.service, request))).id)
}

async function killAndRestart(t: Test, engine: string, settings: Record<string, string>): Promise<void> {
  const next = random(SEED)
  const world = await TwoProcesses.start(t, '100', settings)
  const names = Array.from(
    { length: CLUSTERS },
    (_each, index) => `${LIKE}-${String(index + 1).padStart(4, '0')}`,
  )
  await world.control('POST', 'reset', { fleet: { count: CLUSTERS, like: LIKE } })
  const orders = new Map<string, { name: string }>()
  const open = new Map<string, string>()
  const ended = { jobs: 0, faulty: [] as string[] }
  /** Looks at every open job, and gives each cluster without one a new one. */
  const tend = async () => {
    for (const [name, id] of open) {
      const job = await world.job(id)
      if (!['Succeeded', 'Failed', 'Canceled'].includes(String(job.status))) continue
      open.delete(name)
      ended.jobs++
      if (String(job.status) !== 'Succeeded') ended.faulty.push(`${name} ${id}: ${JSON.stringify(job.error)}`)
    }
    for (const name of names) {
      if (open.has(name)) continue
      const id = await order(world, name)
      open.set(name, id)
      orders.set(id, { name })
    }
  }
  /** What was sent to each cluster; kept here, since the simulator drops the bodies of requests long ago. */
  const sentPuts = new Map<number, Sent & { seq: number }>()
  const collect = async () => {
    const seen = (await world.control('GET', 'requests?method=PUT')) as unknown as (Sent & { seq: number })[]
    for (const put of seen) if (put.requestBody !== null) sentPuts.set(put.seq, put)
  }
  for (let kill = 0; kill < KILLS; kill++) {
    await tend()
    await collect()
    await new Promise((resolve) => setTimeout(resolve, next() * 1_500))
    t.equal(await world.kill(), 'SIGKILL', `kill ${kill + 1}`)
    await world.restart()
  }
  for (const id of open.values()) {
    const job = await world.end(id)
    ended.jobs++
    if (String(job.status) !== 'Succeeded') ended.faulty.push(`${id}: ${JSON.stringify(job.error)}`)
  }
  t.comment(`${engine}: ${KILLS} kills, ${ended.jobs} jobs, seed ${SEED}`)
  t.strictSame(ended.faulty, [], 'every job ends as it would have')
  t.equal(ended.jobs, orders.size, 'and none is lost')
  await collect()
  const taken = [...sentPuts.values()].filter(({ status }) => status === 200 || status === 201)
  for (const name of names) {
    const puts = taken
      .filter(({ path }) => path.includes(`/managedClusters/${name}?`))
      .toSorted((a, b) => a.seq - b.seq)
    const types = puts.map(outboundTypeOf)
    const switches = types.filter((type, index) => type !== (types[index - 1] ?? 'loadBalancer')).length
    const jobs = [...orders.values()].filter((each) => each.name === name).length
    t.equal(switches, jobs, `${name}: the outbound type is changed once for each of ${jobs} jobs`)
    const sent = puts.map(rangesOf)
    const lost = sent
      .slice(1)
      .flatMap((ranges, index) => (sent[index] ?? []).filter((each) => !ranges.includes(each)))
    t.strictSame(lost, [], `${name}: no authorized range is ever taken away`)
  }
  const about = listOf((await world.service.get('/v1/jobs?status=Running')).body.items)
  t.equal(about.length, 0, 'nothing is left running')
}

// Both engines at a time: each mostly waits until a dead process is detected by its missing heartbeat.
t.jobs = 2

t.test('completes jobs despite random kills, on the embedded engine', { buffered: true }, (t) =>
  killAndRestart(t, 'PGlite', {}),
)

t.test('completes jobs despite random kills, on a server', { buffered: true }, async (t) => {
  const databaseUrl = await startPostgres(t)
  if (databaseUrl !== null) await killAndRestart(t, 'PostgreSQL', { DATABASE_URL: databaseUrl })
})
