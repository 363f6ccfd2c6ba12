import { isIP } from 'node:net'
import { EDITION_NAMES } from '../core/support-matrix/editions.ts'
import { choice, integer, list, matching, number, type Setting, text } from './setting-kinds.ts'

const HTTP_ADDRESS = /^https?:\/\/[^/\s]+/
const HTTP_REQUIREMENT = 'an http:// or https:// address'
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const PREVIEW_VERSION = /^\d{4}-\d{2}-\d{2}-preview$/
const NETWORKS = 'IP addresses or networks such as 10.0.0.0/8'
const ORIGINS = 'exact origins such as https://portal.example, without *'
const HOST_NAMES = 'host names or addresses without a port, such as planner.example'
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** Every setting of the service, in the order of the documentation. */
export const SETTINGS = {
  HOST: text('127.0.0.1', 'address to listen on'),
  PORT: integer(8080, 0, 65_535, 'port to listen on; 0 selects a free port'),
  DATA_DIR: text('./data', 'folder of the embedded database and the simulated fleet'),
  DATABASE_URL: matching(
    'URL',
    /^postgres(ql)?:\/\//,
    'a postgres:// address',
    '`postgres://…`: a PostgreSQL server instead of the embedded database',
  ),
  DATABASE_AUTH: choice(
    ['password', 'entra'],
    'password',
    '`entra` signs in to the PostgreSQL server with access tokens of the identity of the service instead of a password',
  ),
  ROLE: choice(
    ['all', 'api', 'worker'],
    'all',
    '`api` or `worker` splits the work over processes; both need `DATABASE_URL`',
  ),
  AZURE_MODE: choice(['simulated', 'azure'], 'simulated', '`azure` for real Azure'),
  ARM_ENDPOINT: matching(
    'URL',
    HTTP_ADDRESS,
    HTTP_REQUIREMENT,
    'another Azure Resource Manager endpoint: a sovereign cloud, or a simulator in its own process',
    'the public cloud, or the built-in simulator',
  ),
  ARM_PREVIEW_API_VERSION: matching(
    'version',
    PREVIEW_VERSION,
    'a preview API version such as 2026-05-02-preview',
    'a preview API version that supports the outbound type `block`',
  ),
  MATRIX_EDITION: choice(
    EDITION_NAMES,
    null,
    'uses only the AKS support matrix of this date; by default, all published versions count',
    'all',
  ),
  PLAN_TTL_MINUTES: integer(60, 1, 10_080, 'how long a plan can be executed, in minutes'),
  PLAN_TIMEOUT_SECONDS: integer(
    60,
    5,
    600,
    'how long a request for a plan or an egress report waits for Azure, in seconds; then the service returns 503',
  ),
  APPROVAL_TTL_MINUTES: integer(
    1440,
    1,
    10_080,
    'how long a plan that requires an approval can be approved, in minutes; after that, it can still be executed for `PLAN_TTL_MINUTES`',
  ),
  RETENTION_DAYS: integer(
    null,
    1,
    36_500,
    'deletes finished jobs, expired plans, ended campaigns and webhook deliveries after this time, see [Retention](operations.md#retention)',
    'no limit; deliveries 30',
  ),
  INVENTORY_REFRESH_MINUTES: integer(
    15,
    0,
    1_440,
    'how often the inventory of all clusters is refreshed, in minutes; 0 refreshes it only on request',
  ),
  AZURE_CALL_LIMIT_PERCENT: integer(
    90,
    10,
    100,
    "the part of Azure's call limits that all processes together use, in percent, see [Call budget](operations.md#call-budget)",
  ),
  PRICES_URL: matching(
    'URL',
    HTTP_ADDRESS,
    HTTP_REQUIREMENT,
    'list prices for cost estimates: `https://prices.azure.com/api/retail/prices` or a mirror that rewrites `NextPageLink` to its own address; the built-in table fills gaps, and plans never wait for prices',
    'the built-in table of dated prices in US dollars',
  ),
  PRICES_CURRENCY: matching(
    'code',
    /^[A-Z]{3}$/,
    'an ISO 4217 code such as USD',
    'the currency of the prices at `PRICES_URL`',
    '`USD`',
  ),
  AUTH_MODE: choice(
    ['none', 'entra'],
    'none',
    '`entra` authenticates every caller; `none` is only for simulated Azure on loopback',
  ),
  ENTRA_TENANT_ID: matching('GUID', GUID, 'the ID of a tenant, a GUID', 'the Microsoft Entra tenant ID'),
  ENTRA_AUDIENCE: matching(
    'text',
    /^\S+$/,
    'the client ID or application ID URI of this service',
    "the client ID (or application ID URI) of the service's app registration",
  ),
  ENTRA_AUTHORITY: matching(
    'URL',
    /^https:\/\/[^/\s]+\/?$/,
    'an https:// address without a path',
    "the sign-in service of another cloud, for callers' tokens, such as `https://login.microsoftonline.us` or `https://login.chinacloudapi.cn`",
    'the public cloud',
  ),
  ENTRA_USER_ROLES: choice(
    ['optional', 'required'],
    'optional',
    'with `required`, a user without an app role has no permissions, even if the client has scopes',
  ),
  // Read by @azure/identity, not by the service.
  AZURE_AUTHORITY_HOST: matching(
    'URL',
    /^https:\/\/[^/\s]+\/?$/,
    'an https:// address without a path',
    "the sign-in service of another cloud, for the service's own tokens: set it with `ARM_ENDPOINT` for a sovereign cloud",
    'the public cloud',
  ),
  ACCESS_POLICY_FILE: text(
    null,
    'who may do what on which clusters, see [Access policy](security.md#access-policy)',
  ),
  SHARE_LINK_MAX_MINUTES: integer(
    1440,
    0,
    1440,
    'the longest lifetime of a share link, in minutes; 0 disables share links',
  ),
  MCP: choice(
    ['on', 'off'],
    'on',
    '`off` removes `POST /mcp`, the endpoint for AI agents, see [Agents](agents.md)',
  ),
  MCP_RESOURCE: matching(
    'URL',
    /^https:\/\/[^/\s?#]+(\/[^/\s?#]+)*\/mcp$/,
    'the https:// URL of the endpoint for AI agents, which ends with /mcp',
    'the URL of `POST /mcp`, if it is an application ID URI of the app registration; agents can then [sign in](agents.md#sign-in)',
  ),
  SWAGGER_CLIENT_ID: matching(
    'GUID',
    GUID,
    'the client ID of a single-page application, a GUID',
    'client ID that Swagger UI fills in for the sign-in, see [Swagger UI](security.md#swagger-ui)',
  ),
  TRUSTED_NETWORK: choice(
    ['true', 'false'],
    'false',
    '`true` states that only trusted callers can reach `HOST`, as in a container published on loopback',
  ),
  ALLOWED_HOSTS: list(
    isHostName,
    HOST_NAMES,
    'comma-separated host names that the service serves, besides `localhost`; requests for other hosts get 421',
    'names of loopback with `AUTH_MODE=none` on loopback, otherwise all',
  ),
  TRUSTED_PROXIES: list(
    isNetwork,
    NETWORKS,
    'comma-separated addresses or networks of proxies whose `X-Forwarded-For`, `-Proto`, and `-Host` are trusted',
  ),
  RATE_LIMIT_READS: integer(
    null,
    0,
    10_000_000,
    'reads per caller and minute; 0 disables the limit',
    '`6000`, or `300000` with `AUTH_MODE=none`',
  ),
  RATE_LIMIT_WRITES: integer(
    null,
    0,
    10_000_000,
    'requests per caller and minute that write or read from Azure; 0 disables the limit',
    '`600`, or `6000` with `AUTH_MODE=none`',
  ),
  CORS_ORIGINS: list(
    isOrigin,
    ORIGINS,
    'comma-separated exact origins whose pages may call the service from a browser',
  ),
  WEBHOOK_ALLOWED_NETWORKS: list(
    isNetwork,
    NETWORKS,
    'comma-separated non-public addresses or networks that may receive webhook messages',
  ),
  METRICS_PORT: integer(
    null,
    0,
    65_535,
    'a second port with `/metrics`, `/healthz`, and `/readyz`, without authentication',
  ),
  METRICS_HOST: text('127.0.0.1', 'address that the metrics port listens on'),
  // The names are OpenTelemetry's own, which platforms set for every service. The exporter itself reads further ones.
  OTEL_EXPORTER_OTLP_ENDPOINT: matching(
    'URL',
    HTTP_ADDRESS,
    HTTP_REQUIREMENT,
    'an OpenTelemetry collector (OTLP over HTTP, such as `http://127.0.0.1:4318`); without it, there are no traces',
  ),
  OTEL_SERVICE_NAME: text('aks-egress-planner', 'service name in traces'),
  OTEL_TRACES_SAMPLER_ARG: number(
    1,
    0,
    1,
    'fraction of traces to keep, 0 to 1, for traces that start in this service',
  ),
  LOG_LEVEL: choice(LOG_LEVELS, 'info', 'log level of pino; `debug` logs every tick of a job'),
  LOG_FORMAT: choice(
    ['pino', 'readable'],
    'pino',
    '`readable` writes the time in RFC 3339 and the level as a word, instead of milliseconds and a number',
  ),
  STOP_DELAY_SECONDS: integer(
    0,
    0,
    300,
    'how long `/readyz` returns 503 before the service stops listening, in seconds',
  ),
  SIMULATOR_PORT: integer(0, 0, 65_535, "port of the built-in simulator's endpoints; 0 selects a free port"),
  SIMULATOR_TIME_SCALE: number(
    20,
    0.1,
    10_000,
    'speed of the simulation; 1 is the recorded speed (a change of outbound type takes 172 s)',
  ),
}

type ValueOf<S> = S extends Setting<infer T> ? T : never
export type SettingValues = { [Name in keyof typeof SETTINGS]: ValueOf<(typeof SETTINGS)[Name]> }

/**
 * Reads every setting and adds an error for each invalid value to `faults`. An empty value counts as not set: unset
 * variables of a compose file are empty.
 */
export function readSettings(
  environment: Record<string, string | undefined>,
  faults: string[],
): SettingValues {
  const read = ([name, setting]: [string, Setting<unknown>]): [string, unknown] => {
    const text = environment[name]?.trim() ?? ''
    const parsed = text === '' ? { value: setting.fallback } : setting.parse(text)
    if ('value' in parsed) return [name, parsed.value]
    faults.push(`${name} must be ${parsed.requirement}.`)
    return [name, setting.fallback]
  }
  return Object.fromEntries(Object.entries<Setting<unknown>>(SETTINGS).map(read)) as SettingValues
}

/** As browsers send it: scheme, host, and the port unless it is the scheme's default. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.parse(text)?.origin === text
}

/** As a `Host` header names it, without the port; IPv6 addresses in brackets. */
function isHostName(text: string): boolean {
  return /^(\[[\da-f:.]+\]|[\w-]+(\.[\w-]+)*)$/i.test(text)
}

function isNetwork(text: string): boolean {
  const [address = '', prefix = '0', ...rest] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits
}
