import { sql } from 'kysely'
import type { Test } from 'tap'
import { openDatabase } from '../../../src/database/engine/database.ts'
import { execute, makePlan, planFor } from '../../acceptance/support/requests.ts'
import { type Client, client, type Loose, listOf, temporaryFolder } from '../../acceptance/support/service.ts'
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts'
import {
  type StartedProcess,
  startService,
  startSimulatorProcess,
  startWorker,
} from '../../support/processes.ts'
import { assertServiceAnnounced } from '../../support/watcher.ts'

/** How many clusters are locked by a job. */
export async function clusterLocks(databaseUrl: string): Promise<number> {
  const database = await openDatabase({ dataDir: null, databaseUrl })
  try {
    const { rows } = await sql<{ count: string }>`select count(*) as count from cluster_locks`.execute(
      database.kysely,
    )
    return Number(rows[0]?.count)
  } finally {
    await database.close()
  }
}

export const FINAL = ['Succeeded', 'Failed', 'Canceled']
/** How many callers there are at a time. */
const CALLERS = 20

/** Does something with every item, a few at a time, and keeps their order. */
export async function inCrowd<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const rest = items.entries()
  const caller = async () => {
    for (const [index, item] of rest) results[index] = await act(item)
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return results
}

/** One process that answers and some that work, on one PostgreSQL server, with Azure simulated by another process. */
export interface Replicas {
  server: PostgresServer
  planner: Client
  api: StartedProcess
  workers: StartedProcess[]
  /** Settings of every process, to start another. */
  settings: Record<string, string>
  azure: Client
  /** The names of the clusters of the fleet. */
  names: string[]
}

const LIKE = 'lb-managed'
export const TARGET = 'managedNATGateway'

/** Starts all of it; null where no server can be had. `scale` is how much faster than real time Azure runs. */
export async function startReplicas(
  t: Test,
  given: { clusters: number; workers: number; scale: string; logLevel?: string; flags?: string[] },
): Promise<Replicas | null> {
  const server = await startPostgresServer(t)
  if (server === null) return null
  const simulator = await startSimulatorProcess({ SIMULATOR_TIME_SCALE: given.scale })
  t.teardown(() => simulator.kill())
  const azure = client(simulator.url)
  const fleet = { count: given.clusters, like: LIKE }
  const reset = await azure.post('/simulator/reset', { fleet })
  if (reset.status !== 200) throw new Error(reset.text)
  const settings = {
    ARM_ENDPOINT: simulator.url,
    DATABASE_URL: server.url,
    SIMULATOR_TIME_SCALE: given.scale,
    LOG_LEVEL: given.logLevel ?? 'info',
    // Processes that are started all the time need not compile the same again.
    NODE_COMPILE_CACHE: await temporaryFolder(t),
  }
  const api = await startService({ ...settings, ROLE: 'api' })
  t.teardown(() => assertServiceAnnounced(api, simulator.url).finally(() => api.kill()))
  const workers = await Promise.all(Array.from({ length: given.workers }, () => startWorker(settings)))
  t.teardown(() => Promise.all(workers.map((each) => each.kill())))
  const names = Array.from({ length: given.clusters }, (_, i) => `${LIKE}-${String(i + 1).padStart(4, '0')}`)
  return { server, planner: client(api.url), api, workers, settings, azure, names }
}

export function plansFor({ planner }: Replicas, names: readonly string[]): Promise<Loose[]> {
  return inCrowd(names, (name) => makePlan(planner, planFor(name, TARGET)))
}

export function executeAll({ planner }: Replicas, plans: readonly Loose[]): Promise<string[]> {
  return inCrowd(plans, async (plan) => String((await execute(planner, plan)).id))
}

/** Jobs in one state, counted over all pages. */
export async function countOf({ get }: Client, status: string): Promise<number> {
  let count = 0
  for (let cursor = ''; ; ) {
    const { body } = await get(`/v1/jobs?status=${status}&limit=100${cursor}`)
    count += listOf(body.items).length
    if (typeof body.next !== 'string') return count
    cursor = `&cursor=${encodeURIComponent(body.next)}`
  }
}

/** The names of the changed clusters, one for each PUT that was sent, sorted. */
export async function putsOf({ azure }: Replicas): Promise<string[]> {
  const puts = listOf((await azure.get('/simulator/requests?method=PUT')).body)
  return puts.map(({ path }) => /managedClusters\/([^?]+)/.exec(String(path))?.[1] ?? String(path)).sort()
}

interface TickLine {
  msg: string
  tick: string
  jobId: string
  time: number
}

/**
 * Reads in the logs of workers (LOG_LEVEL debug) which ticks each has under way, and how long after a worker's death
 * another one takes what it had. The times are those of the log's lines, in milliseconds.
 */
export class Takeovers {
  /** By worker, the ticks that it has taken and not done, with the job of each. */
  readonly #underWay = new Map<StartedProcess, Map<string, string>>()
  /** By tick, when the worker that had it was killed. */
  readonly #orphans = new Map<string, number>()
  readonly #delays: number[] = []
  readonly #lines = new Map<StartedProcess, number>()

  /** Follows a worker from now on. */
  read(worker: StartedProcess): void {
    this.#underWay.set(worker, new Map())
    this.#lines.set(worker, 0)
  }

  /** To be called at the moment at which a worker is killed. */
  killed(worker: StartedProcess): void {
    this.#catchUp()
    const now = Date.now()
    for (const tick of this.#underWay.get(worker)?.keys() ?? []) this.#orphans.set(tick, now)
    this.#underWay.delete(worker)
    this.#lines.delete(worker)
  }

  /** Whether a worker has a tick under way, as far as its log has come. */
  isBusy(worker: StartedProcess): boolean {
    this.#catchUp()
    return (this.#underWay.get(worker)?.size ?? 0) > 0
  }

  figures(): { taken: number; p50: number; max: number } {
    this.#catchUp()
    const sorted = this.#delays.toSorted((a, b) => a - b)
    return {
      taken: sorted.length,
      p50: sorted[Math.floor(sorted.length / 2)] ?? 0,
      max: sorted.at(-1) ?? 0,
    }
  }

  #catchUp(): void {
    for (const [worker, done] of this.#lines) {
      const fresh = worker.lines.slice(done)
      this.#lines.set(worker, done + fresh.length)
      for (const line of fresh) if (line.includes('"tick":')) this.#see(worker, JSON.parse(line) as TickLine)
    }
  }

  #see(worker: StartedProcess, { msg, tick, jobId, time }: TickLine): void {
    const own = this.#underWay.get(worker)
    if (msg !== 'tick started') {
      own?.delete(tick)
      return
    }
    own?.set(tick, jobId)
    const since = this.#orphans.get(tick)
    if (since === undefined) return
    this.#orphans.delete(tick)
    this.#delays.push(time - since)
  }
}
