import { EventEmitter } from 'node:events'
import type { Test } from 'tap'
import { lookAtCampaigns } from '../../src/campaigns/campaign-worker.ts'
import type { CampaignCall, CampaignOrder, Campaigns } from '../../src/campaigns/campaigns.ts'
import { createCampaigns } from '../../src/campaigns/create-campaigns.ts'
import type { CampaignsDeps } from '../../src/campaigns/deps.ts'
import type { Campaign, CampaignMember } from '../../src/contract/campaign.ts'
import type { CampaignActionRequest, CampaignRequest } from '../../src/contract/campaign-requests.ts'
import type { InventoryFacts } from '../../src/contract/inventory.ts'
import type { InventoryFilter } from '../../src/contract/inventory-filter.ts'
import { type ClusterScope, clusterKey } from '../../src/core/access/access-policy.ts'
import { clusterId } from '../../src/core/arm/resource-id.ts'
import { buildInventoryFacts } from '../../src/core/inventory/inventory-facts.ts'
import { PollBudget } from '../../src/core/job/polling.ts'
import { DomainError } from '../../src/core/lib/errors.ts'
import type { Database } from '../../src/database/engine/database.ts'
import { releaseClaims } from '../../src/database/stores/campaign-member-store.ts'
import { saveClusters } from '../../src/database/stores/inventory-writes.ts'
import { createInventory } from '../../src/inventory/create-inventory.ts'
import type { Inventory } from '../../src/inventory/inventory.ts'
import { createApprovals } from '../../src/jobs/commands/approve-plan.ts'
import { createJobs } from '../../src/jobs/commands/create-jobs.ts'
import type { JobsDeps } from '../../src/jobs/deps.ts'
import type { Approvals, Jobs } from '../../src/jobs/jobs.ts'
import { TickRunner } from '../../src/jobs/worker/worker.ts'
import { createPlanning } from '../../src/planning/create-planning.ts'
import type { Planning } from '../../src/planning/planning.ts'
import { ManualQueue } from '../jobs/support/hand-queue.ts'
import { anId, START } from '../jobs/support/job-harness.ts'
import { ANY_POLICY } from '../support/a-plan.ts'
import { type Demo, startDemo } from '../support/demo.ts'

const MAX_TURNS = 3_000

/** Clusters whose plans require the approval of a second person. */
interface Guard {
  needsApproval: (clusterKey: string) => boolean
  approvalScope: ClusterScope
  /** Receives the types of messages about plans. */
  announce: (type: string) => void
}

/** Campaigns on the simulated Azure, with a clock and a queue that only `run` moves, and workers that can die. */
export class CampaignWorld {
  readonly demo: Demo
  readonly campaigns: Campaigns
  readonly jobs: Jobs
  readonly approvals: Approvals
  readonly inventory: Inventory
  readonly planning: Planning
  readonly call: CampaignCall
  /** Asked before and after every plan and every accepted job; true kills the worker there. */
  dies: () => boolean = () => false
  deaths = 0
  readonly deps: CampaignsDeps
  readonly #queue = new ManualQueue()
  readonly #ticks: TickRunner
  #death = Promise.withResolvers<void>()
  #clock = START

  private constructor(demo: Demo, database: Database, guard?: Guard) {
    this.demo = demo
    const now = () => this.#clock
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    const { arm } = demo
    const shared = {
      database,
      azure: 'simulated' as const,
      now,
      newId: anId,
      takeSnapshot: demo.takeSnapshot,
    }
    const guarded = guard === undefined ? {} : { needsApproval: guard.needsApproval }
    const jobsDeps: JobsDeps = {
      ...shared,
      queue: this.#queue,
      arm,
      uptime: () => 0,
      random: () => 0.5,
      waitScale: 1,
      polls: new PollBudget(),
      logger,
      ...guarded,
    }
    this.jobs = createJobs(jobsDeps)
    this.approvals = createApprovals(jobsDeps)
    this.#ticks = new TickRunner(jobsDeps)
    const approvals =
      guard === undefined
        ? {}
        : {
            approvalScope: () => guard.approvalScope,
            approvalTtlMinutes: 1_440,
            announce: async (_trx: unknown, _key: string, { type }: { type: string }) =>
              void guard.announce(type),
          }
    this.planning = createPlanning({ ...shared, ...approvals, policy: ANY_POLICY, planTtlMinutes: 60 })
    this.deps = {
      ...shared,
      ...guarded,
      logger,
      planning: {
        makePlan: (...given) => this.#mortal(() => this.planning.makePlan(...given)),
      },
      jobs: {
        accept: (...given) => this.#mortal(() => this.jobs.accept(...given)),
        cancel: (...given) => this.jobs.cancel(...given),
        release: (...given) => this.jobs.release(...given),
        getOutcome: (id) => this.jobs.getOutcome(id),
      },
    }
    this.campaigns = createCampaigns(this.deps)
    this.inventory = createInventory({ ...shared, requests: new EventEmitter() })
    const actor = { id: 'tester-id', kind: 'user' as const, name: 'tester', appId: null }
    const origin = { actor, operation: 'createCampaign', address: null, userAgent: null, requestId: 'test' }
    this.call = { by: 'tester', origin, executable: 'everything' }
  }

