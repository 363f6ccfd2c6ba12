import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StartedProcess, startService, startSimulatorProcess } from '../../test/support/processes.ts'
import { callsByCluster, type Figure, firstCallMs, type LoggedCall, memoryOf, percentile } from './measure.ts'
import { ask, endOf, planRequest } from './world.ts'

const JOBS = 300
const LIKE = 'lb-managed'
const TIME_SCALE = '200'
const LIMIT_MS = 180_000
/** Orders at the same time, as a busy portal would give them. */
const ORDERS = 20

interface Plan {
  id: string
  acknowledgementsRequired: string[]
}

interface Job {
  status: string
  cluster: { name: string }
  timestamps: { acceptedAt: string }
}

/** 300 simultaneous jobs on 300 clusters in one process; another process simulates Azure. */
export async function manyJobs(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-jobs-'))
  const started: StartedProcess[] = []
  try {
    const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: TIME_SCALE })
    started.push(simulator)
    await ask(`${simulator.url}/simulator/reset`, { fleet: { count: JOBS, like: LIKE } })
    const settings = { DATA_DIR: folder, ARM_ENDPOINT: simulator.url, SIMULATOR_TIME_SCALE: TIME_SCALE }
    const service = await startService(settings)
    started.push(service)
    const plans = await makePlans(service.url)
    const before = await memoryOf(service.pid)
    const { jobs, seconds } = await runJobs(service.url, plans)
    const { peakMb } = await memoryOf(service.pid)
    const note = `${Math.round(before.peakMb)} MB before the first job`
    const memory = {
      name: 'peak of resident memory with all of them',
      value: peakMb,
      unit: 'MB',
      atMost: 500,
      note,
    }
    return [...figures(jobs, await callsByCluster(simulator.url), seconds), memory]
  } finally {
    for (const each of started.reverse()) await each.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Plans first, so that all jobs are ordered within a moment. */
function makePlans(url: string): Promise<Plan[]> {
  const names = Array.from({ length: JOBS }, (_, index) => `${LIKE}-${String(index + 1).padStart(4, '0')}`)
  return inTurns(names, (name) => ask<Plan>(`${url}/v1/plans`, planRequest(name, 'managedNATGateway')))
}

async function runJobs(url: string, plans: Plan[]): Promise<{ jobs: Job[]; seconds: number }> {
  const begin = performance.now()
  const accepted = await inTurns(plans, ({ id, acknowledgementsRequired }) =>
    ask<{ id: string }>(`${url}/v1/jobs`, { planId: id, acknowledge: acknowledgementsRequired }),
  )
  const jobs = await Promise.all(accepted.map(({ id }) => endOf<Job>(`${url}/v1/jobs/${id}`, LIMIT_MS)))
  return { jobs, seconds: (performance.now() - begin) / 1_000 }
}

function figures(jobs: Job[], calls: Map<string, LoggedCall[]>, seconds: number): Figure[] {
  const succeeded = jobs.filter((job) => job.status === 'Succeeded').length
  const puts = jobs.map(({ cluster }) => putsAmong(calls.get(cluster.name)))
  const waits = jobs.map((job) => firstCallMs(job, calls.get(job.cluster.name)))
  const first = 'from acceptance to the first call to Azure'
  return [
    { name: `${JOBS} jobs at once that ended Succeeded`, value: succeeded, unit: 'jobs', atLeast: JOBS },
    { name: 'least PUTs on one of their clusters', value: Math.min(...puts), unit: 'PUTs', atLeast: 1 },
    { name: 'most PUTs on one of their clusters', value: Math.max(...puts), unit: 'PUTs', atMost: 1 },
    { name: 'from the first order to the last end', value: seconds, unit: 's' },
    { name: `${first}, p50`, value: percentile(waits, 50), unit: 'ms' },
    { name: `${first}, p99`, value: percentile(waits, 99), unit: 'ms' },
  ]
}

/** A job on such a cluster PUTs only the outbound type, so every PUT counts, answered or not. */
function putsAmong(calls: LoggedCall[] = []): number {
  return calls.filter((call) => call.method === 'PUT').length
}

async function inTurns<T, R>(items: T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += ORDERS)
    results.push(...(await Promise.all(items.slice(at, at + ORDERS).map(act))))
  return results
}
