import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { CAMPAIGN_END_STATUSES } from '../contract/campaign.ts'
import { INVENTORY_CHANGES } from '../contract/inventory.ts'
import { JOB_ERROR_CODES } from '../contract/job.ts'
import { DISABLED_REASONS } from '../contract/webhook.ts'

/** Seconds. The range covers a response of the database, a response of Azure, and a plan of a large subscription. */
const ANSWER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** Seconds. The range covers a read, a simulated change, a real change (3 to 15 minutes), and a change that hangs. */
const STEP_BUCKETS = [0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1_200, 2_400, 4_800]

export type Metrics = ReturnType<typeof createMetrics>

/**
 * All metrics of the service, in a separate registry. Labels have a fixed set of values, and never name a cluster,
 * subscription, caller, or address.
 */
export function createMetrics(info: { version: string; azure: string }) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  const seconds = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers })

  gauge('egress_build_info', 'Always 1; the labels contain the version.', ['version', 'node', 'azure']).set(
    { version: info.version, node: process.version, azure: info.azure },
    1,
  )
  const metrics = {
    registry,
    requests: seconds(
      'egress_http_request_duration_seconds',
      'Duration of HTTP requests, by operation and status class.',
      ['operation', 'status'],
      ANSWER_BUCKETS,
    ),
    plans: counter('egress_plans_total', 'Plans created, by status and target.', ['status', 'target']),
    plansRefused: counter('egress_plans_refused_total', 'Plan requests that failed, by reason.', ['code']),
    snapshots: seconds(
      'egress_snapshot_duration_seconds',
      'Duration of reading a cluster and its network.',
      ['outcome'],
      ANSWER_BUCKETS,
    ),
    jobsAccepted: counter('egress_jobs_accepted_total', 'Jobs accepted by this process.'),
    jobsEnded: counter('egress_jobs_ended_total', 'Jobs that this process ended, by status and error code.', [
      'status',
      'code',
    ]),
    jobSeconds: seconds(
      'egress_job_duration_seconds',
      'Duration of jobs, from acceptance to end.',
      ['status'],
      STEP_BUCKETS,
    ),
    stepSeconds: seconds(
      'egress_step_duration_seconds',
      'Duration of the steps of jobs.',
      ['step', 'status'],
      STEP_BUCKETS,
    ),
    stepFaults: counter('egress_step_faults_total', 'Errors in steps that caused a retry.', ['step', 'kind']),
    tickSeconds: seconds(
      'egress_tick_duration_seconds',
      'Duration of the ticks of jobs, by action.',
      ['action'],
      ANSWER_BUCKETS,
    ),
    armSeconds: seconds(
      'egress_arm_request_duration_seconds',
      'Duration of requests to Azure Resource Manager; the label fault is "none" for a 2xx response.',
      ['method', 'operation', 'status', 'fault'],
      ANSWER_BUCKETS,
    ),
    armRemaining: gauge(
      'egress_arm_ratelimit_remaining',
      'Calls left in each limit, as last reported by Azure Resource Manager; the lowest of all subscriptions.',
      ['bucket'],
    ),
    budgetWaits: seconds(
      'egress_arm_budget_wait_seconds',
      'Time that calls to Azure waited because the call budget was used up.',
      ['purpose'],
      ANSWER_BUCKETS,
    ),
    budgetUnanswered: counter(
      'egress_arm_budget_unanswered_total',
      'Requests for calls that the database did not answer in time, so that this process used its own count.',
    ),
    webhookAttempts: counter('egress_webhook_attempts_total', 'Attempts to deliver a message, by outcome.', [
      'outcome',
    ]),
    webhooksDisabled: counter(
      'egress_webhooks_disabled_total',
      'Webhooks that the service disabled because of their receivers, by reason.',
      ['because'],
    ),
    messagesPending: gauge('egress_webhook_messages_pending', 'Undelivered messages of all processes.'),
    inventoryClusters: gauge('egress_inventory_clusters', 'Clusters in the inventory.'),
    inventoryFlagged: gauge(
      'egress_inventory_flagged_clusters',
      'Clusters in the inventory with a flag, by flag.',
      ['flag'],
    ),
    inventoryAge: gauge(
      'egress_inventory_age_seconds',
      'Time since the last refresh of the inventory that succeeded completely or partly; NaN before the first refresh.',
    ),
    inventoryChanges: counter(
      'egress_inventory_changes_total',
      'Changes that refreshes of this process found, except egress changes that a job explains.',
      ['kind'],
    ),
    refreshSeconds: seconds(
      'egress_inventory_refresh_duration_seconds',
      'Duration of inventory refreshes by this process.',
      ['status'],
      STEP_BUCKETS,
    ),
    campaignsUnfinished: gauge('egress_campaigns_unfinished', 'Campaigns that have not ended.', ['status']),
    campaignMembers: gauge(
      'egress_campaign_members',
      'Members of campaigns that have not ended, by status.',
      ['status'],
    ),
    campaignsEnded: counter('egress_campaigns_ended_total', 'Campaigns ended by this process.', ['status']),
    databaseUp: gauge(
      'egress_database_up',
      '1 if the database responded when the queue was last counted, otherwise 0.',
    ),
    jobsUnfinished: gauge('egress_jobs_unfinished', 'Unfinished jobs of all processes.', ['status', 'step']),
    ticksDue: gauge('egress_ticks_due', 'Jobs whose tick is due or in progress.'),
    oldestDueSeconds: gauge(
      'egress_oldest_due_tick_age_seconds',
      'Time since the oldest due tick became due.',
    ),
  }
  startRareCounters(metrics)
  return metrics
}

/**
 * Exposes the series of rare events with 0 from the start. Prometheus sees no increase in a series that begins with 1, and
 * the first event of a process is often its only one.
 */
function startRareCounters({
  jobsEnded,
  webhooksDisabled,
  inventoryChanges,
  campaignsEnded,
}: Record<'jobsEnded' | 'webhooksDisabled' | 'inventoryChanges' | 'campaignsEnded', Counter>): void {
  for (const status of ['Succeeded', 'Canceled']) jobsEnded.inc({ status, code: 'none' }, 0)
  for (const code of JOB_ERROR_CODES) jobsEnded.inc({ status: 'Failed', code }, 0)
  jobsEnded.inc({ status: 'Canceled', code: 'OPERATION_ABORTED' }, 0)
  for (const because of DISABLED_REASONS) webhooksDisabled.inc({ because }, 0)
  for (const kind of [...INVENTORY_CHANGES, 'endpointsChanged']) inventoryChanges.inc({ kind }, 0)
  for (const status of CAMPAIGN_END_STATUSES) campaignsEnded.inc({ status }, 0)
}

/** 200 as `2xx`: the five classes are sufficient for counts. */
export function statusClass(status: number): string {
  return `${Math.floor(status / 100)}xx`
}
