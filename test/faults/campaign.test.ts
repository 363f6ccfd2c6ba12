import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { demoCluster } from '../acceptance/support/requests.ts'
import { type Loose, listOf } from '../acceptance/support/service.ts'
import { startWorker } from '../support/processes.ts'
import { type Replicas, startReplicas, TARGET } from './support/replicas.ts'

/** Members, kills of a worker and restarts of the database; CI takes smaller numbers. */
const MEMBERS = Number(process.env.CAMPAIGN_MEMBERS ?? 100)
const KILLS = Number(process.env.KILLS ?? 20)
const OUTAGES = Number(process.env.OUTAGES ?? 2)
const KILL_EVERY_MS = Number(process.env.KILL_EVERY_MS ?? 10_000)
/** One operation in twenty fails. */
const FAILURES = Math.max(1, Math.round(MEMBERS / 20))
const CONCURRENT = 6
const FIRST_WAVE = Math.ceil(MEMBERS / 4)
const END_MS = 30 * 60_000

interface Call {
  at: number
  cluster: string
}

/** A PUT of a cluster, as the simulator logged it. */
async function putsOf({ azure }: Replicas): Promise<Call[]> {
  const { body } = await azure.get('/simulator/requests?method=PUT&bodies=false&contains=managedClusters')
  return listOf(body).map(({ at, path }) => ({
    at: Date.parse(String(at)),
    cluster: /managedClusters\/([^?]+)/.exec(String(path))?.[1] ?? '',
  }))
}

async function failOperations({ azure }: Replicas): Promise<void> {
  const rules = Array.from({ length: FAILURES }, (_, index) => ({
    match: { method: 'PUT', pathPattern: 'managedClusters/[^/]+\\?', nth: 3 + index * 20 },
    fault: { kind: 'failOperation', code: 'Failed', message: 'injected' },
  }))
  await azure.post('/simulator/faults', rules)
}

