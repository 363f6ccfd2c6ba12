import { setTimeout as pause } from 'node:timers/promises'
import { CallBudget } from '../../src/azure/client/call-budget.ts'
import { type Engine, engines } from './engines.ts'
import { callsByCluster, type Figure, firstCallMs, type LoggedCall, memoryOf, percentile } from './measure.ts'
import { ask, planRequest } from './world.ts'

/** Jobs that are in flight at the same time; `JOBS` takes another number. */
const JOBS = Number(process.env.JOBS ?? 1_000)
const LIKE = 'lb-managed'
/** So slow that the first jobs have not ended when the last are accepted. */
const TIME_SCALE = 2
const LIMIT_MS = 1_800_000
/** Orders at the same time, as a busy portal would give them. */
const ORDERS = 20
/** How often a page of plans and a job are read while latency is measured, and for how long on an idle service. */
const READ_EVERY_MS = 20
/** Counting reads every job, which is work too. */
const COUNT_EVERY_MS = 3_000
const IDLE_MS = 10_000
const MAX_MB = { embedded: 600, server: 300 } as const

interface Plan {
  id: string
  acknowledgementsRequired: string[]
}

interface Job {
  id: string
  status: string
  cluster: { name: string }
  timestamps: { acceptedAt: string }
}

/** A thousand jobs in flight in one process, on each engine: its memory, its answers, and what it asks of Azure. */
export async function flight(): Promise<Figure[]> {
  const figures: Figure[] = []
  for await (const engine of engines({ timeScale: TIME_SCALE, fleet: { count: JOBS, like: LIKE } }))
    figures.push(...(await measure(engine)))
  return figures
}

async function measure({ name, kind, service, simulator }: Engine): Promise<Figure[]> {
  const { url, pid } = service
  const started = await memoryOf(pid)
  const plans = await inTurns(namesOf(JOBS), (each) =>
    ask<Plan>(`${url}/v1/plans`, planRequest(each, 'managedNATGateway')),
  )
  const planned = await memoryOf(pid)
  const idle = await latencies(`${url}/v1/plans/${plans[0]?.id}`, pause(IDLE_MS))
  const before = (await logOf(simulator.url)).length
  const begin = performance.now()
  const running = runJobs(url, plans)
  const loaded = await latencies(`${url}/v1/plans/${plans[0]?.id}`, running)
  const { jobs, most } = await running
  const seconds = (performance.now() - begin) / 1_000
  const memory = await memoryOf(pid)
  const calls = await callsByCluster(simulator.url)
  const log = (await logOf(simulator.url)).slice(before)
  const waits = jobs.map((job) => firstCallMs(job, calls.get(job.cluster.name)))
  const succeeded = jobs.filter(({ status }) => status === 'Succeeded').length
  const titled = (title: string) => `${name}: ${title}`
  const note = `${Math.round(started.residentMb)} MB started, ${Math.round(planned.peakMb)} MB peak after the plans`
  return [
    { name: titled(`${JOBS} jobs that ended Succeeded`), value: succeeded, unit: 'jobs', atLeast: JOBS },
    { name: titled('most in flight at the same time'), value: most, unit: 'jobs' },
    { name: titled('from the first order to the last end'), value: seconds, unit: 's' },
    {
      name: titled('peak of resident memory'),
      value: memory.peakMb,
      unit: 'MB',
      atMost: MAX_MB[kind],
      note,
    },
    ...latencyFigures(titled('a read of the idle service'), idle),
    ...latencyFigures(titled('the same read with the jobs in flight'), loaded),
    ...latencyFigures(titled('from acceptance to the first call to Azure, all at once'), waits),
    { name: titled('calls to Azure a second, mean'), value: log.length / seconds, unit: 'calls/s' },
    { name: titled('calls to Azure beyond its budgets'), value: beyond(log), unit: 'calls', atMost: 0 },
  ]
}

export function latencyFigures(name: string, values: number[]): Figure[] {
  return [
    { name: `${name}, p50`, value: percentile(values, 50), unit: 'ms' },
    { name: `${name}, p99`, value: percentile(values, 99), unit: 'ms' },
  ]
}

