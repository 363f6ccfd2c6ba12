import t, { type Test } from 'tap'
import { until } from '../acceptance/support/service.ts'
import { type StartedProcess, startWorker } from '../support/processes.ts'
import {
  clusterLocks,
  countOf,
  executeAll,
  FINAL,
  plansFor,
  putsOf,
  type Replicas,
  startReplicas,
  TARGET,
  Takeovers,
} from './support/replicas.ts'

/** Jobs for each number of workers; `JOBS` takes another number. */
const JOBS = Number(process.env.JOBS ?? 500)
/** How many work at a time; `WORKERS=4` takes that number alone. */
const WORKERS = (process.env.WORKERS ?? '2,4').split(',').map(Number)
const KILL_EVERY_MS = 1_000
/** A kill waits until its victim has a tick under way: one between two ticks would show nothing. */
const LOOK_EVERY_MS = 20
const LIMIT_MS = 600_000
/** What the queue promises (src/jobs/queue.ts), and how much later a busy machine may be. */
const PROMISE_MS = 15_000
const PATIENCE = 3

/**
 * Every second kills the worker that has worked longest; a spare that was started before takes its place, so that there
 * are as many as before. Where starting takes longer than a second, a kill waits for its spare.
 */
class Killer {
  readonly #world: Replicas
  readonly #takeovers: Takeovers
  readonly #timer: NodeJS.Timeout
  /** Oldest first. */
  readonly #alive: StartedProcess[]
  readonly #count: number
  #spare: Promise<unknown> = Promise.resolve()
  #killedAt = 0
  kills = 0

  constructor(world: Replicas, takeovers: Takeovers) {
    this.#world = world
    this.#takeovers = takeovers
    this.#alive = [...world.workers]
    this.#count = this.#alive.length
    for (const each of this.#alive) takeovers.read(each)
    this.#startSpare()
    this.#timer = setInterval(() => this.#killOne(), LOOK_EVERY_MS)
  }

  /** Resolves when there is a spare, so that the first kill waits for nothing. */
  async ready(): Promise<void> {
    await this.#spare
  }

  #startSpare(): void {
    this.#spare = startWorker(this.#world.settings).then((worker) => {
      this.#world.workers.push(worker)
      this.#takeovers.read(worker)
      this.#alive.push(worker)
    })
  }

  #killOne(): void {
    const victim = this.#alive[0]
    if (victim === undefined || this.#alive.length <= this.#count) return
    if (performance.now() - this.#killedAt < KILL_EVERY_MS || !this.#takeovers.isBusy(victim)) return
    this.#killedAt = performance.now()
    this.#alive.shift()
    this.kills++
    this.#takeovers.killed(victim)
    void victim.kill()
    this.#startSpare()
  }

  /** Stops killing processes; resolves when the last spare process is ready. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#spare
  }
}

async function jobsAndKills(t: Test, workers: number): Promise<void> {
  const world = await startReplicas(t, { clusters: JOBS, workers, scale: '60', logLevel: 'debug' })
  if (world === null) return
  const { planner, names } = world
  const plans = await plansFor(world, names)
  const takeovers = new Takeovers()
  const killer = new Killer(world, takeovers)
  t.teardown(() => killer.stop())
  await killer.ready()
  const start = performance.now()
  const ids = await executeAll(world, plans)
  await until(
    async () => Promise.all(FINAL.map((status) => countOf(planner, status))),
    (counts) => counts.reduce((sum, count) => sum + count) === JOBS,
    LIMIT_MS,
  )
  const seconds = Math.round((performance.now() - start) / 1_000)
  await killer.stop()
  const { taken, p50, max } = takeovers.figures()
  t.comment(`${workers} workers, ${JOBS} jobs, ${killer.kills} kills in ${seconds} s`)
  t.comment(`${taken} ticks were lost with their worker; taken over after p50 ${p50} ms, max ${max} ms`)

  t.ok(killer.kills > 0 && taken > 0, 'workers were killed in the middle of ticks')
  t.ok(max < PROMISE_MS * PATIENCE, `another worker takes over within ${PROMISE_MS} ms on a machine at rest`)
  t.equal(new Set(ids).size, JOBS)
  t.equal(await countOf(planner, 'Succeeded'), JOBS, 'all end, and as they would have')
  t.strictSame(await putsOf(world), names, `one PUT for each cluster, to ${TARGET}`)
  t.equal(await clusterLocks(world.server.url), 0, 'no lock is left')
}

for (const workers of WORKERS)
  t.test(`completes every job once with ${workers} workers while one is killed every second`, (t) =>
    jobsAndKills(t, workers),
  )
