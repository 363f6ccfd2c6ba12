import { isIP } from 'node:net'
import type { AzureMode } from './contract/cluster.ts'
import { EDITION_NAMES } from './core/support-matrix/editions.ts'

/** How the process runs. Frozen; made once in main.ts from the environment. */
export interface Config {
  host: string
  port: number
  /** Folder of the embedded database and of the simulated fleet; unused for the database when `databaseUrl` is set. */
  dataDir: string
  databaseUrl: string | null
  role: 'all' | 'api' | 'worker'
  azureMode: AzureMode
  /** Another Resource Manager endpoint: a sovereign cloud's, or a simulator that runs on its own. */
  armEndpoint: string | null
  /** A preview API version of Microsoft.ContainerService that knows the outbound type `block`. */
  armPreviewApiVersion: string | null
  matrixEdition: string | null
  planTtlMinutes: number
  trustedNetwork: boolean
  /** Who may do what on which clusters; null for: the grants of the token decide, everywhere. */
  accessPolicyFile: string | null
  /** How callers are checked; null for not at all. */
  entra: { tenantId: string; audience: string; authority: string | null } | null
  /** Requests that a caller may make in a minute; 0 for as many as they like. */
  rateLimits: { reads: number; writes: number }
  /** Origins whose pages may use the service from a browser. */
  corsOrigins: string[]
  /** Addresses and networks of proxies whose `X-Forwarded-…` headers are believed. */
  trustedProxies: string[]
  /** Networks that messages to webhooks may go to although they are not public. */
  webhookAllowedNetworks: string[]
  /** A listener of its own for metrics and probes; null for none. */
  metrics: { host: string; port: number } | null
  /** Where traces go; null for nowhere. */
  tracing: { endpoint: string; serviceName: string; ratio: number } | null
  logLevel: string
  /** How long `/readyz` says 503 before the service stops to listen. */
  stopDelaySeconds: number
  simulatorPort: number
  simulatorTimeScale: number
}

/** A setting that cannot be used, in a sentence for the person who set it. */
export class ConfigError extends Error {
  readonly faults: string[]

