import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startService, startSimulatorProcess } from '../../test/support/start-service.ts'
import type { Figure } from './report.ts'
import { megabytes } from './start-up.ts'
import { ask, endOf, planRequest } from './world.ts'

const JOBS = 300
const TIME_SCALE = '200'
const LIMIT_MS = 180_000

interface Put {
  path: string
  status: number
  requestBody: { properties: { networkProfile: { outboundType: string } } }
}

/** 300 jobs on 300 clusters at once in one process; Azure is simulated by another. */
export async function manyJobs(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-jobs-'))
  const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: TIME_SCALE })
  await ask(`${simulator.url}/simulator/reset`, { fleet: { count: JOBS, like: 'lb-managed' } })
  const settings = {
    DATA_DIR: folder,
    ARM_ENDPOINT: simulator.url,
    SIMULATOR_TIME_SCALE: TIME_SCALE,
    LOG_LEVEL: 'info',
  }
  const service = await startService(settings, ['--liftoff-only', '--max-semi-space-size=4'])
  const names = Array.from({ length: JOBS }, (_, index) => `lb-managed-${String(index + 1).padStart(4, '0')}`)
  const plans = await inTurns(names, (name) =>
    ask<{ id: string; acknowledgementsRequired: string[] }>(
      `${service.url}/v1/plans`,
      planRequest(name, 'managedNATGateway'),
    ),
  )
  const begin = performance.now()
  const jobs = await inTurns(plans, (plan) =>
    ask<{ id: string }>(`${service.url}/v1/jobs`, {
      planId: plan.id,
      acknowledge: plan.acknowledgementsRequired,
    }),
  )
  const ends = await Promise.all(
    jobs.map((job) => endOf<Ended>(`${service.url}/v1/jobs/${job.id}`, LIMIT_MS)),
  )
  const seconds = (performance.now() - begin) / 1_000
  const peak = megabytes(await readFile(`/proc/${service.pid}/status`, 'utf8'), 'VmHWM')
  const puts = await ask<Put[]>(`${simulator.url}/simulator/requests?method=PUT&contains=managedClusters`)
  await service.stop()
  await simulator.stop()
  await rm(folder, { recursive: true, force: true })
  const starts = ends.map(latencyMs).sort((a, b) => a - b)
  return [
    {
      name: `${JOBS} jobs at once: ended Succeeded`,
      value: ends.filter((job) => job.status === 'Succeeded').length,
      unit: 'jobs',
      atLeast: JOBS,
    },
    { name: 'most outbound-type PUTs on one cluster', value: mostOnOne(puts), unit: 'PUTs', atMost: 1 },
    { name: 'peak of resident memory with all of them', value: peak, unit: 'MB', atMost: 500 },
    { name: 'from the first order to the last end', value: seconds, unit: 's' },
    {
      name: 'from acceptance to the first step, median',
      value: starts[Math.floor(starts.length / 2)] ?? Number.NaN,
      unit: 'ms',
    },
    {
      name: 'from acceptance to the first step, p99',
      value: starts[Math.floor(starts.length * 0.99)] ?? Number.NaN,
      unit: 'ms',
    },
  ]
}

interface Ended {
  status: string
  timestamps: { acceptedAt: string; startedAt: string | null }
}

function latencyMs({ timestamps }: Ended): number {
  return new Date(timestamps.startedAt ?? Number.NaN).getTime() - new Date(timestamps.acceptedAt).getTime()
}

function mostOnOne(puts: Put[]): number {
  const counts = new Map<string, number>()
  for (const { path, status, requestBody } of puts) {
    const isSwitch =
      status < 300 && requestBody.properties.networkProfile.outboundType === 'managedNATGateway'
    const cluster = path.split('?')[0] ?? ''
    if (isSwitch) counts.set(cluster, (counts.get(cluster) ?? 0) + 1)
  }
  return Math.max(0, ...counts.values())
}

/** Twenty at a time, as a busy portal would. */
async function inTurns<T, R>(items: T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += 20)
    results.push(...(await Promise.all(items.slice(at, at + 20).map(act))))
  return results
}
