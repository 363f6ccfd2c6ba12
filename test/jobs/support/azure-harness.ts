import type { Test } from 'tap'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import type { Job } from '../../../src/contract/job.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { PollBudget } from '../../../src/core/job/polling.ts'
import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import type { Database } from '../../../src/database/engine/database.ts'
import { createJobs } from '../../../src/jobs/commands/create-jobs.ts'
import { createProbes } from '../../../src/jobs/commands/create-probes.ts'
import type { JobsDeps } from '../../../src/jobs/deps.ts'
import type { JobOrder, Jobs, Probes } from '../../../src/jobs/jobs.ts'
import { sweep, TickRunner } from '../../../src/jobs/worker/worker.ts'
import { createPlanning } from '../../../src/planning/create-planning.ts'
import type { Planning } from '../../../src/planning/planning.ts'
import { createTakeSnapshot } from '../../../src/planning/snapshot/take-snapshot.ts'
import { ANY_POLICY } from '../../support/a-plan.ts'
import { type Demo, startDemo } from '../../support/demo.ts'
import { assertAllAnnounced } from '../../support/watcher.ts'
import { ManualQueue } from './hand-queue.ts'
import { anId, START } from './job-harness.ts'

/** A request of the simulator's log, with the moment, on the room's clock, of the tick that made it. */
export interface Asked {
  seq: number
  method: string
  path: string
  status: number | null
  requestBody: unknown
  at: number
}

export interface Struck {
  match: object
  fault: { kind: string }
}

const LONGEST_JOB_TICKS = 800

/**
 * Jobs of this process on the simulated Azure, over real HTTP, with a clock and a queue that only `run` moves. The
 * waits of a job cost no time, and every request is known with its tick.
 */
export class AzureHarness {
  readonly demo: Demo
  readonly planning: Planning
  readonly jobs: Jobs
  readonly probes: Probes
  readonly asked: Asked[] = []
  /** The plans of the jobs that were ordered. */
  readonly executed: Plan[] = []
  readonly #deps: JobsDeps
  readonly #queue = new ManualQueue()
  #ticks: TickRunner
  #clock = START
  #seen = 0

  constructor(demo: Demo, database: Database) {
    this.demo = demo
    const arm = connectArm({ endpoint: demo.url, simulated: true, retries: { baseDelayMs: 1 } })
    const now = () => this.#clock
    const shared = { database, azure: 'simulated' as const, now, newId: anId }
    const takeSnapshot = createTakeSnapshot(arm, now)
    this.#deps = {
      ...shared,
      takeSnapshot,
      queue: this.#queue,
      arm,
      uptime: () => 0,
      random: () => 0.5,
      waitScale: 1,
      polls: new PollBudget(),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    }
    this.planning = createPlanning({ ...shared, takeSnapshot, policy: ANY_POLICY, planTtlMinutes: 600 })
    this.jobs = createJobs(this.#deps)
    this.probes = createProbes(this.#deps)
    this.#ticks = new TickRunner(this.#deps)
  }

  get deps(): JobsDeps {
    return this.#deps
  }

  get clock(): number {
    return this.#clock.getTime()
  }

  plan(cluster: string, target: RequestedTarget, rest: Partial<PlanningRequest> = {}): Promise<Plan> {
    const request = {
      cluster: this.demo.ref(cluster),
      target,
      authorizedRanges: 'widen',
      reason: null,
      ...rest,
    }
    return this.planning.makePlan(request as PlanningRequest, 'tester')
  }

  /** Orders the job; its requests are counted from here. */
  async accept(plan: Plan, given: Pick<JobOrder, 'onFailure'> = {}): Promise<Job> {
    const { id, acknowledgementsRequired } = plan
    const order = { planId: id, acknowledge: acknowledgementsRequired, reason: null, by: 'tester' }
    const job = await this.jobs.accept({ ...order, ...given })
    this.executed.push(plan)
    await this.#note()
    this.asked.length = 0
    return job
  }

  async strike(rules: Struck[]): Promise<void> {
    await this.demo.control('faults', rules)
  }

  /** How often each rule has struck, in the order in which they were given. */
  async strikes(): Promise<number[]> {
    return ((await this.demo.control('faults')) as { strikes: number }[]).map(({ strikes }) => strikes)
  }

  /**
   * Runs a job to its end. With `dies` the process dies once, when the last rule applies, and another process
   * continues.
   */
  async run(given: { dies?: boolean } = {}): Promise<void> {
    let isToDie = given.dies === true
    for (let ticks = 0; ticks < LONGEST_JOB_TICKS; ticks++) {
      const next = this.#queue.take()
      if (next === null) return
      await this.#moveTo(next.at)
      const tick = this.#ticks.run(next.order, next.isRedelivery)
      if (isToDie && (await this.#hasDied(tick))) {
        isToDie = false
        await this.#moveTo(new Date(this.clock + 2_000))
        this.#ticks = new TickRunner(this.#deps)
        await sweep(this.#deps, null)
      } else await tick
      await this.#note()
    }
    throw new Error('the job does not come to an end')
  }

  /** Whether a rule holds the tick permanently; the tick then never continues. */
  async #hasDied(tick: Promise<void>): Promise<boolean> {
    let isOver = false
    const over = tick.then(
      () => (isOver = true),
      () => (isOver = true),
    )
    while (!isOver) {
      if (((await this.strikes()).at(-1) ?? 0) > 0) return true
      await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 3))])
    }
    return false
  }

  async #moveTo(moment: Date): Promise<void> {
    const advanceSeconds = (moment.getTime() - this.clock) / 1_000
    if (advanceSeconds <= 0) return
    this.#clock = moment
    await this.demo.control('clock', { advanceSeconds })
  }

  /** The log with the answers: what is under way in a tick gets them later. */
  async #note(): Promise<void> {
    const fresh = (await this.demo.control(`requests?after=${this.#seen}`)) as Omit<Asked, 'at'>[]
    this.#seen = fresh.at(-1)?.seq ?? this.#seen
    this.asked.push(...fresh.map((each) => ({ ...each, at: this.clock })))
  }
}

/**
 * One simulated Azure for all rooms of a test; `room` gives a new fleet, and a process that knows nothing yet. The test
 * fails when a room had an incident that no executed plan announced.
 */
export async function azureHarnesses(t: Test, database: Database): Promise<() => Promise<AzureHarness>> {
  const demo = await startDemo(t)
  let executed: Plan[] = []
  const announcedAll = () => assertAllAnnounced(demo.url, async () => executed)
  t.teardown(announcedAll)
  return async () => {
    await announcedAll().catch((error: Error) => t.fail(error.message))
    await demo.control('reset', {})
    const room = new AzureHarness(demo, database)
    executed = room.executed
    return room
  }
}
