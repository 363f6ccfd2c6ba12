import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { v7 as uuidv7 } from 'uuid'
import { coalesceLists } from './azure/connect/coalesce-lists.ts'
import { connectArm } from './azure/connect/connect-arm.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import type { Owner } from './core/access/access-policy.ts'

import { type AccessPolicy, clusterScopeOf, inScope, requiresApproval } from './core/access/access-policy.ts'
import { PollBudget } from './core/job/polling.ts'
import { transitionTable } from './core/support-matrix/transitions.ts'
import { createAudit } from './database/audit/audit.ts'
import { openChangeFeed } from './database/engine/change-feed.ts'
import { openDatabase } from './database/engine/database.ts'
import { lockFolder } from './database/engine/folder-lock.ts'
import { checkMigrated, migrate } from './database/migrations/migrate.ts'
import { createIdempotency } from './database/stores/idempotency.ts'
import { readQueueStats } from './database/stores/queue-stats.ts'
import { createApprovals } from './jobs/commands/approve-plan.ts'
import { createJobs } from './jobs/commands/create-jobs.ts'
import { startQueue } from './jobs/queue/queue.ts'
import { startWorkers } from './jobs/worker/worker.ts'
import { createPlanning } from './planning/create-planning.ts'
import { createTakeSnapshot } from './planning/snapshot/take-snapshot.ts'
import { PolicyFileError, readPolicyFile } from './routes/auth/policy-file.ts'
import { StopPhases } from './stop-phases.ts'
import { createLogger } from './telemetry/logger.ts'
import { createReadiness } from './telemetry/readiness.ts'
import { createTelemetry } from './telemetry/telemetry.ts'
import type { Tracing } from './telemetry/tracing.ts'
import { createWebhooks, generateSecret } from './webhooks/create-webhooks.ts'
import { createJobWebhooks } from './webhooks/job-webhooks.ts'
import { resolveName } from './webhooks/receiver.ts'
import { startDeliveries } from './webhooks/start-deliveries.ts'

/** The exit code of sysexits.h for a faulty configuration. */
const EXIT_CONFIG = 78
/** A stop that takes longer than this, beyond the delay that was asked for, is ended by force. */
const STOP_LIMIT_MS = 25_000

const config = readOrExit()
/** The access policy in force; null where the grants of the token decide alone. */
let policy: AccessPolicy | null = await policyOrExit()
let tracing: Tracing | null = null
const logger = createLogger({ level: config.logLevel, traceId: () => tracing?.traceId() ?? null })
let isStopping = false
const stops = new StopPhases()

try {
  await start()
} catch (error) {
  logger.fatal({ err: error }, 'the service could not start')
  await stops.run(logger)
  process.exit(1)
}

function readOrExit(): Readonly<Config> {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const fault of error.faults) process.stderr.write(`${fault}\n`)
    process.exit(EXIT_CONFIG)
  }
}

async function policyOrExit(): Promise<AccessPolicy | null> {
  try {
    return config.accessPolicyFile === null ? null : await readPolicyFile(config.accessPolicyFile)
  } catch (error) {
    if (!(error instanceof PolicyFileError)) throw error
    for (const fault of error.faults) process.stderr.write(`${fault}\n`)
    process.exit(EXIT_CONFIG)
  }
}

/** On SIGHUP. A file that cannot be used changes nothing: the former policy stays in force. */
async function reloadPolicy(path: string): Promise<void> {
  try {
    policy = await readPolicyFile(path)
    logger.info({ grants: policy.grants.length }, 'the access policy was read anew')
  } catch (error) {
    logger.error({ err: error }, 'the access policy cannot be used; the former one stays in force')
  }
}

/** Says what an operator might take for granted otherwise. */
function logAccessPolicy(): void {
  const path = config.accessPolicyFile
  if (path !== null) {
    process.on('SIGHUP', () => void reloadPolicy(path))
    logger.info({ policy: path }, 'the access policy decides who may do what on which cluster')
  } else if (config.entra !== null)
    logger.warn(
      'ACCESS_POLICY_FILE is not set: whoever has a role may use it on every cluster that this service can reach, and no job needs an approval',
    )
}