export function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${LIKE}-${String(index + 1).padStart(4, '0')}`)
}

/** One read after the other, at a steady pace, until `end`: milliseconds of each. */
async function latencies(url: string, end: Promise<unknown>): Promise<number[]> {
  let isOver = false
  const stop = () => {
    isOver = true
  }
  end.then(stop, stop)
  const times: number[] = []
  while (!isOver) {
    const start = performance.now()
    await ask(url)
    const took = performance.now() - start
    times.push(took)
    await pause(Math.max(READ_EVERY_MS - took, 0))
  }
  return times
}

async function runJobs(url: string, plans: Plan[]): Promise<{ jobs: Job[]; most: number }> {
  const ids = await inTurns(plans, async ({ id, acknowledgementsRequired }) => {
    const job = await ask<Job>(`${url}/v1/jobs`, { planId: id, acknowledge: acknowledgementsRequired })
    return job.id
  })
  const end = Date.now() + LIMIT_MS
  let most = 0
  for (;;) {
    const open = (await countOf(url, 'NotStarted')) + (await countOf(url, 'Running'))
    most = Math.max(most, open)
    if (open === 0) break
    if (Date.now() > end) throw new Error(`${open} jobs have not ended`)
    await pause(COUNT_EVERY_MS)
  }
  return { jobs: await inTurns(ids, (id) => ask<Job>(`${url}/v1/jobs/${id}`)), most }
}

async function countOf(url: string, status: string): Promise<number> {
  let count = 0
  for (let cursor = ''; ; ) {
    const page = await ask<{ items: unknown[]; next: string | null }>(
      `${url}/v1/jobs?status=${status}&limit=100${cursor}`,
    )
    count += page.items.length
    if (page.next === null) return count
    cursor = `&cursor=${encodeURIComponent(page.next)}`
  }
}

function logOf(simulatorUrl: string): Promise<LoggedCall[]> {
  return ask<LoggedCall[]>(`${simulatorUrl}/simulator/requests?bodies=false`)
}

/** Replays the calls against the published buckets: those for which there was no token when they came. */
function beyond(log: LoggedCall[]): number {
  let at = 0
  const budget = new CallBudget({ timeScale: TIME_SCALE }, () => at)
  return log.filter((call) => {
    at = Date.parse(call.at)
    return budget.acquire(call.method, call.path) > 0
  }).length
}

async function inTurns<T, R>(items: T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += ORDERS)
    results.push(...(await Promise.all(items.slice(at, at + ORDERS).map(act))))
  return results
}

/** Jobs that are ordered one after the other; `JOB_STARTS` takes another number. */
const JOB_STARTS = Number(process.env.JOBS ?? 100)
const EVERY_MS = 100

interface AcceptedJob {
  cluster: { name: string }
  timestamps: { acceptedAt: string }
}

/** How soon after its acceptance a job makes its first call to Azure, on a service that has other jobs under way. */
export async function jobStart(): Promise<Figure[]> {
  const figures: Figure[] = []
  for await (const engine of engines({ timeScale: 100, fleet: { count: JOB_STARTS, like: 'lb-managed' } }))
    figures.push(...(await measureJobStart(engine)))
  return figures
}

async function measureJobStart({ name, service: { url }, simulator }: Engine): Promise<Figure[]> {
  const jobs: AcceptedJob[] = []
  for (const each of namesOf(JOB_STARTS)) {
    const plan = await ask<{ id: string; acknowledgementsRequired: string[] }>(
      `${url}/v1/plans`,
      planRequest(each, 'managedNATGateway'),
    )
    jobs.push(
      await ask<AcceptedJob>(`${url}/v1/jobs`, {
        planId: plan.id,
        acknowledge: plan.acknowledgementsRequired,
      }),
    )
    await pause(EVERY_MS)
  }
  let waits: number[] = []
  // The last ones have only just been accepted.
  while (waits.length < JOB_STARTS || waits.some(Number.isNaN)) {
    await pause(EVERY_MS)
    const calls = await callsByCluster(simulator.url)
    waits = jobs.map((job) => firstCallMs(job, calls.get(job.cluster.name)))
  }
  return latencyFigures(`${name}: from acceptance to the first call to Azure`, waits)
}
