import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgresServer } from '../../test/support/postgres-server.ts'
import {
  type StartedProcess,
  startService,
  startSimulatorProcess,
  startWorker,
} from '../../test/support/processes.ts'
import { type Figure, type LoggedCall, memoryOf, processorSecondsOf } from './measure.ts'
import { ask, endOf } from './world.ts'

/** Smaller values of these measure a smaller campaign, for a busy machine. */
const MEMBERS = Number(process.env.CAMPAIGN_CLUSTERS ?? 1_000)
const WAVES = Number(process.env.CAMPAIGN_WAVES ?? 5)
const SUBSCRIPTIONS = Number(process.env.CAMPAIGN_SUBSCRIPTIONS ?? 10)
const CONCURRENT = Number(process.env.CAMPAIGN_CONCURRENT ?? 20)
/** How much faster than real time Azure runs: its operations, and its limits. */
const TIME_SCALE = process.env.CAMPAIGN_TIME_SCALE ?? '20'
/** Clusters that a loop changes one by one, as many at a time as the campaign. */
const LOOP = Math.max(CONCURRENT, Math.round(MEMBERS / 5))
const LIKE = 'lb-managed'
const TARGET = { outboundType: 'managedNATGateway' }
const LIMIT_MS = 3_600_000
/** Plans of one cluster that the loop creates. */
const MAX_PLANS = 3

interface Campaign {
  id: string
  status: string
  members: Record<string, number>
}

interface World {
  api: StartedProcess
  workers: StartedProcess[]
  simulator: StartedProcess
  /** ARM IDs, of the campaign and then of the loop. */
  ids: string[]
}

/** A campaign on two workers, and a loop of single jobs, against an Azure that enforces its documented limits. */
export async function campaign(): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack()
  const teardown = (end: () => unknown) => stack.defer(async () => void (await end()))
  const server = await startPostgresServer({
    comment: (...words: unknown[]) => console.log(...words),
    teardown,
  })
  const folder = await mkdtemp(join(tmpdir(), 'egress-campaign-'))
  teardown(() => rm(folder, { recursive: true, force: true }))
  if (server === null) throw new Error('campaigns on two workers need a PostgreSQL server')
  const simulator = await startSimulatorProcess({
    SIMULATOR_TIME_SCALE: TIME_SCALE,
    SIMULATOR_CALL_LIMITS: 'on',
  })
  teardown(() => simulator.kill())
  const fleet = { count: MEMBERS + LOOP, like: [LIKE, LIKE], subscriptions: SUBSCRIPTIONS }
  await ask(`${simulator.url}/simulator/reset`, { fleet })
  const settings = {
    ARM_ENDPOINT: simulator.url,
    DATABASE_URL: server.url,
    SIMULATOR_TIME_SCALE: TIME_SCALE,
  }
  const api = await startService({ ...settings, ROLE: 'api' })
  teardown(() => api.stop())
  const workers = await Promise.all([1, 2].map(() => startWorker(settings)))
  teardown(() => Promise.all(workers.map((worker) => worker.stop())))
  return await measure({ api, workers, simulator, ids: await readInventory(api) })
}

async function readInventory({ url }: StartedProcess): Promise<string[]> {
  const { id } = await ask<{ id: string }>(`${url}/v1/inventory/refresh`, {})
  for (let endedAt: string | null = null; endedAt === null; await pause(250)) {
    const latest = await ask<{ id: string; endedAt: string | null }>(`${url}/v1/inventory/refreshes/latest`)
    endedAt = latest.id === id ? latest.endedAt : null
  }
  const ids: string[] = []
  for (let cursor = ''; ; ) {
    const page = await ask<{ items: { id: string }[]; next: string | null }>(
      `${url}/v1/clusters?limit=100${cursor}`,
    )
    ids.push(...page.items.map((item) => item.id))
    if (page.next === null) return ids
    cursor = `&cursor=${encodeURIComponent(page.next)}`
  }
}

