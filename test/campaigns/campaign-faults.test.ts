import t from 'tap'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { CampaignWorld } from './campaign-world.ts'

const NAMES = [
  'lb-managed',
  'nat-managed',
  'natv2-managed',
  'lb-byo-nat-attached',
  'nat-byo',
  'lb-own-ips',
  'lb-byo-udr-ready',
]
const MAX_CONCURRENT = 2
const SEED = 2

/** Numbers from 0 to 1 that depend on the seed only (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const database = await openMigrated(openEmptyDatabase(t))

t.test('a campaign whose workers die at random keeps its limits and changes no cluster twice', async (t) => {
  const world = await CampaignWorld.start(t, database)
  const random = randomOf(SEED)
  world.dies = () => random() < 0.25
  const to = (
    clusterName: string,
    outboundType: 'loadBalancer' | 'userAssignedNATGateway' | 'userDefinedRouting',
  ) => ({
    clusters: [{ clusterName }],
    target: { outboundType },
  })
  const { id } = await world.create(NAMES, {
    targetRules: [
      to('nat*', 'loadBalancer'),
      to('*-attached', 'userAssignedNATGateway'),
      to('*udr*', 'userDefinedRouting'),
    ],
    waves: [
      { count: 2, maxConcurrent: 1, maxFailures: 9 },
      { gate: 'manual', maxConcurrent: MAX_CONCURRENT, maxFailures: 9 },
    ],
  })
  const attend = async () => {
    const members = (await world.members(id)).filter(({ status }) => status === 'NeedsDecision')
    const { acknowledgements } = await world.campaigns.planning(id)
    const acknowledge = acknowledgements.map(({ code }) => code)
    if (members.length > 0)
      await world.act(id, { action: 'accept', members: members.map((item) => item.id), acknowledge })
  }
  let released = false
  const check = async () => {
    const { items } = await world.jobs.list({ limit: 100, cursor: null })
    const members = await world.members(id)
    const jobs = items.filter((job) => members.some(({ jobId }) => jobId === job.id))
    const active = jobs.filter(({ status }) => status === 'NotStarted' || status === 'Running')
    if (active.length > MAX_CONCURRENT) t.fail(`${active.length} jobs at a time`)
    const early = members.filter(({ wave, jobId }) => wave === 2 && jobId !== null)
    if (!released && early.length > 0) t.fail('a job starts behind a closed gate')
  }
  await world.run(undefined, check)
  await attend()
  await world.act(id, { action: 'start' })
  await world.run(undefined, check)
  t.equal((await world.campaigns.get(id)).waitsFor?.code, 'GATE')
  released = true
  await world.act(id, { action: 'releaseGate', wave: 2 })
  await world.run(undefined, check)
  const { status, members: counts } = await world.campaigns.get(id)
  const members = await world.members(id)
  t.ok(world.deaths > 0, `${world.deaths} workers have died`)
  t.equal(counts.Succeeded + counts.Blocked, NAMES.length, JSON.stringify(await world.statuses(id)))
  t.ok(counts.Succeeded >= 5, `${counts.Succeeded} succeeded`)
  t.equal(status, counts.Blocked === 0 ? 'Succeeded' : 'PartlySucceeded')
  const puts = (await world.demo.requests()).filter(
    ({ method, path, requestBody }) =>
      method === 'PUT' && /managedClusters\/[^/]+$/.test(path.split('?')[0] ?? '') && requestBody !== null,
  )
  const clusters = puts.map(({ path }) => /managedClusters\/([^/?]+)/.exec(path)?.[1])
  t.equal(new Set(clusters).size, clusters.length, `one PUT for each cluster: ${clusters.join()}`)
  t.equal(members.filter(({ jobId }) => jobId !== null).length, counts.Succeeded)
})
