import type { Test } from 'tap'
import { ArmFault } from '../../../src/azure/errors/arm-fault.ts'
import type { Job } from '../../../src/contract/job.ts'
import type { JsonObject } from '../../../src/contract/json.ts'
import type { Labels } from '../../../src/contract/labels.ts'
import type { Plan } from '../../../src/contract/plan.ts'
import type { Step } from '../../../src/contract/steps.ts'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import { toJob } from '../../../src/core/job/job-view.ts'
import { PollBudget } from '../../../src/core/job/polling.ts'
import { buildPlan, type NewPlan } from '../../../src/core/planner/planner.ts'
import type { Database } from '../../../src/database/engine/database.ts'
import { lockHolder } from '../../../src/database/stores/job-store.ts'
import { insertPlan } from '../../../src/database/stores/plan-store.ts'
import { createJobs } from '../../../src/jobs/commands/create-jobs.ts'
import type { JobsDeps, TickOrder } from '../../../src/jobs/deps.ts'
import { loadJob, PlanCache } from '../../../src/jobs/event-log.ts'
import type { JobOrder, Jobs } from '../../../src/jobs/jobs.ts'

import { sweep, TickRunner } from '../../../src/jobs/worker/worker.ts'
import { createTakeSnapshot } from '../../../src/planning/snapshot/take-snapshot.ts'
import { SUBNET, SUBSCRIPTION } from '../../support/a-cluster.ts'
import { ANY_POLICY } from '../../support/a-plan.ts'
import { FakeArm, type Point } from '../../support/fake-arm.ts'
import { aLoadBalancerBody, managedNetwork, ownNetwork } from '../../support/fake-cluster.ts'
import { ManualQueue } from './hand-queue.ts'

export const START = new Date('2026-09-01T00:00:00.000Z')

/** What is migrated, and so which steps the plan has. */
export const SCENARIOS = {
  /** check-freshness, change-outbound-type, verify, discover-egress-ips. */
  plain: { network: managedNetwork, target: 'managedNATGateway', body: {} },
  /** … with widen-authorized-ranges and await-range-propagation before the change. */
  ranges: {
    network: ownNetwork,
    target: 'userAssignedNATGateway',
    body: { authorizedIPRanges: ['203.0.113.0/24'], subnet: SUBNET },
  },
  /** … with authorize-discovered-ips at the end, because AKS makes the address only at the change. */
  late: {
    network: managedNetwork,
    target: 'managedNATGateway',
    body: { authorizedIPRanges: ['203.0.113.0/24'] },
  },
} as const
export type Scenario = keyof typeof SCENARIOS

let count = 0
/** A process needs time to start; none would be a clock that stands still for ever. */
const START_MS = 2_000

/** Distinct and growing, as the ids of the product. */
export function anId(): string {
  return `01990000-0000-7000-8000-${String(++count).padStart(12, '0')}`
}

/**
 * Jobs on one fake cluster, with a clock and a queue that only move when `run` moves them: no test waits for
 * real time. Each room has a cluster of its own, so rooms can share a database.
 */
export class JobHarness {
  readonly arm: FakeArm
  readonly queue = new ManualQueue()
  readonly deps: JobsDeps
  readonly jobs: Jobs
  readonly cluster: { subscriptionId: string; resourceGroup: string; name: string }
  readonly #target: RequestedTarget
  #clock = START
  #ticks: TickRunner
  #crash = Promise.withResolvers<boolean>()

