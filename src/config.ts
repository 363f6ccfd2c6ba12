import { readSettings, type SettingValues } from './config/settings.ts'
import type { AzureMode } from './contract/cluster.ts'

/** The configuration of the process. config/settings.ts describes each setting. */
export interface Config {
  host: string
  port: number
  dataDir: string
  databaseUrl: string | null
  databaseAuth: 'password' | 'entra'
  role: 'all' | 'api' | 'worker'
  azureMode: AzureMode
  armEndpoint: string | null
  armPreviewApiVersion: string | null
  matrixEdition: string | null
  planTtlMinutes: number
  planTimeoutSeconds: number
  approvalTtlMinutes: number
  /** How long finished jobs and expired plans are kept; null without limit. */
  retentionDays: number | null
  inventoryRefreshMinutes: number
  /** The part of Azure's call limits that the service uses, 0 to 1. */
  azureLimitPart: number
  /** null for the built-in list prices. */
  prices: { url: string; currency: string } | null
  trustedNetwork: boolean
  accessPolicyFile: string | null
  /** The longest lifetime of a share link in minutes; 0 if there are none. */
  shareLinkMaxMinutes: number
  swaggerClientId: string | null
  /** The URL of the endpoint for agents that is an application ID URI. */
  mcpResource: string | null
  /** null if callers are not authenticated. */
  entra: {
    tenantId: string
    audience: string
    authority: string | null
    userRoles: 'optional' | 'required'
  } | null
  /** Whether agents can use the service over MCP. */
  mcp: boolean
  /** Requests per caller and minute; 0 for no limit. */
  rateLimits: { reads: number; writes: number }
  /** Host names that requests may be for; null for every name. */
  knownHosts: string[] | null
  corsOrigins: string[]
  trustedProxies: string[]
  webhookAllowedNetworks: string[]
  metrics: { host: string; port: number } | null
  tracing: { endpoint: string; serviceName: string; ratio: number } | null
  logLevel: string
  logFormat: 'pino' | 'readable'
  stopDelaySeconds: number
  simulatorPort: number
  simulatorTimeScale: number
}

/** Invalid settings, each described in a sentence. */
export class ConfigError extends Error {
  readonly faults: string[]

  constructor(faults: string[]) {
    super(faults.join('\n'))
    this.name = 'ConfigError'
    this.faults = faults
  }
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost']
/** As a `Host` header names them. */
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/** Reads the settings. Throws a `ConfigError` that reports every invalid value. */
export function readConfig(environment: Record<string, string | undefined>): Readonly<Config> {
  const faults: string[] = []
  const values = readSettings(environment, faults)
  const entra = toEntra(values, faults)
  const config: Config = {
    host: values.HOST,
    port: values.PORT,
    dataDir: values.DATA_DIR,
    databaseUrl: values.DATABASE_URL,
    databaseAuth: values.DATABASE_AUTH,
    role: values.ROLE,
    azureMode: values.AZURE_MODE,
    armEndpoint: values.ARM_ENDPOINT,
    armPreviewApiVersion: values.ARM_PREVIEW_API_VERSION,
    matrixEdition: values.MATRIX_EDITION,
    planTtlMinutes: values.PLAN_TTL_MINUTES,
    planTimeoutSeconds: values.PLAN_TIMEOUT_SECONDS,
    approvalTtlMinutes: values.APPROVAL_TTL_MINUTES,
    retentionDays: values.RETENTION_DAYS,
    inventoryRefreshMinutes: values.INVENTORY_REFRESH_MINUTES,
    azureLimitPart: values.AZURE_CALL_LIMIT_PERCENT / 100,
    prices:
      values.PRICES_URL === null
        ? null
        : { url: values.PRICES_URL, currency: values.PRICES_CURRENCY ?? 'USD' },
    accessPolicyFile: values.ACCESS_POLICY_FILE,
    shareLinkMaxMinutes: values.SHARE_LINK_MAX_MINUTES,
    swaggerClientId: values.SWAGGER_CLIENT_ID,
    mcpResource: values.MCP_RESOURCE,
    entra,
    mcp: values.MCP === 'on',
    trustedNetwork: values.TRUSTED_NETWORK === 'true',
    rateLimits: {
      reads: values.RATE_LIMIT_READS ?? (entra === null ? 300_000 : 6_000),
      writes: values.RATE_LIMIT_WRITES ?? (entra === null ? 6_000 : 600),
    },
    knownHosts: toKnownHosts(values),
    corsOrigins: values.CORS_ORIGINS,
    trustedProxies: values.TRUSTED_PROXIES,
    webhookAllowedNetworks: values.WEBHOOK_ALLOWED_NETWORKS,
    metrics: values.METRICS_PORT === null ? null : { host: values.METRICS_HOST, port: values.METRICS_PORT },
    tracing: toTracing(values),
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
    stopDelaySeconds: values.STOP_DELAY_SECONDS,
    simulatorPort: values.SIMULATOR_PORT,
    simulatorTimeScale: values.SIMULATOR_TIME_SCALE,
  }
  faults.push(...findConflicts(config))
  if (faults.length > 0) throw new ConfigError(faults)
  return Object.freeze(config)
}

/**
 * Without `ALLOWED_HOSTS`, the names of loopback where callers are not authenticated: authenticated callers have a token
 * that a page of another name does not have. The names of other addresses are unknown.
 */
function toKnownHosts({ ALLOWED_HOSTS, AUTH_MODE, HOST }: SettingValues): string[] | null {
  if (ALLOWED_HOSTS.length > 0)
    return [...new Set([...LOOPBACK_HOSTS, ...ALLOWED_HOSTS.map((name) => name.toLowerCase())])]
  return AUTH_MODE === 'none' && LOOPBACK.includes(HOST) ? LOOPBACK_HOSTS : null
}

/** Bearer tokens of one Entra tenant for this service's app registration; null without authentication. */
function toEntra(values: SettingValues, faults: string[]): Config['entra'] {
  const {
    AUTH_MODE,
    ENTRA_TENANT_ID: tenantId,
    ENTRA_AUDIENCE: audience,
    ENTRA_AUTHORITY: authority,
    ENTRA_USER_ROLES: userRoles,
  } = values
  if (AUTH_MODE === 'none') return null
  if (tenantId === null) faults.push('AUTH_MODE entra requires ENTRA_TENANT_ID.')
  if (audience === null) faults.push('AUTH_MODE entra requires ENTRA_AUDIENCE.')
  return tenantId === null || audience === null ? null : { tenantId, audience, authority, userRoles }
}

function toTracing(values: SettingValues): Config['tracing'] {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: serviceName } = values
  return endpoint === null ? null : { endpoint, serviceName, ratio: values.OTEL_TRACES_SAMPLER_ARG }
}

