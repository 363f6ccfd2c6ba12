import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import manifest from '../package.json' with { type: 'json' }
import { databasePassword } from './azure/connect/database-token.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import type { AccessPolicy } from './core/access/access-policy.ts'
import { DataFolderError, prepareDataFolder } from './data-folder.ts'
import { type Database, openDatabase } from './database/engine/database.ts'
import { lockFolder } from './database/engine/folder-lock.ts'
import { PolicyFileError, readPolicyFile } from './routes/auth/policy-file.ts'
import type { Services } from './services.ts'
import { logProgress, logStart } from './start-log.ts'
import { StopPhases } from './stop-phases.ts'
import { createLogger } from './telemetry/logger.ts'
import type { Tracing } from './telemetry/tracing.ts'

/** The exit code of sysexits.h for an invalid configuration. */
const EXIT_CONFIG = 78
/** A stop that takes longer than this, in addition to the configured delay, ends by force. */
const STOP_LIMIT_MS = 25_000

/**
 * Runs the service from start to stop. Signals stop it; `exit` ends the process, with 78 for an invalid configuration and
 * 1 for a failed start.
 */
export async function runService(
  environment: Record<string, string | undefined>,
  exit: (code: number) => never,
): Promise<void> {
  const config = await orExit(() => readConfig(environment), exit)
  const path = config.accessPolicyFile
  const policy = await orExit(() => (path === null ? null : readPolicyFile(path)), exit)
  await orExit(() => prepareDataFolder(config), exit)
  const service = new Service(config, policy, exit)
  await service.start(environment)
}

/** Prints the errors of an invalid configuration, one in each line, and exits. */
async function orExit<T>(read: () => T | Promise<T>, exit: (code: number) => never): Promise<T> {
  try {
    return await read()
  } catch (error) {
    for (const fault of configurationFaults(error)) process.stderr.write(`${fault}\n`)
    return exit(EXIT_CONFIG)
  }
}

/** The sentences of an invalid configuration. Rethrows every other error. */
function configurationFaults(error: unknown): string[] {
  if (error instanceof ConfigError || error instanceof PolicyFileError) return [...error.faults]
  if (error instanceof DataFolderError) return [error.message]
  throw error
}

class Service {
  readonly #config: Readonly<Config>
  readonly #exit: (code: number) => never
  readonly #stops = new StopPhases()
  readonly #logger
  #policy: AccessPolicy | null
  #tracing: Tracing | null = null
  #isStopping = false

