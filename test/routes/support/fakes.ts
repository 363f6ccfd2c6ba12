import { isDeepStrictEqual } from 'node:util'
import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import root, { type Test } from 'tap'
import manifest from '../../../package.json' with { type: 'json' }
import { type AppDeps, buildApp } from '../../../src/app.ts'
import { type Campaigns, campaignVersion } from '../../../src/campaigns/campaigns.ts'
import type { Approval } from '../../../src/contract/approval.ts'
import type { Campaign, CampaignEvent } from '../../../src/contract/campaign.ts'
import type { Job, JobLogEntry } from '../../../src/contract/job.ts'
import type { Probe } from '../../../src/contract/probe.ts'
import { clusterKey } from '../../../src/core/access/access-policy.ts'
import type { AuditEntry, Origin } from '../../../src/core/audit/audit.ts'
import { DomainError } from '../../../src/core/lib/errors.ts'
import { transitionTable } from '../../../src/core/support-matrix/transitions.ts'
import type { Audit } from '../../../src/database/audit/audit.ts'
import type { ChangeFeed } from '../../../src/database/engine/change-feed.ts'
import type { AccessLinks, OpenedLink } from '../../../src/database/links/access-links.ts'
import type {
  Idempotency,
  StoredResponse,
  TransactionHook,
} from '../../../src/database/stores/idempotency.ts'
import type { LinkTarget } from '../../../src/database/stores/link-store.ts'
import type { Inventory } from '../../../src/inventory/inventory.ts'
import type { Approvals, Jobs, JobVersion, Probes } from '../../../src/jobs/jobs.ts'
import type { Planning, PlanVersion } from '../../../src/planning/planning.ts'
import { type Caller, UNCHECKED_CALLER } from '../../../src/routes/auth/caller.ts'
import {
  EXAMPLE_CAMPAIGN,
  EXAMPLE_CAMPAIGN_EVENT,
  EXAMPLE_CAMPAIGN_IP_CHANGES,
  EXAMPLE_CAMPAIGN_PLANNING,
  EXAMPLE_MEMBER,
} from '../../../src/routes/examples/campaigns.ts'
import {
  EXAMPLE_CHANGE,
  EXAMPLE_CLUSTER,
  EXAMPLE_REFRESH,
  EXAMPLE_SUMMARY,
} from '../../../src/routes/examples/inventory.ts'
import {
  EXAMPLE_APPROVAL,
  EXAMPLE_JOB,
  EXAMPLE_JOB_LOG_ENTRY,
  EXAMPLE_OUTCOME,
  EXAMPLE_PLAN,
} from '../../../src/routes/examples/jobs.ts'
import { EXAMPLE_PROBE } from '../../../src/routes/examples/probes.ts'
import {
  EXAMPLE_EVENT_TICKET,
  EXAMPLE_SHARE_LINK,
  EXAMPLE_SHARE_LINK_WITH_SECRET,
} from '../../../src/routes/examples/share-links.ts'
import {
  EXAMPLE_DELIVERY,
  EXAMPLE_WEBHOOK,
  EXAMPLE_WEBHOOK_WITH_SECRET,
} from '../../../src/routes/examples/webhooks.ts'
import { EXAMPLE_COMPARISON } from '../../../src/routes/operations/compare-targets.ts'
import { EXAMPLE_EGRESS_REPORT } from '../../../src/routes/operations/get-cluster-egress.ts'
import { EXAMPLE_DELIVERY_WITH_PAYLOAD } from '../../../src/routes/operations/get-delivery.ts'
import { EXAMPLE_APPROVALS } from '../../../src/routes/operations/list-approvals.ts'
import { EXAMPLE_AUDIT_RECORD } from '../../../src/routes/operations/list-audit.ts'
import { EXAMPLE_CAMPAIGN_SUMMARY } from '../../../src/routes/operations/list-campaigns.ts'
import { EXAMPLE_PLAN_SUMMARY } from '../../../src/routes/operations/list-plans.ts'
import type { App } from '../../../src/routes/server/app-deps.ts'
import type { Webhooks } from '../../../src/webhooks/webhooks.ts'
import { contractViolations } from '../../support/contract-check.ts'

/** A proven caller, with everything that a test does not care about filled in. */
export function aCaller(grants: readonly string[], given: Partial<Caller> = {}): Caller {
  return {
    ...UNCHECKED_CALLER,
    kind: 'user',
    id: 'tester-id',
    name: 'tester',
    ...given,
    grants: new Set(grants),
  }
}