/** Settings that are valid alone and invalid together. */
function findConflicts(config: Config): string[] {
  const faults: string[] = []
  const isLoopback = LOOPBACK.includes(config.host)
  if (config.entra === null && config.azureMode === 'azure')
    faults.push(
      'AZURE_MODE azure requires AUTH_MODE entra, because AUTH_MODE none is allowed only with simulated Azure.',
    )
  if (config.entra === null && !isLoopback && !config.trustedNetwork)
    faults.push(
      `HOST ${config.host} is not a loopback address, and AUTH_MODE none does not authenticate callers. Set HOST to 127.0.0.1, or set TRUSTED_NETWORK to true if only trusted callers can reach this address.`,
    )
  if (config.entra === null && config.accessPolicyFile !== null)
    faults.push(
      'ACCESS_POLICY_FILE requires AUTH_MODE entra, because AUTH_MODE none does not identify callers.',
    )
  if (config.entra === null && config.swaggerClientId !== null)
    faults.push('SWAGGER_CLIENT_ID requires AUTH_MODE entra, because AUTH_MODE none has no sign-in.')
  if (config.entra === null && config.mcpResource !== null)
    faults.push('MCP_RESOURCE requires AUTH_MODE entra, because AUTH_MODE none has no sign-in.')
  if (config.role !== 'all' && config.databaseUrl === null)
    faults.push(
      `ROLE ${config.role} requires DATABASE_URL, because the embedded database supports only one process.`,
    )
  if (config.databaseAuth === 'entra' && !isEncrypted(config.databaseUrl))
    faults.push(
      'DATABASE_AUTH entra requires a DATABASE_URL with a user name, without a password, and with sslmode=verify-full, because tokens are never sent unencrypted.',
    )
  if (config.azureMode === 'azure' && config.armEndpoint?.startsWith('http:') === true)
    faults.push(
      'ARM_ENDPOINT must be an https:// address with AZURE_MODE azure, because tokens are never sent unencrypted.',
    )
  return faults
}

function isEncrypted(databaseUrl: string | null): boolean {
  if (databaseUrl === null || !URL.canParse(databaseUrl)) return false
  const { username, password, searchParams } = new URL(databaseUrl)
  return username !== '' && password === '' && searchParams.get('sslmode') === 'verify-full'
}