async function measure(world: World): Promise<Figure[]> {
  const { api, workers, ids } = world
  const loop = await timed(world, () => runLoop(api.url, ids.slice(MEMBERS)))
  const run = await timed(world, () => runCampaign(api.url, ids.slice(0, MEMBERS)))
  const rate = (count: number, { seconds }: { seconds: number }) => (count / seconds) * 60
  const processes = await Promise.all([api, ...workers].map(({ pid }) => memoryOf(pid)))
  const peakMb = Math.max(...processes.map((memory) => memory.peakMb))
  const rejected = [...loop.calls, ...run.calls].filter(({ status }) => status === 429)
  const note = `${rate(MEMBERS, run).toFixed(1)} against ${rate(LOOP, loop).toFixed(1)} per minute`
  return [
    {
      name: `members that succeeded, of ${MEMBERS} in ${WAVES} waves`,
      value: run.result,
      unit: 'members',
      atLeast: MEMBERS,
    },
    { name: 'calls to Azure per member', value: run.calls.length / MEMBERS, unit: 'calls' },
    { name: 'calls to Azure per cluster of the loop', value: loop.calls.length / LOOP, unit: 'calls' },
    { name: 'calls over the limits of Azure', value: rejected.length, unit: 'calls', atMost: 0 },
    {
      name: `members per minute against a loop of ${LOOP} single jobs`,
      value: rate(MEMBERS, run) / rate(LOOP, loop),
      unit: 'times',
      atLeast: 0.8,
      note,
    },
    {
      name: 'processor time of the service per member',
      value: (run.processorSeconds / MEMBERS) * 1_000,
      unit: 'ms',
      note: `${Math.round((loop.processorSeconds / LOOP) * 1_000)} ms per cluster of the loop`,
    },
    { name: 'from the creation of the campaign to its end', value: run.seconds, unit: 's' },
    { name: 'peak memory of a process', value: peakMb, unit: 'MB', atMost: 500 },
  ]
}

/** On a busy machine, the processor time says more about the service than the time that passes. */
async function timed({ api, workers, simulator }: World, act: () => Promise<number>) {
  const processor = () => processorSecondsOf([api, ...workers].map(({ pid }) => pid))
  const log = () =>
    ask<(LoggedCall & { status: number })[]>(`${simulator.url}/simulator/requests?bodies=false`)
  const before = (await log()).length
  const processorBefore = await processor()
  const begun = performance.now()
  const result = await act()
  const seconds = (performance.now() - begun) / 1_000
  const processorSeconds = (await processor()) - processorBefore
  return { result, seconds, processorSeconds, calls: (await log()).slice(before) }
}

/** What a script without campaigns does: plan, execute, wait, for some clusters at a time. */
async function runLoop(url: string, ids: readonly string[]): Promise<number> {
  const rest = ids.values()
  const caller = async () => {
    for (const id of rest) {
      const job = await startJob(url, id)
      const { status } = await endOf<{ status: string }>(`${url}/v1/jobs/${job.id}`, LIMIT_MS)
      if (status !== 'Succeeded') throw new Error(`the job of ${id} is ${status}`)
    }
  }
  await Promise.all(Array.from({ length: CONCURRENT }, caller))
  return ids.length
}

/** On a busy machine, reads of the plan can time out. The job is then rejected, and a script plans again. */
async function startJob(url: string, id: string): Promise<{ id: string }> {
  for (let attempt = 1; ; attempt++) {
    const plan = await makePlan(url, id)
    const order = { planId: plan.id, acknowledge: plan.acknowledgementsRequired }
    try {
      return await ask(`${url}/v1/jobs`, order)
    } catch (error) {
      if (attempt >= MAX_PLANS || !String(error).includes('PLAN_STALE')) throw error
    }
  }
}

function makePlan(url: string, id: string): Promise<{ id: string; acknowledgementsRequired: string[] }> {
  const [, , subscriptionId, , resourceGroup, , , , name] = id.split('/')
  return ask(`${url}/v1/plans`, { cluster: { subscriptionId, resourceGroup, name }, target: TARGET })
}

/** Returns how many members succeeded. */
async function runCampaign(url: string, ids: readonly string[]): Promise<number> {
  const { acknowledgementsRequired: acknowledge } = await makePlan(url, ids[0] ?? '')
  const wave = { maxConcurrent: CONCURRENT, maxFailures: 1 }
  const waves = Array.from({ length: WAVES }, (_, index) =>
    index === WAVES - 1 ? wave : { ...wave, count: Math.floor(ids.length / WAVES) },
  )
  const order = { name: 'Bench', select: { ids }, target: TARGET, waves, acknowledge }
  const { id } = await ask<Campaign>(`${url}/v1/campaigns`, order)
  const at = `${url}/v1/campaigns/${id}`
  await statusOf(at, ['Planned'])
  await ask(`${at}/actions`, { action: 'start' })
  const { members } = await statusOf(at, ['Succeeded', 'PartlySucceeded', 'Failed', 'Canceled', 'Paused'])
  return members.Succeeded ?? 0
}

async function statusOf(at: string, statuses: readonly string[]): Promise<Campaign> {
  for (const end = Date.now() + LIMIT_MS; ; await pause(200)) {
    const present = await ask<Campaign>(at)
    if (statuses.includes(present.status)) return present
    if (Date.now() > end) throw new Error(`the campaign is still ${present.status}`)
  }
}