  constructor(config: Readonly<Config>, policy: AccessPolicy | null, exit: (code: number) => never) {
    this.#config = config
    this.#policy = policy
    this.#exit = exit
    this.#logger = createLogger({
      level: config.logLevel,
      format: config.logFormat,
      traceId: () => this.#tracing?.traceId() ?? null,
    })
  }

  async start(environment: Record<string, string | undefined>): Promise<void> {
    logStart(this.#logger, manifest.version, this.#config, environment)
    try {
      await this.#start()
    } catch (error) {
      this.#logger.fatal({ err: error }, 'startup failed')
      await this.#stops.run(this.#logger)
      this.#exit(1)
    }
  }

  async #start(): Promise<void> {
    const { role, dataDir, databaseUrl, databaseAuth, armEndpoint: endpoint, azureMode } = this.#config
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#stop(signal))
    this.#logAccessPolicy()
    this.#tracing = await this.#startTracing()
    if (databaseUrl === null) {
      const lock = await lockFolder(dataDir)
      this.#stops.add('folder', 'lock', () => lock.release())
    }
    logProgress(this.#logger, 'opening the database')
    // The database opens, in a process of its own at the first start, while the modules load.
    const opening = openDatabase({
      dataDir: join(dataDir, 'database'),
      databaseUrl,
      password: databasePassword(databaseAuth, endpoint),
    })
    this.#stops.add('database', 'database', async () => (await opening).close())
    const [database, armEndpoint, { createServices }, { migrate }, { keepClock }, { startQueue }] =
      await Promise.all([
        opening,
        this.#resolveArmEndpoint(),
        import('./services.ts'),
        import('./database/migrations/migrate.ts'),
        import('./database/clock/keep-clock.ts'),
        import('./jobs/queue/queue.ts'),
        role === 'worker' ? null : loadApi(),
        role === 'api' ? null : loadWorker(),
      ])
    logProgress(this.#logger, 'database is open')
    const { from, to } = await migrate(database)
    logProgress(this.#logger, 'database schema is up to date', { from, to })
    const { clock, stop } = await keepClock(database, this.#logger)
    this.#stops.add('queue', 'clock', stop)
    const queue = await startQueue(database, this.#logger, () => clock.now())
    logProgress(this.#logger, 'queue is open')
    this.#stops.add('queue', 'queue', () => queue.stop())
    const services = createServices({
      config: this.#config,
      version: manifest.version,
      database,
      queue,
      clock,
      armEndpoint,
      policy: () => this.#policy,
      isStopping: () => this.#isStopping,
      tracing: this.#tracing,
      logger: this.#logger,
    })
    await this.#serveMetrics(services)
    const url = role === 'worker' ? null : await this.#serveRequests(services, database)
    if (role !== 'api') await this.#work(services, database)
    const facts = { azure: azureMode, role, database: database.engine }
    if (url === null) this.#logger.info(facts, 'worker is ready')
    else this.#logger.info({ url, ...facts }, readyMessage(azureMode))
  }

  /** Loads OpenTelemetry only if traces are sent somewhere. */
  async #startTracing(): Promise<Tracing | null> {
    if (this.#config.tracing === null) return null
    const { startTracing } = await import('./telemetry/opentelemetry.ts')
    const warn = (message: string) => this.#logger.warn({ said: message }, 'traces not sent')
    const tracing = startTracing({ ...this.#config.tracing, version: manifest.version, warn })
    this.#stops.add('telemetry', 'tracing', () => tracing.stop())
    return tracing
  }

  /** The endpoint of Resource Manager: the configured one, the public one (null), or a simulator inside this process. */
  async #resolveArmEndpoint(): Promise<string | null> {
    const { armEndpoint, azureMode, dataDir } = this.#config
    const { simulatorPort: port, simulatorTimeScale: timeScale } = this.#config
    if (armEndpoint !== null || azureMode === 'azure') return armEndpoint
    const { startSimulator } = await import('./simulator/start-simulator.ts')
    const simulator = await startSimulator({ port, timeScale, stateFile: join(dataDir, 'simulator.json') })
    this.#stops.add('azure', 'simulator', () => simulator.close())
    this.#logger.info(
      { simulator: simulator.url, timeScale },
      'Azure is simulated: no real cluster is read or changed',
    )
    return simulator.url
  }

  async #serveMetrics({ telemetry, readiness }: Services): Promise<void> {
    if (this.#config.metrics === null) return
    const { serveMetrics } = await import('./telemetry/metrics-server.ts')
    const text = () => telemetry.text()
    const server = await serveMetrics({ ...this.#config.metrics, text, readiness, logger: this.#logger })
    this.#stops.add('telemetry', 'metrics', () => server.close())
    this.#logger.info({ metrics: server.url }, 'metrics endpoint is ready')
  }

  /** Serves the API; returns its URL. */
  async #serveRequests({ telemetry, ...services }: Services, database: Database): Promise<string> {
    const { azureMode, matrixEdition, rateLimits, knownHosts, corsOrigins, trustedProxies, host, port } =
      this.#config
    const [{ buildApp }, { openChangeFeed }, { defaultPressureLimits }, { transitionTable }] = await loadApi()
    const changes = await openChangeFeed(database, this.#logger)
    this.#stops.add('queue', 'changes', () => changes.close())
    const app = await buildApp({
      ...services,
      changes,
      policy: () => this.#policy,
      transitions: () => transitionTable(matrixEdition),
      azure: azureMode,
      version: manifest.version,
      rateLimits,
      pressure: defaultPressureLimits(),
      ...(knownHosts === null ? {} : { knownHosts }),
      corsOrigins,
      mcp: this.#config.mcp,
      trustedProxies,
      observer: telemetry.http,
      metrics: () => telemetry.text(),
      logger: this.#logger,
      ...(await this.#authentication()),
    })
    this.#stops.add('work', 'requests', () => app.close())
    return app.listen({ host, port })
  }

  /** How callers are authenticated. Without settings for it they are not, which readConfig allows on loopback only. */
  async #authentication() {
    const { entra } = this.#config
    if (entra === null) return {}
    const { createEntraAuthentication } = await import('./routes/auth/entra.ts')
    const { authority, ...audience } = entra
    const authenticate = createEntraAuthentication(authority === null ? audience : { ...audience, authority })
    const { swaggerClientId, mcpResource } = this.#config
    return { authenticate, signIn: { ...entra, swaggerClientId, mcpResource } }
  }

  /** Executes jobs and campaigns, delivers messages, and refreshes the inventory. */
  async #work(
    { jobsDeps, webhooksDeps, inventoryDeps, campaignsDeps }: Services,
    database: Database,
  ): Promise<void> {
    const [{ startWorkers }, { startDeliveries }, { startCleanup }, { startRefreshes }, { startCampaigns }] =
      await loadWorker()
    const workers = await startWorkers(jobsDeps)
    this.#stops.add('work', 'ticks', () => workers.stop())
    const campaigns = await startCampaigns(campaignsDeps)
    this.#stops.add('work', 'campaigns', () => campaigns.stop())
    const deliveries = await startDeliveries(webhooksDeps)
    this.#stops.add('work', 'deliveries', () => deliveries.stop())
    const refreshes = startRefreshes(inventoryDeps)
    this.#stops.add('work', 'refreshes', () => refreshes.stop())
    const { retentionDays } = this.#config
    const cleanup = startCleanup({ database, retentionDays, now: webhooksDeps.now, logger: this.#logger })
    this.#stops.add('work', 'cleanup', () => cleanup.stop())
  }

  /** Logs whether an access policy applies. */
  #logAccessPolicy(): void {
    if (this.#config.entra?.userRoles === 'optional')
      this.#logger.warn(
        'ENTRA_USER_ROLES is set to optional: users without an app role have all permissions that the scopes of the client grant',
      )
    const path = this.#config.accessPolicyFile
    if (path !== null) {
      process.on('SIGHUP', () => void this.#reloadPolicy(path))
      this.#logger.info({ policy: path }, 'access policy loaded')
    } else if (this.#config.entra !== null)
      this.#logger.warn(
        'ACCESS_POLICY_FILE is not set: each role applies to every cluster of this service, and no job requires approval',
      )
  }

  /** On SIGHUP. An invalid file changes nothing: the former policy stays in force. */
  async #reloadPolicy(path: string): Promise<void> {
    try {
      this.#policy = await readPolicyFile(path)
      this.#logger.info({ grants: this.#policy.grants.length }, 'access policy reloaded')
    } catch (error) {
      this.#logger.error({ err: error }, 'access policy file is invalid; the previous policy still applies')
    }
  }

  /** Shows the stop in `/readyz`, then stops in phases. A second signal, or a stop that hangs, ends the process. */
  async #stop(signal: string): Promise<void> {
    if (this.#isStopping) this.#exit(1)
    this.#isStopping = true
    const delayMs = this.#config.stopDelaySeconds * 1_000
    this.#logger.info({ signal, delayMs }, 'stopping')
    setTimeout(() => this.#exit(1), delayMs + STOP_LIMIT_MS).unref()
    if (this.#config.role !== 'worker') await delay(delayMs)
    await this.#stops.run(this.#logger)
    this.#exit(0)
  }
}

/** The modules that processes with an API need. */
function loadApi() {
  return Promise.all([
    import('./app.ts'),
    import('./database/engine/change-feed.ts'),
    import('./routes/server/load-limits.ts'),
    import('./core/support-matrix/transitions.ts'),
  ])
}

/** The modules that processes need that execute jobs. */
function loadWorker() {
  return Promise.all([
    import('./jobs/worker/worker.ts'),
    import('./webhooks/start-deliveries.ts'),
    import('./database/stores/cleanup.ts'),
    import('./inventory/start-refreshes.ts'),
    import('./campaigns/campaign-worker.ts'),
  ])
}

function readyMessage(azureMode: Config['azureMode']): string {
  return azureMode === 'simulated' ? 'ready, with simulated Azure; Swagger UI is at /docs' : 'ready'
}
