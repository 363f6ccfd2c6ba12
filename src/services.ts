import { EventEmitter } from 'node:events'
import { v7 as uuidv7 } from 'uuid'
import { coalesceLists } from './azure/connect/coalesce-lists.ts'
import { connectArms, type Purpose } from './azure/connect/connect-arm.ts'
import { createCampaigns } from './campaigns/create-campaigns.ts'
import type { CampaignsDeps } from './campaigns/deps.ts'
import type { Config } from './config.ts'
import {
  type AccessPolicy,
  approvalScopeOf,
  clusterScopeOf,
  inScope,
  type Owner,
  requiresApproval,
} from './core/access/access-policy.ts'
import { PollBudget } from './core/job/polling.ts'
import type { Logger } from './core/lib/logger.ts'
import type { PlanMessage } from './core/webhooks/messages.ts'
import { createAudit } from './database/audit/audit.ts'
import type { Database, Queries } from './database/engine/database.ts'
import { createAccessLinks } from './database/links/access-links.ts'
import { checkMigrated } from './database/migrations/migrate.ts'
import { createBudgetLedger } from './database/stores/call-budgets.ts'
import { createIdempotency } from './database/stores/idempotency.ts'
import { readQueueStats } from './database/stores/stats.ts'
import { createInventory } from './inventory/create-inventory.ts'
import type { InventoryDeps } from './inventory/deps.ts'
import { createApprovals } from './jobs/commands/approve-plan.ts'
import { createJobs } from './jobs/commands/create-jobs.ts'
import { createProbes } from './jobs/commands/create-probes.ts'
import type { JobsDeps, Queue } from './jobs/deps.ts'
import type { ClockWatch } from './lib/clock-watch.ts'
import { createPlanning } from './planning/create-planning.ts'
import { createPriceService } from './planning/prices/price-service.ts'
import { createTakeSnapshot } from './planning/snapshot/take-snapshot.ts'
import { createReadiness } from './telemetry/readiness.ts'
import { createTelemetry } from './telemetry/telemetry.ts'
import type { Tracing } from './telemetry/tracing.ts'
import { createWebhooks } from './webhooks/create-webhooks.ts'
import type { WebhooksDeps } from './webhooks/deps.ts'
import {
  announceCampaign,
  announcePlan,
  createInventoryWebhooks,
  createJobWebhooks,
} from './webhooks/job-webhooks.ts'
import { resolveName } from './webhooks/receiver.ts'
import { generateSecret } from './webhooks/send.ts'

/** What the process provides to the modules. */
export interface ServicesDeps {
  config: Readonly<Config>
  version: string
  database: Database
  queue: Queue
  clock: ClockWatch
  /** null for the public cloud. */
  armEndpoint: string | null
  /** The access policy in force; null if the grants of the token decide alone. */
  policy: () => AccessPolicy | null
  isStopping: () => boolean
  /** null without traces. */
  tracing: Tracing | null
  logger: Logger
}

/** A plan of a campaign may wait for the call budget; after this time, it is retried later. */
const CAMPAIGN_PLAN_TIMEOUT_MS = 180_000

export type Services = ReturnType<typeof createServices>

