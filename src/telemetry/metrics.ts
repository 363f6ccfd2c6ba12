import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { CAMPAIGN_END_STATUSES } from '../contract/campaign.ts'
import { INVENTORY_CHANGES } from '../contract/inventory.ts'
import { JOB_ERROR_CODES } from '../contract/job.ts'
import { DISABLED_REASONS } from '../contract/webhook.ts'

/** Seconds: an answer from the database, one from Azure, a plan of a large subscription. */
const ANSWER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** Seconds: a read-back, a simulated change, a real change (3 to 15 minutes), a change that hangs. */
const STEP_BUCKETS = [0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1_200, 2_400, 4_800]

export type Metrics = ReturnType<typeof createMetrics>

/**
 * Every figure of the service, in a registry of its own. Labels are words of which the program has a fixed
 * number: never a cluster, a subscription, a caller or an address.
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

  gauge('egress_build_info', 'Always 1; the labels say what runs.', ['version', 'node', 'azure']).set(
    { version: info.version, node: process.version, azure: info.azure },
    1,
  )
  const metrics = {
    registry,
    requests: seconds(
      'egress_http_request_duration_seconds',
      'Requests answered.',
      ['operation', 'status'],
      ANSWER_BUCKETS,
    ),
    plans: counter('egress_plans_total', 'Plans made, by what they say.', ['status', 'target']),
    plansRefused: counter('egress_plans_refused_total', 'Plans that could not be made.', ['code']),
    snapshots: seconds(
      'egress_snapshot_duration_seconds',
      'Looks at a cluster and its network.',
      ['outcome'],
      ANSWER_BUCKETS,
    ),
    jobsAccepted: counter('egress_jobs_accepted_total', 'Jobs accepted.'),
    jobsEnded: counter('egress_jobs_ended_total', 'Jobs ended by this process.', ['status', 'code']),
    jobSeconds: seconds(
      'egress_job_duration_seconds',
      'From acceptance to the end.',
      ['status'],
      STEP_BUCKETS,
    ),
    stepSeconds: seconds(
      'egress_step_duration_seconds',
      'Steps of jobs, from their start to their end.',
      ['step', 'status'],
      STEP_BUCKETS,
    ),
    stepFaults: counter('egress_step_faults_total', 'Faults of steps that were tried again.', [
      'step',
      'kind',
    ]),
    tickSeconds: seconds(
      'egress_tick_duration_seconds',
      'Ticks of jobs, by what they did.',
      ['action'],
      ANSWER_BUCKETS,
    ),
    armSeconds: seconds(
      'egress_arm_request_duration_seconds',
      'Requests to Azure Resource Manager; `fault` is "none" for an answer of 2xx.',
      ['method', 'operation', 'status', 'fault'],
      ANSWER_BUCKETS,
    ),
    armRemaining: gauge(
      'egress_arm_ratelimit_remaining',
      'What Resource Manager last said is left of a limit; the least of all subscriptions.',
      ['bucket'],
    ),
    budgetWaits: seconds(
      'egress_arm_budget_wait_seconds',
      'Calls to Azure that were not sent yet, because the call budget was spent; the wait until the next token.',
      ['purpose'],
      ANSWER_BUCKETS,
    ),
    budgetUnanswered: counter(
      'egress_arm_budget_unanswered_total',
      'Times at which the database granted no calls in time, and this process counted alone.',
    ),
    webhookAttempts: counter(
      'egress_webhook_attempts_total',
      'Attempts to deliver a message, by what came of them.',
      ['outcome'],
    ),
    webhooksDisabled: counter('egress_webhooks_disabled_total', 'Webhooks disabled for their receivers.', [
      'because',
    ]),
    messagesPending: gauge('egress_webhook_messages_pending', 'Messages of the whole service on their way.'),
    inventoryClusters: gauge('egress_inventory_clusters', 'Clusters of the inventory.'),
    inventoryFlagged: gauge('egress_inventory_flagged_clusters', 'Clusters of the inventory with a flag.', [
      'flag',
    ]),
    inventoryAge: gauge(
      'egress_inventory_age_seconds',
      'Since the last refresh of the inventory that did not fail; NaN before the first.',
    ),
    inventoryChanges: counter(
      'egress_inventory_changes_total',
      'Changes that refreshes of this process found, without a changed egress that a job explains.',
      ['kind'],
    ),
    refreshSeconds: seconds(
      'egress_inventory_refresh_duration_seconds',
      'Refreshes of the inventory by this process.',
      ['status'],
      STEP_BUCKETS,
    ),
    campaignsUnfinished: gauge('egress_campaigns_unfinished', 'Campaigns that have not ended.', ['status']),
    campaignMembers: gauge('egress_campaign_members', 'Members of campaigns that have not ended.', [
      'status',
    ]),
    campaignsEnded: counter('egress_campaigns_ended_total', 'Campaigns ended by this process.', ['status']),
    databaseUp: gauge('egress_database_up', 'Whether the database answered when the queue was counted.'),
    jobsUnfinished: gauge('egress_jobs_unfinished', 'Jobs of the whole service that have not ended.', [
      'status',
      'step',
    ]),
    ticksDue: gauge('egress_ticks_due', 'Jobs whose tick is due or under way.'),
    oldestDueSeconds: gauge('egress_oldest_due_tick_age_seconds', 'For how long the oldest has been due.'),
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

/** 200 as `2xx`: a class is enough to count by, and there are five. */
export function statusClass(status: number): string {
  return `${Math.floor(status / 100)}xx`
}
