import { EventEmitter } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { buildApp } from '../../src/app.ts'
import { connectArm } from '../../src/azure/connect/connect-arm.ts'
import { startCampaigns } from '../../src/campaigns/campaign-worker.ts'
import { createCampaigns } from '../../src/campaigns/create-campaigns.ts'
import { PollBudget } from '../../src/core/job/polling.ts'
import { transitionTable } from '../../src/core/support-matrix/transitions.ts'
import { createAudit } from '../../src/database/audit/audit.ts'
import { openChangeFeed } from '../../src/database/engine/change-feed.ts'
import { type Database, openDatabase } from '../../src/database/engine/database.ts'
import { createAccessLinks } from '../../src/database/links/access-links.ts'
import { migrate } from '../../src/database/migrations/migrate.ts'
import { createIdempotency } from '../../src/database/stores/idempotency.ts'
import { createInventory } from '../../src/inventory/create-inventory.ts'
import { createApprovals } from '../../src/jobs/commands/approve-plan.ts'
import { createJobs } from '../../src/jobs/commands/create-jobs.ts'
import { createProbes } from '../../src/jobs/commands/create-probes.ts'
import { startQueue } from '../../src/jobs/queue/queue.ts'
import { startWorkers } from '../../src/jobs/worker/worker.ts'
import { createPlanning } from '../../src/planning/create-planning.ts'
import { createTakeSnapshot } from '../../src/planning/snapshot/take-snapshot.ts'
import type { AppDeps } from '../../src/routes/server/app-deps.ts'
import { startSimulator } from '../../src/simulator/start-simulator.ts'
import { createWebhooks } from '../../src/webhooks/create-webhooks.ts'
import { resolveName } from '../../src/webhooks/receiver.ts'
import { generateSecret } from '../../src/webhooks/send.ts'

/** The whole service inside this process, listening, with a simulated Azure: wired as main.ts does it. */
export interface World {
  url: string
  simulatorUrl: string
  database: Database
  close(): Promise<void>
}

const TIME_SCALE = 1_000
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * On `DATABASE_URL` when it is set, whose database keeps what the bench has written; else on an embedded
 * database in a temporary folder.
 */
export async function startWorld(
  databaseUrl = process.env.DATABASE_URL ?? null,
  other: Pick<AppDeps, 'policy'> = {},
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'egress-bench-'))
  const simulator = await startSimulator({ timeScale: TIME_SCALE })
  const database = await openDatabase({ dataDir: join(folder, 'database'), databaseUrl })
  await migrate(database)
  const queue = await startQueue(database, SILENT)
  const now = () => new Date()
  const arm = connectArm({ endpoint: simulator.url, simulated: true })
  const takeSnapshot = createTakeSnapshot(arm, now)
  const shared = { database, azure: 'simulated' as const, now, newId: () => uuidv7(), takeSnapshot }
  const jobsDeps = {
    ...shared,
    queue,
    arm,
    random: Math.random,
    uptime: () => performance.now(),
    polls: new PollBudget(),
    waitScale: TIME_SCALE,
    logger: SILENT,
  }
  const webhooksDeps = {
    ...shared,
    deliveries: queue.deliveries,
    version: 'bench',
    allowedNetworks: [],
    resolve: resolveName,
    mayRead: () => true,
    newSecret: generateSecret,
    random: Math.random,
    logger: SILENT,
  }
  const policy = { pinnedEdition: null, previewApiVersion: null }
  const planning = createPlanning({ ...shared, policy, planTtlMinutes: 60 })
  const jobs = createJobs(jobsDeps)
  const campaignsDeps = { ...shared, planning, jobs, logger: SILENT }
  const workers = await startWorkers(jobsDeps)
  const campaigns = await startCampaigns(campaignsDeps)
  const changes = await openChangeFeed(database, SILENT)
  const app = await buildApp({
    planning,
    jobs,
    campaigns: createCampaigns(campaignsDeps),
    probes: createProbes(jobsDeps),
    approvals: createApprovals(jobsDeps),
    audit: createAudit(shared),
    webhooks: createWebhooks(webhooksDeps),
    links: createAccessLinks({ ...shared, maxShareMinutes: 60 }),
    inventory: createInventory({ ...shared, requests: new EventEmitter() }),
    changes,
    keys: createIdempotency(shared),
    transitions: () => transitionTable(null),
    readiness: async () => [],
    azure: 'simulated',
    version: 'bench',
    logger: false,
    ...other,
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const close = async () => {
    await campaigns.stop()
    await workers.stop()
    await app.close()
    await changes.close()
    await queue.stop()
    await database.close()
    await simulator.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { url, simulatorUrl: simulator.url, database, close }
}

export async function ask<T>(url: string, body?: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(
    url,
    body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) },
  )
  const text = await answer.text()
  if (answer.status === 503 && /"code":"(OVERLOADED|AZURE_THROTTLED|AZURE_UNREACHABLE)"/.test(text)) {
    // Nothing was done: it has too much to do, has spent what Azure allows, or got no answer from Azure on a busy machine.
    // The wait is part of what a caller waits.
    await pause(Number(answer.headers.get('retry-after') ?? 1) * 1_000)
    return ask(url, body)
  }
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`)
  return JSON.parse(text === '' ? 'null' : text) as T
}

export function planRequest(name: string, outboundType: string) {
  const cluster = { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg-demo', name }
  return { cluster, target: { outboundType } }
}

/** Polls until a job has ended; rejects after a minute or the given time. */
export async function endOf<T extends { status: string }>(url: string, limitMs = 60_000): Promise<T> {
  const end = Date.now() + limitMs
  for (;;) {
    const job = await ask<T>(url)
    if (['Succeeded', 'Failed', 'Canceled'].includes(job.status)) return job
    if (Date.now() > end) throw new Error(`${url} is still ${job.status}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