  static async start(t: Test, database: Database, guard?: Guard): Promise<CampaignWorld> {
    return new CampaignWorld(await startDemo(t), database, guard)
  }

  get clock(): Date {
    return this.#clock
  }

  /** `target` null leaves the target to the rules of the request. */
  order(
    names: readonly string[],
    request: Partial<CampaignRequest>,
    target: { outboundType: 'managedNATGateway' } | null = { outboundType: 'managedNATGateway' },
  ): CampaignOrder {
    const clusters = names.map((name) => this.demo.ref(name))
    const select = { ids: clusters.map(clusterId) }
    const rest = { name: 'test', select, waves: [{}], ...request }
    return { clusters, request: target === null ? rest : { target, ...rest } }
  }

  /** Creates a campaign of the clusters of the inventory that match. */
  select(
    filter: InventoryFilter,
    request: Partial<CampaignRequest> = {},
    call: Partial<CampaignCall> = {},
  ): Promise<Campaign> {
    const target = request.targetRules === undefined ? { outboundType: 'managedNATGateway' as const } : null
    const order = this.order([], { select: { filter } as CampaignRequest['select'], ...request }, target)
    return this.campaigns.create({ ...order, clusters: null }, { ...this.call, ...call })
  }

  /** Stores these clusters in the inventory, with changed facts. */
  async fillInventory(clusters: Record<string, Partial<InventoryFacts>>): Promise<void> {
    for (const [name, changes] of Object.entries(clusters)) {
      const facts = { ...buildInventoryFacts(await this.demo.takeSnapshot(this.demo.ref(name))), ...changes }
      const row = { id: anId(), key: clusterKey(facts), facts, baseline: null }
      await saveClusters(this.deps.database.kysely, [row], anId(), this.#clock)
    }
  }

  create(names: readonly string[], request: Partial<CampaignRequest> = {}): Promise<Campaign> {
    return this.campaigns.create(this.order(names, request), this.call)
  }

  act(id: string, request: CampaignActionRequest): Promise<Campaign> {
    return this.campaigns.act(id, request, this.call)
  }

  async members(campaignId: string): Promise<CampaignMember[]> {
    const { items } = await this.campaigns.listMembers({ campaignId, limit: 100, cursor: null })
    return items
  }

  /** The statuses of the members, by the name of the cluster. */
  async statuses(campaignId: string): Promise<Record<string, string>> {
    const members = await this.members(campaignId)
    return Object.fromEntries(members.map(({ clusterId, status }) => [clusterId.split('/').at(-1), status]))
  }

  /**
   * Looks at campaigns, then runs the earliest tick of a job, until `isEnough` or nothing is left to do. `beside` observes
   * every turn.
   */
  async run(
    isEnough: () => Promise<boolean> = async () => false,
    beside?: () => Promise<void>,
  ): Promise<void> {
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const isBusy = await this.#look()
      await beside?.()
      if (await isEnough()) return
      const next = this.#queue.take()
      if (next === null && !isBusy) return
      if (next === null) continue
      await this.moveTo(next.at)
      await this.#ticks.run(next.order, next.isRedelivery)
    }
    throw new Error('the campaign does not come to an end')
  }

  async moveTo(moment: Date): Promise<void> {
    const advanceSeconds = (moment.getTime() - this.#clock.getTime()) / 1_000
    if (advanceSeconds <= 0) return
    this.#clock = moment
    await this.demo.control('clock', { advanceSeconds })
  }

  /** One look, or what a dying worker does of it; the next process forgets the claims of the dead one. */
  async #look(): Promise<boolean> {
    this.#death = Promise.withResolvers()
    const dead = this.#death.promise.then(() => 'dead' as const)
    const result = await Promise.race([lookAtCampaigns(this.deps), dead])
    if (result !== 'dead') return result
    this.deaths++
    await releaseClaims(this.deps.database.kysely)
    return true
  }

  async #mortal<T>(act: () => Promise<T>): Promise<T> {
    const die = () => {
      this.#death.resolve()
      return new Promise<never>(() => {})
    }
    if (this.dies()) return die()
    const result = await act()
    return this.dies() ? die() : result
  }
}

/** The code of the error with its pointers. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await errorOf(promise)
  return error instanceof DomainError ? `${error.code} ${error.pointers.join()}` : String(error)
}

/** What the error names. */
export async function factsOf(promise: Promise<unknown>): Promise<unknown> {
  const error = await errorOf(promise)
  return error instanceof DomainError ? error.facts : error
}

function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (reason: unknown) => reason,
  )
}