  constructor(faults: string[]) {
    super(faults.join('\n'))
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const NETWORKS = 'IP addresses or networks such as 10.0.0.0/8'
const LOOPBACK = ['127.0.0.1', '::1', 'localhost']

/**
 * Reads the settings; throws a `ConfigError` that names every fault at once. An empty value counts as not
 * set, because that is what an unset variable of a compose file looks like.
 */
export function readConfig(environment: Record<string, string | undefined>): Readonly<Config> {
  const faults: string[] = []
  const read = settingsReader(environment, faults)
  const entra = readEntra(read, faults)
  const config: Config = {
    host: read.text('HOST') ?? '127.0.0.1',
    port: read.integer('PORT', 8080, 0, 65_535),
    dataDir: read.text('DATA_DIR') ?? './data',
    databaseUrl: read.matching('DATABASE_URL', /^postgres(ql)?:\/\//, 'a postgres:// address'),
    role: read.choice('ROLE', ['all', 'api', 'worker'], 'all'),
    azureMode: read.choice('AZURE_MODE', ['simulated', 'azure'], 'simulated'),
    armEndpoint: read.matching('ARM_ENDPOINT', /^https?:\/\/[^/\s]+/, 'an http:// or https:// address'),
    armPreviewApiVersion: read.matching(
      'ARM_PREVIEW_API_VERSION',
      /^\d{4}-\d{2}-\d{2}-preview$/,
      'a preview API version such as 2026-05-02-preview',
    ),
    matrixEdition: read.optionalChoice('MATRIX_EDITION', EDITION_NAMES),
    planTtlMinutes: read.integer('PLAN_TTL_MINUTES', 60, 1, 10_080),
    accessPolicyFile: read.text('ACCESS_POLICY_FILE'),
    entra,
    trustedNetwork: read.choice('TRUSTED_NETWORK', ['true', 'false'], 'false') === 'true',
    rateLimits: {
      reads: read.integer('RATE_LIMIT_READS', entra === null ? 300_000 : 6_000, 0, 10_000_000),
      writes: read.integer('RATE_LIMIT_WRITES', entra === null ? 6_000 : 600, 0, 10_000_000),
    },
    corsOrigins: read.list(
      'CORS_ORIGINS',
      isOrigin,
      'exact origins such as https://portal.example, without *',
    ),
    trustedProxies: read.list('TRUSTED_PROXIES', isNetwork, NETWORKS),
    webhookAllowedNetworks: read.list('WEBHOOK_ALLOWED_NETWORKS', isNetwork, NETWORKS),
    metrics: readMetrics(read),
    tracing: readTracing(read),
    logLevel: read.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
    stopDelaySeconds: read.integer('STOP_DELAY_SECONDS', 0, 0, 300),
    simulatorPort: read.integer('SIMULATOR_PORT', 0, 0, 65_535),
    simulatorTimeScale: read.number('SIMULATOR_TIME_SCALE', 20, 0.1, 10_000),
  }
  faults.push(...findConflicts(config))
  if (faults.length > 0) throw new ConfigError(faults)
  return Object.freeze(config)
}

/** `AUTH_MODE`: nobody is checked, or bearer tokens of one Entra tenant for this service's registration. */
function readEntra(read: ReturnType<typeof settingsReader>, faults: string[]): Config['entra'] {
  const mode = read.choice('AUTH_MODE', ['none', 'entra'], 'none')
  const tenantId = read.matching('ENTRA_TENANT_ID', GUID, 'the id of a tenant, a GUID')
  const audience = read.matching(
    'ENTRA_AUDIENCE',
    /^\S+$/,
    'the client id or application id URI of this service',
  )
  const authority = read.matching(
    'ENTRA_AUTHORITY',
    /^https:\/\/[^/\s]+\/?$/,
    'an https:// address without a path',
  )
  if (mode === 'none') return null
  if (tenantId === null) faults.push('AUTH_MODE entra needs ENTRA_TENANT_ID.')
  if (audience === null) faults.push('AUTH_MODE entra needs ENTRA_AUDIENCE.')
  return tenantId === null || audience === null ? null : { tenantId, audience, authority }
}

function readMetrics(read: ReturnType<typeof settingsReader>): Config['metrics'] {
  const host = read.text('METRICS_HOST') ?? '127.0.0.1'
  const port = read.text('METRICS_PORT') === null ? null : read.integer('METRICS_PORT', 0, 0, 65_535)
  return port === null ? null : { host, port }
}

/**
 * The names are OpenTelemetry's own, so that what a platform sets for every service is understood here too.
 * The exporter itself reads its others, such as OTEL_EXPORTER_OTLP_HEADERS.
 */
function readTracing(read: ReturnType<typeof settingsReader>): Config['tracing'] {
  const http = /^https?:\/\/[^/\s]+/
  const endpoint = read.matching('OTEL_EXPORTER_OTLP_ENDPOINT', http, 'an http:// or https:// address')
  const serviceName = read.text('OTEL_SERVICE_NAME') ?? 'aks-egress-planner'
  const ratio = read.number('OTEL_TRACES_SAMPLER_ARG', 1, 0, 1)
  return endpoint === null ? null : { endpoint, serviceName, ratio }
}

/** As browsers send it: scheme, host, and a port that is not the scheme's own. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.parse(text)?.origin === text
}

function isNetwork(text: string): boolean {
  const [address = '', prefix = '0', ...rest] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
}

/** Settings that are each right and wrong together. */
function findConflicts(config: Config): string[] {
  const faults: string[] = []
  const isLoopback = LOOPBACK.includes(config.host)
  if (config.entra === null && config.azureMode === 'azure')
    faults.push(
      'AUTH_MODE none is allowed with simulated Azure only: with AZURE_MODE azure set AUTH_MODE to entra.',
    )
  if (config.entra === null && !isLoopback && !config.trustedNetwork)
    faults.push(
      `HOST ${config.host} is not a loopback address, and AUTH_MODE none checks no caller. Set HOST to 127.0.0.1, or TRUSTED_NETWORK to true if nothing but trusted callers can reach this address.`,
    )
  if (config.entra === null && config.accessPolicyFile !== null)
    faults.push(
      'ACCESS_POLICY_FILE needs AUTH_MODE entra: with AUTH_MODE none nobody can be told apart, so it would protect nothing.',
    )
  if (config.role !== 'all' && config.databaseUrl === null)
    faults.push(`ROLE ${config.role} needs DATABASE_URL: the embedded database serves one process only.`)
  if (config.azureMode === 'azure' && config.armEndpoint?.startsWith('http:') === true)
    faults.push('ARM_ENDPOINT must be https with AZURE_MODE azure: tokens are never sent in the clear.')
  return faults
}

function settingsReader(environment: Record<string, string | undefined>, faults: string[]) {
  const text = (name: string): string | null => {
    const value = environment[name]?.trim()
    return value === undefined || value === '' ? null : value
  }
  const number = (name: string, fallback: number, least: number, most: number): number => {
    const value = text(name)
    if (value === null) return fallback
    const parsed = Number(value)
    if (Number.isFinite(parsed) && parsed >= least && parsed <= most) return parsed
    faults.push(`${name} must be a number from ${least} to ${most}, not "${value}".`)
    return fallback
  }
  return {
    text,
    number,
    integer(name: string, fallback: number, least: number, most: number): number {
      const parsed = number(name, fallback, least, most)
      if (Number.isInteger(parsed)) return parsed
      faults.push(`${name} must be a whole number, not "${parsed}".`)
      return fallback
    },
    choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
      return this.optionalChoice(name, choices) ?? fallback
    },
    optionalChoice<T extends string>(name: string, choices: readonly T[]): T | null {
      const value = text(name)
      const found = choices.find((choice) => choice === value)
      if (value !== null && found === undefined)
        faults.push(`${name} must be one of ${choices.join(', ')}, not "${value}".`)
      return found ?? null
    },
    /** Words between commas; what they are may be a secret, so a wrong one is not repeated. */
    list(name: string, isRight: (word: string) => boolean, wanted: string): string[] {
      const words = (text(name) ?? '').split(',').map((word) => word.trim())
      const given = words.filter((word) => word !== '')
      if (!given.every(isRight)) faults.push(`${name} must be ${wanted}.`)
      return given
    },
    matching(name: string, shape: RegExp, wanted: string): string | null {
      const value = text(name)
      // The value itself may hold a password, so it is not repeated.
      if (value !== null && !shape.test(value)) faults.push(`${name} must be ${wanted}.`)
      return value
    },
  }
}
