import { setTimeout as pause } from 'node:timers/promises'
import { type Engine, engines } from './engines.ts'
import { latencyFigures, namesOf } from './flight.ts'
import type { Figure } from './report.ts'
import { callsByCluster, firstCallMs } from './simulator-log.ts'
import { ask, planRequest } from './world.ts'

/** Jobs that are ordered one after the other; `JOBS` takes another number. */
const JOBS = Number(process.env.JOBS ?? 100)
const EVERY_MS = 100

interface Job {
  cluster: { name: string }
  timestamps: { acceptedAt: string }
}

/** How soon after its acceptance a job makes its first call to Azure, on a service that has other jobs under way. */
export async function jobStart(): Promise<Figure[]> {
  const figures: Figure[] = []
  for await (const engine of engines({ timeScale: 100, fleet: { count: JOBS, like: 'lb-managed' } }))
    figures.push(...(await measure(engine)))
  return figures
}

async function measure({ name, service: { url }, simulator }: Engine): Promise<Figure[]> {
  const jobs: Job[] = []
  for (const each of namesOf(JOBS)) {
    const plan = await ask<{ id: string; acknowledgementsRequired: string[] }>(
      `${url}/v1/plans`,
      planRequest(each, 'managedNATGateway'),
    )
    jobs.push(
      await ask<Job>(`${url}/v1/jobs`, { planId: plan.id, acknowledge: plan.acknowledgementsRequired }),
    )
    await pause(EVERY_MS)
  }
  let waits: number[] = []
  // The last ones have only just been accepted.
  while (waits.length < JOBS || waits.some(Number.isNaN)) {
    await pause(EVERY_MS)
    const calls = await callsByCluster(simulator.url)
    waits = jobs.map((job) => firstCallMs(job, calls.get(job.cluster.name)))
  }
  return latencyFigures(`${name}: from acceptance to the first call to Azure`, waits)
}