  constructor(database: Database, scenario: Scenario = 'plain', other: Partial<JobsDeps> = {}) {
    const { network, target, body } = SCENARIOS[scenario]
    const name = `cluster-${++count}`
    this.arm = new FakeArm(aLoadBalancerBody(name, structuredClone(body) as object), network)
    this.cluster = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-demo', name }
    this.#target = { outboundType: target }
    const now = other.now ?? (() => this.#clock)
    this.deps = {
      database,
      queue: this.queue,
      arm: this.arm,
      takeSnapshot: createTakeSnapshot(this.arm, now),
      azure: 'simulated',
      now,
      uptime: () => now().getTime(),
      newId: anId,
      random: () => 0.5,
      waitScale: 1,
      polls: new PollBudget(),
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      ...other,
    }
    this.jobs = createJobs(this.deps)
    this.#ticks = new TickRunner(this.deps)
  }

  /** The ticks of this process. */
  get ticks(): TickRunner {
    return this.#ticks
  }

  anotherProcess(): TickRunner {
    return new TickRunner(this.deps)
  }

  get clock(): Date {
    return this.#clock
  }

  /** Makes and stores a plan for the cluster as it is; `steps` replaces the planned steps. */
  async plan(given: { expiresAt?: string; steps?: Step[]; labels?: Labels } = {}): Promise<NewPlan> {
    const snapshot = await this.deps.takeSnapshot(this.cluster)
    const now = this.deps.now()
    const createdAt = now.toISOString()
    const expiresAt = given.expiresAt ?? new Date(now.getTime() + 3_600_000).toISOString()
    const request = {
      cluster: this.cluster,
      target: this.#target,
      authorizedRanges: 'widen',
      reason: null,
      ...(given.labels === undefined ? {} : { labels: given.labels }),
    } as const
    const stamp = { id: anId(), createdAt, expiresAt, createdBy: 'tester', azure: 'simulated' } as const
    const planned = buildPlan(snapshot, request, ANY_POLICY, stamp)
    const made = { ...planned, steps: given.steps ?? planned.steps }
    await insertPlan(this.deps.database.kysely, made)
    return made
  }

  async accept(
    made?: Plan,
    given: Partial<Pick<JobOrder, 'by'>> &
      Pick<JobOrder, 'onFailure' | 'schedule' | 'holdBeforeCutOver' | 'labels' | 'onlyOnce'> = {},
  ): Promise<Job> {
    const { id, acknowledgementsRequired } = made ?? (await this.plan())
    const order = { planId: id, acknowledge: acknowledgementsRequired, reason: null, by: 'tester' }
    return this.jobs.accept({ ...order, ...given })
  }

  /**
   * Runs ticks in the order of their times, moving the clock to each, until none is left or `isEnough` says
   * so. `restarts` puts a new process in place of the old one after every tick.
   */
  async run(
    given: {
      isEnough?: () => boolean
      restarts?: boolean
      /** What else happens with each tick at the same moment. */
      beside?: (order: TickOrder) => Promise<unknown>[]
    } = {},
  ): Promise<void> {
    for (let ticks = 0; ticks < 500; ticks++) {
      if (given.isEnough?.() === true) return
      const next = this.queue.take()
      if (next === null) return
      if (next.at > this.#clock) this.#clock = next.at
      const ended = Promise.all([
        this.#ticks.run(next.order, next.isRedelivery),
        ...(given.beside?.(next.order) ?? []),
      ])
      const crash = await Promise.race([ended.then(() => null), this.#crash.promise.then((is) => is)])
      if (crash !== null) this.queue.redeliver(next.order, new Date(this.#clock.getTime() + 30_000))
      if (crash !== null || given.restarts === true) await this.restart(crash !== false)
    }
    throw new Error('the job does not come to an end')
  }

  /**
   * Starts everything that is due at this moment beside running ticks, as another worker of the process would.
   */
  runOne(): Promise<void> {
    const next = this.queue.take()
    if (next === null) throw new Error('no tick is ordered')
    if (next.at > this.#clock) this.#clock = next.at
    return this.#ticks.run(next.order, next.isRedelivery)
  }

  /**
   * The process dies the nth time that it passes the point, and its work there never continues. On the embedded
   * database, the next process checks every job immediately. Of several replicas, another one gets the tick when the
   * queue has detected the missing heartbeat.
   */
  crashAt(point: Point, nth: number, isEmbedded = true): void {
    this.arm.at(point, nth, () => {
      this.#crash.resolve(isEmbedded)
      return new Promise(() => {})
    })
  }

  /** The result of a request without a response: it may or may not have arrived. */
  silence(): ArmFault {
    return new ArmFault({ kind: 'transient', code: 'RequestTimeout', message: 'No answer.' })
  }

  /** A new process on the same database; `isEmbedded` states whether it may check every job immediately. */
  async restart(isEmbedded = true): Promise<void> {
    this.advance(START_MS)
    this.#crash = Promise.withResolvers()
    this.#ticks = new TickRunner(this.deps)
    if (isEmbedded) await sweep(this.deps, null)
  }

  advance(ms: number): void {
    this.#clock = new Date(this.#clock.getTime() + ms)
  }
}

/** Holds what must be true of a job that has ended, however it went; gives the job. */
export async function endedTruly(t: Test, room: JobHarness, jobId: string): Promise<Job> {
  const { kysely } = room.deps.database
  const loaded = await loadJob(kysely, new PlanCache(), jobId)
  if (loaded === null) throw new Error('no job')
  const job = await room.jobs.get(jobId)
  t.strictSame(
    job,
    JSON.parse(JSON.stringify(toJob(jobId, loaded.plan, loaded.state))),
    'the log is the view',
  )
  t.equal(loaded.row.status, job.status)
  t.ok(job.timestamps.finishedAt, 'it has ended')
  t.strictSame(job.actions.cancel, false)
  t.equal(await lockHolder(kysely, loaded.row.cluster_key), null, 'the lock is given back')
  const log = await room.jobs.log(jobId, 0, 1_000)
  t.strictSame(
    log.map((entry) => entry.sequence),
    log.map((_entry, index) => index + 1),
  )
  t.ok(room.arm.isSpent, 'what was to happen has happened')
  return job
}

/** How many PUTs that reached ARM changed the outbound type. */
export function switches(arm: FakeArm): number {
  return arm.puts.filter(({ changes }) => changes.some((each) => each.path.endsWith('/outboundType'))).length
}

export function rangesOf(body: JsonObject): string[] {
  const { apiServerAccessProfile } = body.properties as { apiServerAccessProfile: JsonObject }
  return (apiServerAccessProfile.authorizedIPRanges as string[] | undefined) ?? []
}