/** Wires the modules to each other. Nothing is started. */
export function createServices(deps: ServicesDeps) {
  const { config, version, database, queue, clock, policy, tracing, logger } = deps
  const azure = config.azureMode
  const now = () => clock.now()
  const shared = { database, azure, now, newId: () => uuidv7(), logger, random: Math.random }
  const waitScale = azure === 'simulated' ? config.simulatorTimeScale : 1

  const queueStats = () => readQueueStats(database.kysely, now())
  const telemetry = createTelemetry({ version, azure, tracing, queueStats, now })
  const readiness = createReadiness({
    checkDatabase: () => checkMigrated(database),
    isWorker: config.role !== 'api',
    polledAt: () => queue.polledAt(),
    isStopping: deps.isStopping,
    armContact: telemetry.armContact,
    // The queue reports its polls by the clock of this machine.
    now: () => new Date(),
    logger,
  })
  const arms = connectArms({
    timeScale: waitScale,
    simulated: azure === 'simulated',
    ...(deps.armEndpoint === null ? {} : { endpoint: deps.armEndpoint }),
    limitPart: config.azureLimitPart,
    ledger: createBudgetLedger(database.kysely),
    observe: telemetry.arm,
    budgetObserver: telemetry.budget,
  })
  // Each purpose has its own limits and shares no list with another one: jobs never wait for the reads of plans.
  const snapshots = (purpose: Purpose) =>
    telemetry.snapshots(createTakeSnapshot(coalesceLists(arms[purpose]), now))
  const webhooksDeps: WebhooksDeps = {
    ...shared,
    deliveries: queue.deliveries,
    version,
    allowedNetworks: config.webhookAllowedNetworks,
    resolve: resolveName,
    mayRead: (owner: Owner, clusterKey: string) =>
      inScope(clusterScopeOf(policy(), owner, 'read'), clusterKey),
    newSecret: generateSecret,
    observer: telemetry.webhooks,
  }
  const announce = (trx: Queries, clusterKey: string, message: PlanMessage) =>
    announcePlan(trx, webhooksDeps, clusterKey, message)
  const inventoryWebhooks = createInventoryWebhooks(webhooksDeps)
  const jobsDeps: JobsDeps = {
    ...shared,
    announce,
    webhooks: createJobWebhooks(webhooksDeps),
    announceChange: async (trx, clusterKey, change) => {
      await inventoryWebhooks.clusterChanged(trx, clusterKey, change)
      telemetry.inventory.changed(change.kind)
    },
    needsApproval: (clusterKey) => requiresApproval(policy(), clusterKey),
    queue,
    arm: arms.jobs,
    takeSnapshot: snapshots('jobs'),
    uptime: () => clock.uptime(),
    wall: Date.now,
    elapsedSince: (time) => clock.elapsedSince(time),
    jumpedSince: (time) => clock.jumpedSince(time),
    isClockSettled: () => clock.isSettled(),
    wasSetBackWithin: (ms) => clock.wasSetBackWithin(ms),
    waitScale,
    polls: new PollBudget(waitScale),
    observer: telemetry.jobs,
  }
  const planningDeps = {
    ...shared,
    takeSnapshot: snapshots('plans'),
    takeReportSnapshot: snapshots('reports'),
    planTimeoutMs: config.planTimeoutSeconds * 1_000,
    policy: { pinnedEdition: config.matrixEdition, previewApiVersion: config.armPreviewApiVersion },
    planTtlMinutes: config.planTtlMinutes,
    approvalTtlMinutes: config.approvalTtlMinutes,
    approvalScope: () => approvalScopeOf(policy()),
    announce,
    ...(config.prices === null ? {} : { prices: createPriceService({ ...config.prices, now, logger }) }),
  }
  const inventoryDeps: InventoryDeps = {
    ...shared,
    estate: arms.estate,
    webhooks: inventoryWebhooks,
    requests: new EventEmitter(),
    refreshMinutes: config.inventoryRefreshMinutes,
    observer: telemetry.inventory,
  }
  const planning = telemetry.planning(createPlanning(planningDeps))
  // No caller waits for the plans of campaigns, so they leave more calls to others.
  const campaignPlanning = telemetry.planning(
    createPlanning({
      ...planningDeps,
      takeSnapshot: snapshots('campaigns'),
      planTimeoutMs: CAMPAIGN_PLAN_TIMEOUT_MS,
    }),
  )
  const jobs = createJobs(jobsDeps)
  const campaignsDeps: CampaignsDeps = {
    ...shared,
    planning: campaignPlanning,
    jobs,
    jumpedSince: (time) => clock.jumpedSince(time),
    announce: (trx, clusterKeys, messages) => announceCampaign(trx, webhooksDeps, clusterKeys, messages),
    needsApproval: (clusterKey) => requiresApproval(policy(), clusterKey),
    observer: telemetry.campaigns,
  }
  return {
    telemetry,
    readiness,
    planning,
    jobs,
    campaigns: createCampaigns(campaignsDeps),
    probes: createProbes(jobsDeps),
    approvals: createApprovals(jobsDeps),
    audit: createAudit(shared),
    webhooks: createWebhooks(webhooksDeps),
    links: createAccessLinks({
      ...shared,
      elapsedSince: (time) => clock.elapsedSince(time),
      maxShareMinutes: config.shareLinkMaxMinutes,
    }),
    inventory: createInventory(inventoryDeps),
    keys: createIdempotency(shared),
    webhooksDeps,
    jobsDeps,
    inventoryDeps,
    campaignsDeps,
  }
}