function requestOf({ names }: Replicas): object {
  const ids = names.map((name) => {
    const { subscriptionId, resourceGroup } = demoCluster(name)
    return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${name}`
  })
  const limits = { maxConcurrent: CONCURRENT, maxFailures: 1 }
  return {
    name: 'Faults',
    select: { ids },
    target: { outboundType: TARGET },
    acknowledge: ['EGRESS_IP_LOST'],
    waves: [
      { ...limits, count: FIRST_WAVE },
      { ...limits, gate: 'manual' },
    ],
  }
}

/** A user of the campaign, whose requests are repeated while the database is away. */
class Operator {
  readonly resumedAt: number[] = []
  readonly path: string
  releasedAt = Number.POSITIVE_INFINITY
  readonly #world: Replicas

  constructor(world: Replicas, id: string) {
    this.#world = world
    this.path = `/v1/campaigns/${id}`
  }

  async read(path = ''): Promise<Loose> {
    for (;;) {
      const { status, body } = await this.#world.planner.get(`${this.path}${path}`)
      if (status === 200) return body
      await pause(300)
    }
  }

  async act(action: object): Promise<void> {
    for (;;) {
      const { status, text } = await this.#world.planner.post(`${this.path}/actions`, action)
      if (status === 200) return
      if (status !== 503) throw new Error(text)
      await pause(300)
    }
  }

  /** Does what a person does until the campaign has ended. Fails if it does not end. */
  async follow(): Promise<Loose> {
    for (const end = Date.now() + END_MS; ; await pause(300)) {
      const campaign = await this.read()
      const { status, waitsFor } = campaign
      if (/Succeeded|Failed|Canceled/.test(String(status))) return campaign
      if (String(status) === 'Planned') await this.act({ action: 'start' })
      if (String(waitsFor?.code) === 'FAILURES') {
        this.resumedAt.push(Date.now())
        await this.act({ action: 'resume' })
      }
      if (String(waitsFor?.code) === 'GATE') {
        this.releasedAt = Date.now()
        await this.act({ action: 'releaseGate', wave: 2 })
      }
      if (Date.now() > end) throw new Error(`the campaign is still ${status}: ${JSON.stringify(waitsFor)}`)
    }
  }

  async members(): Promise<Loose[]> {
    const members: Loose[] = []
    for (let cursor = ''; ; ) {
      const page = await this.read(`/members?limit=100${cursor}`)
      members.push(...listOf(page.items))
      if (typeof page.next !== 'string') return members
      cursor = `&cursor=${encodeURIComponent(page.next)}`
    }
  }
}

/** Kills a worker and starts another one, and restarts the database, until the campaign has ended. */
async function disturb(world: Replicas, isOver: () => boolean): Promise<{ kills: number; outages: number }> {
  const { workers, settings, server } = world
  let kills = 0
  let outages = 0
  while (kills < KILLS || outages < OUTAGES) {
    for (const end = Date.now() + KILL_EVERY_MS; Date.now() < end; await pause(100))
      if (isOver()) return { kills, outages }
    if (kills < KILLS) {
      const place = kills % workers.length
      await workers[place]?.kill()
      kills++
      workers[place] = await startWorker(settings)
    }
    if (outages < OUTAGES) {
      await server.stop(outages % 2 === 0 ? 'fast' : 'immediate')
      await server.start()
      outages++
    }
  }
  return { kills, outages }
}

/** The most intervals that overlap at a moment. */
function mostAtATime(intervals: readonly { from: number; to: number }[]): number {
  return Math.max(
    0,
    ...intervals.map(({ from }) => intervals.filter((x) => x.from <= from && from < x.to).length),
  )
}

t.test('a campaign keeps its limits and gates while processes and the database fail', async (t) => {
  const world = await startReplicas(t, { clusters: MEMBERS, workers: 2, scale: '60' })
  if (world === null) return
  await failOperations(world)
  const created = await world.planner.post('/v1/campaigns', requestOf(world))
  if (created.status !== 201) throw new Error(created.text)
  const operator = new Operator(world, String(created.body.id))
  let isOver = false
  const disturbed = disturb(world, () => isOver)
  const ended = await operator.follow()
  isOver = true
  const { kills, outages } = await disturbed
  t.comment(`${kills} kills, ${outages} restarts of the database`)
  t.ok(kills > 0 && outages > 0, 'the campaign was disturbed')
  await assertKept(t, world, operator, ended)
})

async function assertKept(t: Test, world: Replicas, operator: Operator, ended: Loose): Promise<void> {
  const members = await operator.members()
  const puts = await putsOf(world)
  const nameOf = ({ clusterId }: Loose) => String(clusterId).split('/').at(-1) ?? ''
  const putAt = new Map(puts.map(({ cluster, at }) => [cluster, at]))
  t.equal(putAt.size, puts.length, 'each cluster changes its outbound type at most once')
  t.match(ended, { status: 'PartlySucceeded', members: { Succeeded: MEMBERS - FAILURES, Failed: FAILURES } })
  t.equal(members.length, MEMBERS)
  t.ok(
    members.every(({ status }) => String(status) === 'Succeeded' || String(status) === 'Failed'),
    'every member has ended',
  )
  const jobs = await Promise.all(
    members.map(async (member) => {
      const { body } = await world.planner.get(`/v1/jobs/${member.jobId}`)
      const from = putAt.get(nameOf(member)) ?? Number.NaN
      return { wave: Number(member.wave), from, to: Date.parse(String(body.timestamps?.finishedAt)), body }
    }),
  )
  const most = mostAtATime(jobs)
  t.ok(most > 1 && most <= CONCURRENT, `${most} clusters changed at a time, of ${CONCURRENT}`)
  const ofWave = (wave: number) => jobs.filter((job) => job.wave === wave)
  const firstOfSecond = Math.min(...ofWave(2).map(({ from }) => from))
  t.ok(firstOfSecond >= operator.releasedAt, 'no member of the second wave changed before its gate opened')
  const lastOfFirst = Math.max(...ofWave(1).map(({ to }) => to))
  t.ok(firstOfSecond >= lastOfFirst, 'nor before the first wave had ended')
  // A job that failed pauses the campaign: until a person resumes it, only jobs that had been accepted continue.
  for (const failed of jobs.filter(({ body }) => String(body.status) === 'Failed')) {
    const resumedAt = operator.resumedAt.find((at) => at >= failed.to) ?? Number.POSITIVE_INFINITY
    const late = jobs.filter(({ body }) => {
      const acceptedAt = Date.parse(String(body.timestamps?.acceptedAt))
      return acceptedAt > failed.to && acceptedAt < resumedAt
    })
    t.strictSame(
      late.map(({ body }) => body.id),
      [],
      'no job was accepted between a failure and the resumption',
    )
  }
}