export const CAMPAIGN_ID = EXAMPLE_CAMPAIGN.id
export const MEMBER_ID = EXAMPLE_MEMBER.id
export const APPROVAL_ID = EXAMPLE_APPROVAL.id
export const WEBHOOK_ID = EXAMPLE_WEBHOOK.id
export const DELIVERY_ID = EXAMPLE_DELIVERY.id
export const SHARE_LINK_ID = EXAMPLE_SHARE_LINK.id
export const PLAN_ID = EXAMPLE_PLAN.id
export const JOB_ID = EXAMPLE_JOB.id
export const PROBE_ID = EXAMPLE_PROBE.id
export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
export const CLUSTER = { subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-demo', name: 'lb-managed' }
export const CLUSTER_ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers/Microsoft.ContainerService/managedClusters/lb-managed`

/** One call of a room by a route: the method and what it was given. */
export type Call = [method: string, ...given: unknown[]]

export function anEntry(sequence: number, given: Partial<JobLogEntry> = {}): JobLogEntry {
  return { ...EXAMPLE_JOB_LOG_ENTRY, sequence, ...given }
}

const NO_TRANSACTION = null as never

/** Fake modules that know one plan and one job, record their calls, and fail on request. */
export class FakeModules {
  readonly calls: Call[] = []
  /** The error that the next calls throw, for every method. */
  fault: unknown = null
  job: Job = EXAMPLE_JOB
  campaign: Campaign = EXAMPLE_CAMPAIGN
  campaignLog: CampaignEvent[] = [EXAMPLE_CAMPAIGN_EVENT]
  planVersion: PlanVersion = {
    version: EXAMPLE_PLAN.status,
    isPending: false,
    isApproved: false,
    jobId: null,
  }
  /** The later job that has read the addresses of the known job. */
  laterVersions: string[] = []
  planApprovals: Approval[] = EXAMPLE_APPROVALS.items
  version: JobVersion = { version: '7', isFinished: false, isHeld: false }
  /** The job's log; without one there are three more entries after any. */
  entries: JobLogEntry[] | null = null
  /** The origins that the modules received, and the calls that were rejected before them. */
  readonly origins: (Origin | undefined)[] = []
  readonly refused: Omit<AuditEntry, 'at'>[] = []

  readonly planning: Planning = {
    makePlan: (request, by, origin, hook) =>
      this.write(origin, ['makePlan', request, by], EXAMPLE_PLAN, hook),
    getPlan: (planId) =>
      this.answer(
        ['getPlan', planId],
        this.known('PLAN_NOT_FOUND', planId, { ...EXAMPLE_PLAN, jobId: this.planVersion.jobId }),
      ),
    getPlanText: async (planId) => {
      const plan = await this.planning.getPlan(planId)
      return { ...this.planVersion, text: JSON.stringify(plan) }
    },
    getPlanVersion: (planId) =>
      this.answer(['getPlanVersion', planId], this.known('PLAN_NOT_FOUND', planId, this.planVersion)),
    listPlans: (query) =>
      this.answer(['listPlans', query], { items: [EXAMPLE_PLAN_SUMMARY], next: 'bmV4dA' }),
    discardPlan: async (planId, origin, precondition) => {
      const plan: object = this.known('PLAN_NOT_FOUND', planId, EXAMPLE_PLAN)
      if (plan instanceof DomainError) throw plan
      precondition?.(EXAMPLE_PLAN.status)
      return this.write(origin, ['discardPlan', planId], undefined)
    },
    readEgress: (cluster) => this.answer(['readEgress', cluster], EXAMPLE_EGRESS_REPORT),
    compareTargets: (cluster) => this.answer(['compareTargets', cluster], EXAMPLE_COMPARISON),
    makeRollbackPlan: (jobId, by, origin, hook) =>
      this.write(origin, ['makeRollbackPlan', jobId, by], EXAMPLE_PLAN, hook),
    makeCleanupPlan: (jobId, by, origin, hook) =>
      this.write(origin, ['makeCleanupPlan', jobId, by], EXAMPLE_PLAN, hook),
    makeReconcilePlan: (jobId, by, origin, hook) =>
      this.write(origin, ['makeReconcilePlan', jobId, by], EXAMPLE_PLAN, hook),
    clusterKey: async (planId) => (planId === PLAN_ID ? clusterKey(EXAMPLE_PLAN.cluster) : null),
  }

  readonly jobs: Jobs = {
    accept: async (order, { origin, hook, precondition } = {}) => {
      precondition?.(EXAMPLE_PLAN.status)
      return this.write(origin, ['accept', order], this.job, hook)
    },
    get: (jobId) => this.answer(['get', jobId], this.known('JOB_NOT_FOUND', jobId, this.job)),
    getText: async (jobId) => {
      const job = await this.jobs.get(jobId)
      return { ...this.version, text: JSON.stringify(job) }
    },
    getOutcome: (jobId) =>
      this.answer(['getOutcome', jobId], this.known('JOB_NOT_FOUND', jobId, EXAMPLE_OUTCOME)),
    getLaterVersions: async () => this.laterVersions,
    getVersion: (jobId) =>
      this.answer(['getVersion', jobId], this.known('JOB_NOT_FOUND', jobId, this.version)),
    list: (query) => this.answer(['list', query], { items: [this.job], next: null }),
    log: (jobId, after, limit) =>
      this.answer(
        ['log', jobId, after, limit],
        this.entries?.filter((each) => each.sequence > after).slice(0, limit) ??
          Array.from({ length: Math.min(limit, 3) }, (_, index) => anEntry(after + index + 1)),
      ),
    cancel: async (jobId, { by, abort }, { origin, hook, precondition } = {}) => {
      precondition?.(this.version.version)
      return this.write(origin, ['cancel', jobId, by, abort], this.job, hook)
    },
    release: async (jobId, { by, reason }, { origin, hook, precondition } = {}) => {
      precondition?.(this.version.version)
      return this.write(origin, ['release', jobId, by, reason], this.job, hook)
    },
    reschedule: async (jobId, { by, ...change }, { origin, hook, precondition } = {}) => {
      precondition?.(this.version.version)
      return this.write(origin, ['reschedule', jobId, by, change], this.job, hook)
    },
    clusterKey: async (jobId) => (jobId === JOB_ID ? clusterKey(EXAMPLE_JOB.cluster) : null),
  }

  readonly approvals: Approvals = {
    approve: (planId, reason, { origin, hook }) =>
      this.write(origin, ['approve', planId, reason], { approval: EXAMPLE_APPROVAL, isNew: true }, hook),
    withdraw: (planId, approvalId, origin) => this.write(origin, ['withdraw', planId, approvalId], undefined),
    list: (planId) =>
      this.answer(
        ['listApprovals', planId],
        this.known('PLAN_NOT_FOUND', planId, { ...EXAMPLE_APPROVALS, items: this.planApprovals }),
      ),
  }

  readonly campaigns: Campaigns = {
    create: (order, { by, origin, hook }) =>
      this.write(origin, ['createCampaign', order, by], EXAMPLE_CAMPAIGN, hook),
    get: (id, reach) => this.answer(['getCampaign', id, reach], this.campaign),
    list: (query) => this.answer(['listCampaigns', query], { items: [EXAMPLE_CAMPAIGN_SUMMARY], next: null }),
    listMembers: (query) => this.answer(['listMembers', query], { items: [EXAMPLE_MEMBER], next: null }),
    planning: (id, reach) => this.answer(['campaignPlanning', id, reach], EXAMPLE_CAMPAIGN_PLANNING),
    listDetails: (query) => this.answer(['listCampaigns', query], { items: [EXAMPLE_CAMPAIGN], next: null }),
    ipChanges: (id, reach) => this.answer(['campaignIpChanges', id, reach], EXAMPLE_CAMPAIGN_IP_CHANGES),
    log: (id, after, limit, reach) =>
      this.answer(
        ['campaignLog', id, after, limit, reach],
        this.campaignLog.filter(({ sequence }) => sequence > after).slice(0, limit),
      ),
    act: async (id, request, { by, origin, hook, precondition }) => {
      precondition?.(campaignVersion(EXAMPLE_CAMPAIGN))
      return this.write(origin, ['act', id, request, by], EXAMPLE_CAMPAIGN, hook)
    },
  }

  readonly audit: Audit = {
    append: async (entry) => void this.refused.push(entry),
    list: (query) => this.answer(['listAudit', query], { items: [EXAMPLE_AUDIT_RECORD], next: null }),
  }

  readonly probes: Probes = {
    accept: (order, { origin, hook } = {}) => this.write(origin, ['acceptProbe', order], EXAMPLE_PROBE, hook),
    getText: async (probeId) => {
      const found = probeId === PROBE_ID ? EXAMPLE_PROBE : new DomainError('PROBE_NOT_FOUND', { probeId })
      const probe = await this.answer(['getProbe', probeId], found as Probe)
      return { text: JSON.stringify(probe), version: '1', isFinished: true, isHeld: false }
    },
    list: (query) => this.answer(['listProbes', query], { items: [EXAMPLE_PROBE], next: null }),
    clusterKey: async (probeId) => (probeId === PROBE_ID ? clusterKey(EXAMPLE_PROBE.cluster) : null),
  }

  readonly webhooks: Webhooks = {
    create: (request, by, origin, hook) =>
      this.write(origin, ['createWebhook', request, by], EXAMPLE_WEBHOOK_WITH_SECRET, hook),
    get: (webhookId, ownerId) => this.answer(['getWebhook', webhookId, ownerId], EXAMPLE_WEBHOOK),
    list: (query) => this.answer(['listWebhooks', query], { items: [EXAMPLE_WEBHOOK], next: null }),
    change: (webhookId, change, by, origin) =>
      this.write(origin, ['changeWebhook', webhookId, change, by], EXAMPLE_WEBHOOK),
    remove: (webhookId, by, origin) => this.write(origin, ['removeWebhook', webhookId, by], undefined),
    rotateSecret: (webhookId, hours, by, origin, hook) =>
      this.write(origin, ['rotateSecret', webhookId, hours, by], EXAMPLE_WEBHOOK_WITH_SECRET, hook),
    ping: (webhookId, by, origin, hook) =>
      this.write(origin, ['ping', webhookId, by], EXAMPLE_DELIVERY, hook),
    listDeliveries: (query) =>
      this.answer(['listDeliveries', query], { items: [EXAMPLE_DELIVERY], next: null }),
    getDelivery: (delivery) => this.answer(['getDelivery', delivery], EXAMPLE_DELIVERY_WITH_PAYLOAD),
    replay: (webhookId, which, by, origin, hook) =>
      this.write(origin, ['replay', webhookId, which, by], { replayed: 1 }, hook),
  }

  /** The secrets that open the plan and the job. */
  readonly secrets = new Map<string, OpenedLink & { target: LinkTarget }>()
  readonly links: AccessLinks = {
    share: async ({ target, by, origin }, request) => {
      const { url: _url, secret, ...link } = EXAMPLE_SHARE_LINK_WITH_SECRET
      await this.write(origin, ['share', target, by, request], undefined)
      return { link, secret }
    },
    issueTicket: async ({ target, by }) => {
      await this.answer(['issueTicket', target, by], undefined)
      const { url: _url, ...issued } = EXAMPLE_EVENT_TICKET
      return issued
    },
    list: (target) => this.answer(['listLinks', target], [EXAMPLE_SHARE_LINK]),
    revoke: ({ target, by, origin }, linkId) => this.write(origin, ['revoke', target, by, linkId], undefined),
    open: async (secret, kind, target) => {
      const link = this.secrets.get(secret)
      return link?.kind === kind && isDeepStrictEqual(link.target, target) ? link : null
    },
  }

  readonly inventory: Inventory = {
    list: (query) => this.answer(['listClusters', query], { items: [EXAMPLE_CLUSTER], next: 'bmV4dA' }),
    summary: (reach) => this.answer(['summary', ...(reach === undefined ? [] : [reach])], EXAMPLE_SUMMARY),
    changes: (query) => this.answer(['changes', query], { items: [EXAMPLE_CHANGE], next: null }),
    history: (cluster, query) =>
      this.answer(['history', cluster, query], { items: [EXAMPLE_CHANGE], next: null }),
    requestRefresh: (by, origin, hook) => this.write(origin, ['requestRefresh', by], EXAMPLE_REFRESH, hook),
    endedRefresh: async () => EXAMPLE_REFRESH,
    latestRefresh: () => this.answer(['latestRefresh'], EXAMPLE_REFRESH),
  }

  /** Watchers of jobs; `tell` calls them. */
  readonly #watchers = new Set<() => void>()
  readonly changes: ChangeFeed = {
    watch: (_jobId, onChange) => {
      this.#watchers.add(onChange)
      return () => this.#watchers.delete(onChange)
    },
    close: async () => {},
  }

  get watchers(): number {
    return this.#watchers.size
  }

  /** Tells everybody who waits that there is news. */
  tell(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }

  /** Keys of requests, in memory: what is claimed and what is kept. */
  readonly kept = new Map<string, { fingerprint: string; answer: StoredResponse | null }>()
  readonly keys: Idempotency = {
    claim: async ({ scope, key, fingerprint }) => {
      const name = `${scope} ${key}`
      const found = this.kept.get(name)
      if (found === undefined) {
        this.kept.set(name, { fingerprint, answer: null })
        return { kind: 'begin', claim: name }
      }
      if (found.fingerprint !== fingerprint) return { kind: 'other' }
      return found.answer === null ? { kind: 'busy' } : { kind: 'replay', answer: found.answer }
    },
    keep: async (_trx, { fingerprint }, claim, answer) => void this.kept.set(claim, { fingerprint, answer }),
    release: async (_request, claim) => void this.kept.delete(claim),
  }

  private async write<T>(
    origin: Origin | undefined,
    call: Call,
    value: T,
    hook?: TransactionHook<T>,
  ): Promise<T> {
    this.origins.push(origin)
    const answer = await this.answer(call, value)
    await hook?.(NO_TRANSACTION, answer)
    return answer
  }

  private async answer<T>(call: Call, value: T): Promise<T> {
    this.calls.push(call)
    if (this.fault !== null) throw this.fault
    if (value instanceof DomainError) throw value
    return value
  }

  private known<T>(code: 'PLAN_NOT_FOUND' | 'JOB_NOT_FOUND', id: string, value: T): T {
    if (id === PLAN_ID || id === JOB_ID) return value
    return new DomainError(code, { [code === 'PLAN_NOT_FOUND' ? 'planId' : 'jobId']: id }) as never
  }
}

const MODULES = [
  'planning',
  'jobs',
  'probes',
  'approvals',
  'campaigns',
  'audit',
  'webhooks',
  'links',
  'inventory',
  'changes',
  'keys',
] as const
type Modules = Pick<FakeModules, (typeof MODULES)[number]>

/** The app that the tests of a file share, with the modules and the test that have it now. */
let shared: { app: App; rooms: FakeModules; t: Test } | null = null

/**
 * An app with new fake modules behind it. The tests of a file share the app, because building one costs more than most
 * of them do with it: a test that asks for it takes it from the one before. Given any dependencies, even none, it is the
 * test's own, and may listen: see `ownApp`.
 */
export async function fakeApp(t: Test, given?: Partial<AppDeps>): Promise<{ app: App; rooms: FakeModules }> {
  if (given !== undefined) return ownApp(t, given)
  const rooms = new FakeModules()
  if (shared === null) {
    const app = await build(modulesOf(() => shared?.rooms ?? rooms))
    shared = { app, rooms, t }
    root.teardown(() => {
      shared = null
      return app.close()
    })
    holdToDocument(() => shared?.t ?? t, app)
  }
  Object.assign(shared, { rooms, t })
  return { app: shared.app, rooms }
}

/** An app of the test's own, with these dependencies in place of fake ones; closed with the test. */
export async function ownApp(
  t: Test,
  given: Partial<AppDeps> = {},
): Promise<{ app: App; rooms: FakeModules }> {
  const rooms = new FakeModules()
  const app = await build({ ...modulesOf(() => rooms), ...given })
  t.teardown(() => app.close())
  holdToDocument(() => t, app)
  return { app, rooms }
}

/** Modules that pass every call to those of the moment. */
function modulesOf(rooms: () => FakeModules): Modules {
  const passing = MODULES.map((name) => [
    name,
    new Proxy({}, { get: (_target, member) => Reflect.get(rooms()[name], member) }),
  ])
  return Object.fromEntries(passing) as Modules
}

function build(given: Modules & Partial<AppDeps>): Promise<App> {
  return buildApp({
    transitions: () => transitionTable(null),
    readiness: async () => [{ name: 'database', ok: true }],
    azure: 'simulated',
    version: manifest.version,
    logger: false,
    ...given,
  })
}

/** Fails the test when the app answers what the checked-in document does not say. */
function holdToDocument(current: () => Test, app: App): void {
  const inject = app.inject.bind(app) as (given: InjectOptions | string) => Promise<LightMyRequestResponse>
  const held = async (given: InjectOptions | string) => {
    const answer = await inject(given)
    const { method = 'GET', url = '' } = typeof given === 'string' ? { url: given } : given
    const { statusCode: status, headers, payload: text } = answer
    const contentType = headers['content-type'] === undefined ? null : String(headers['content-type'])
    const path = typeof url === 'string' ? url : (url.pathname ?? '')
    const faults = contractViolations({ method: method.toUpperCase(), path, status, contentType, text })
    if (faults.length > 0)
      current().fail(`${method} ${path.slice(0, 100)} answers ${status} as documented`, { faults })
    return answer
  }
  app.inject = held as typeof app.inject
}