async function start(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal))
  logAccessPolicy()
  tracing = await startConfiguredTracing()
  await mkdir(config.dataDir, { recursive: true })
  if (config.databaseUrl === null) {
    const lock = await lockFolder(config.dataDir)
    stops.add('folder', 'lock', () => lock.release())
  }
  const armEndpoint = await resolveArmEndpoint()
  const database = await openDatabase({
    dataDir: join(config.dataDir, 'database'),
    databaseUrl: config.databaseUrl,
  })
  stops.add('database', 'database', () => database.close())
  await migrate(database)
  const queue = await startQueue(database, logger)
  stops.add('queue', 'queue', () => queue.stop())

  const now = () => new Date()
  const azure = config.azureMode
  const waitScale = azure === 'simulated' ? config.simulatorTimeScale : 1
  const telemetry = createTelemetry({
    version: await version(),
    azure,
    tracing,
    queueFigures: () => readQueueStats(database.kysely, now()),
    now,
  })
  const readiness = createReadiness({
    checkDatabase: () => checkMigrated(database),
    isWorker: config.role !== 'api',
    polledAt: () => queue.polledAt(),
    isStopping: () => isStopping,
    armContact: telemetry.armContact,
    now,
    warn: (facts, message) => logger.warn(facts, message),
  })
  const arm = connectArm({
    timeScale: waitScale,
    simulated: azure === 'simulated',
    ...(armEndpoint === null ? {} : { endpoint: armEndpoint }),
    observe: telemetry.arm,
  })
  const takeSnapshot = telemetry.snapshots(createTakeSnapshot(coalesceLists(arm), now))
  const planningPolicy = {
    pinnedEdition: config.matrixEdition,
    previewApiVersion: config.armPreviewApiVersion,
  }
  const shared = { database, azure, now, newId: () => uuidv7() }
  const webhooksDeps = {
    ...shared,
    deliveries: queue.deliveries,
    version: await version(),
    allowedNetworks: config.webhookAllowedNetworks,
    resolve: resolveName,
    mayRead: (owner: Owner, clusterKey: string) => inScope(clusterScopeOf(policy, owner, 'read'), clusterKey),
    newSecret: generateSecret,
    random: Math.random,
    logger,
    observer: telemetry.webhooks,
  }
  const jobsDeps = {
    ...shared,
    webhooks: createJobWebhooks(webhooksDeps),
    needsApproval: (clusterKey: string) => requiresApproval(policy, clusterKey),
    queue,
    arm,
    takeSnapshot,
    random: Math.random,
    uptime: () => performance.now(),
    waitScale,
    logger,
    polls: new PollBudget(waitScale),
    observer: telemetry.jobs,
  }
  const planning = telemetry.planning(
    createPlanning({
      ...shared,
      takeSnapshot,
      policy: planningPolicy,
      planTtlMinutes: config.planTtlMinutes,
    }),
  )
  const jobs = createJobs(jobsDeps)

  if (config.metrics !== null) {
    const { serveMetrics } = await import('./telemetry/metrics-server.ts')
    const warn = (facts: object, message: string) => logger.warn(facts, message)
    const server = await serveMetrics({ ...config.metrics, text: () => telemetry.text(), readiness, warn })
    stops.add('telemetry', 'metrics', () => server.close())
    logger.info({ metrics: server.url }, 'metrics are served')
  }
  if (config.role !== 'worker') {
    const { buildApp } = await import('./app.ts')
    const changes = await openChangeFeed(database, logger)
    stops.add('queue', 'changes', () => changes.close())
    const { defaultPressureLimits } = await import('./routes/server/load-limits.ts')
    const transitions = () => transitionTable(config.matrixEdition)
    const app = await buildApp({
      planning,
      jobs,
      approvals: createApprovals(jobsDeps),
      audit: createAudit(shared),
      webhooks: createWebhooks(webhooksDeps),
      changes,
      keys: createIdempotency(shared),
      policy: () => policy,
      transitions,
      readiness,
      azure,
      version: await version(),
      rateLimits: config.rateLimits,
      pressure: defaultPressureLimits(),
      corsOrigins: config.corsOrigins,
      trustedProxies: config.trustedProxies,
      observer: telemetry.http,
      metrics: () => telemetry.text(),
      logger,
      ...(await authentication()),
    })
    stops.add('work', 'requests', () => app.close())
    const url = await app.listen({ host: config.host, port: config.port })
    if (config.role === 'all') await work()
    logger.info({ url, azure, role: config.role, database: database.engine }, readyMessage())
  } else {
    await work()
    logger.info({ azure, role: config.role, database: database.engine }, 'working')
  }

  async function work() {
    const workers = await startWorkers(jobsDeps)
    stops.add('work', 'ticks', () => workers.stop())
    const deliveries = await startDeliveries(webhooksDeps)
    stops.add('work', 'deliveries', () => deliveries.stop())
  }
}

/** Loads OpenTelemetry only where traces go somewhere. */
async function startConfiguredTracing(): Promise<Tracing | null> {
  if (config.tracing === null) return null
  const { startTracing } = await import('./telemetry/opentelemetry.ts')
  const warn = (message: string) => logger.warn({ said: message }, 'traces are not sent')
  const started = startTracing({ ...config.tracing, version: await version(), warn })
  stops.add('telemetry', 'tracing', () => started.stop())
  return started
}

/** How callers are proven. Without settings for it nobody is checked, which readConfig allows on loopback only. */
async function authentication() {
  if (config.entra === null) return {}
  const { createEntraAuthentication } = await import('./routes/auth/entra.ts')
  const { authority, ...entra } = config.entra
  const authenticate = createEntraAuthentication(authority === null ? entra : { ...entra, authority })
  return { authenticate, signIn: config.entra }
}

/** Where Resource Manager is: somebody else's, the public one (null), or a simulator inside this process. */
async function resolveArmEndpoint(): Promise<string | null> {
  if (config.armEndpoint !== null || config.azureMode === 'azure') return config.armEndpoint
  const { startSimulator } = await import('./simulator/start-simulator.ts')
  const simulator = await startSimulator({
    port: config.simulatorPort,
    timeScale: config.simulatorTimeScale,
    stateFile: join(config.dataDir, 'simulator.json'),
  })
  stops.add('azure', 'simulator', () => simulator.close())
  logger.info(
    { simulator: simulator.url, timeScale: config.simulatorTimeScale },
    'Azure is simulated: no real cluster is read or changed',
  )
  return simulator.url
}

function readyMessage(): string {
  return config.azureMode === 'simulated' ? 'ready, with simulated Azure; Swagger UI is at /docs' : 'ready'
}

async function version(): Promise<string> {
  const { default: manifest } = await import('../package.json', { with: { type: 'json' } })
  return manifest.version
}

/** `/readyz` says it first, then everything stops in phases; a second signal, or a stop that hangs, ends at once. */
async function stop(signal: string): Promise<void> {
  if (isStopping) process.exit(1)
  isStopping = true
  const delayMs = config.stopDelaySeconds * 1_000
  logger.info({ signal, delayMs }, 'stopping')
  setTimeout(() => process.exit(1), delayMs + STOP_LIMIT_MS).unref()
  if (config.role !== 'worker') await delay(delayMs)
  await stops.run(logger)
  process.exit(0)
}
