import t from 'tap'
import { SETTING_OF_ALIAS } from '../src/config/setting-aliases.ts'
import { SETTINGS } from '../src/config/settings.ts'
import { findUnknownSettings } from '../src/config/unknown-settings.ts'
import { type Config, ConfigError, readConfig } from '../src/config.ts'

const TENANT = '22222222-2222-2222-2222-222222222222'
const DEFAULTS: Config = {
  host: '127.0.0.1',
  port: 8080,
  dataDir: './data',
  databaseUrl: null,
  databaseAuth: 'password',
  role: 'all',
  azureMode: 'simulated',
  armEndpoint: null,
  armPreviewApiVersion: null,
  matrixEdition: null,
  planTtlMinutes: 60,
  planTimeoutSeconds: 60,
  approvalTtlMinutes: 1440,
  retentionDays: null,
  azureLimitPart: 0.9,
  inventoryRefreshMinutes: 15,
  prices: null,
  mcp: true,
  trustedNetwork: false,
  entra: null,
  accessPolicyFile: null,
  shareLinkMaxMinutes: 1440,
  swaggerClientId: null,
  mcpResource: null,
  rateLimits: { reads: 300_000, writes: 6_000 },
  knownHosts: ['localhost', '127.0.0.1', '[::1]'],
  corsOrigins: [],
  trustedProxies: [],
  webhookAllowedNetworks: [],
  metrics: null,
  tracing: null,
  logLevel: 'info',
  logFormat: 'pino',
  stopDelaySeconds: 0,
  simulatorPort: 0,
  simulatorTimeScale: 20,
}

/** The sentences for these settings; none when they can be used. */
function faultsOf(environment: Record<string, string | undefined>): string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.faults
  }
}

t.test('without settings everything runs in one process on loopback with simulated Azure', async (t) => {
  t.strictSame(readConfig({}), DEFAULTS)
  t.ok(Object.isFrozen(readConfig({})))
})

t.test('an empty setting counts as not set, and surrounding spaces are removed', async (t) => {
  const names = [
    'HOST',
    'PORT',
    'DATABASE_URL',
    'ROLE',
    'AUTH_MODE',
    'MATRIX_EDITION',
    'SIMULATOR_TIME_SCALE',
  ]
  t.strictSame(readConfig(Object.fromEntries(names.map((name) => [name, '']))), DEFAULTS)
  t.strictSame(readConfig(Object.fromEntries(names.map((name) => [name, '  ']))), DEFAULTS)
  t.equal(readConfig({ PORT: ' 80 ', LOG_LEVEL: 'debug\n' }).port, 80)
})

t.test('each setting is read into its own member', async (t) => {
  const entra = { AUTH_MODE: 'entra', ENTRA_TENANT_ID: TENANT, ENTRA_AUDIENCE: 'api://planner' }
  const table: [Record<string, string>, Partial<Config>][] = [
    [{ HOST: '::1' }, { host: '::1' }],
    [{ HOST: 'localhost' }, { host: 'localhost' }],
    [
      { HOST: '0.0.0.0', TRUSTED_NETWORK: 'true' },
      { host: '0.0.0.0', trustedNetwork: true, knownHosts: null },
    ],
    [{ PORT: '0' }, { port: 0 }],
    [{ PORT: '65535' }, { port: 65_535 }],
    [{ DATA_DIR: '/var/lib/planner' }, { dataDir: '/var/lib/planner' }],
    [{ DATABASE_URL: 'postgres://db/planner' }, { databaseUrl: 'postgres://db/planner' }],
    [
      { DATABASE_URL: 'postgres://id@db/planner?sslmode=verify-full', DATABASE_AUTH: 'entra' },
      { databaseUrl: 'postgres://id@db/planner?sslmode=verify-full', databaseAuth: 'entra' },
    ],
    [{ DATABASE_URL: 'postgresql://db/planner' }, { databaseUrl: 'postgresql://db/planner' }],
    [
      { ROLE: 'api', DATABASE_URL: 'postgres://db/x' },
      { role: 'api', databaseUrl: 'postgres://db/x' },
    ],
    [
      { ROLE: 'worker', DATABASE_URL: 'postgres://db/x' },
      { role: 'worker', databaseUrl: 'postgres://db/x' },
    ],
    [{ ARM_ENDPOINT: 'http://127.0.0.1:9000' }, { armEndpoint: 'http://127.0.0.1:9000' }],
    [{ ARM_PREVIEW_API_VERSION: '2026-05-02-preview' }, { armPreviewApiVersion: '2026-05-02-preview' }],
    [{ MATRIX_EDITION: '2024-04-29' }, { matrixEdition: '2024-04-29' }],
    [{ MATRIX_EDITION: '2026-08-05' }, { matrixEdition: '2026-08-05' }],
    [{ PLAN_TTL_MINUTES: '1' }, { planTtlMinutes: 1 }],
    [{ PLAN_TTL_MINUTES: '10080' }, { planTtlMinutes: 10_080 }],
    [{ RETENTION_DAYS: '90' }, { retentionDays: 90 }],
    [{ LOG_FORMAT: 'readable' }, { logFormat: 'readable' }],
    [{ RATE_LIMIT_READS: '0' }, { rateLimits: { reads: 0, writes: 6_000 } }],
    [{ RATE_LIMIT_WRITES: '1' }, { rateLimits: { reads: 300_000, writes: 1 } }],
    [
      { CORS_ORIGINS: 'https://portal.example, http://localhost:3000' },
      { corsOrigins: ['https://portal.example', 'http://localhost:3000'] },
    ],
    [{ TRUSTED_PROXIES: '10.0.0.0/8,::1' }, { trustedProxies: ['10.0.0.0/8', '::1'] }],
    [
      { WEBHOOK_ALLOWED_NETWORKS: '10.20.0.0/16, fd00::/8' },
      { webhookAllowedNetworks: ['10.20.0.0/16', 'fd00::/8'] },
    ],
    [{ METRICS_PORT: '9090' }, { metrics: { host: '127.0.0.1', port: 9090 } }],
    [{ METRICS_PORT: '0', METRICS_HOST: '0.0.0.0' }, { metrics: { host: '0.0.0.0', port: 0 } }],
    [{ METRICS_HOST: '0.0.0.0' }, {}],
    [
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
      },
      {
        tracing: {
          endpoint: 'http://collector:4318',
          serviceName: 'aks-egress-planner',
          ratio: 0.25,
        },
      },
    ],
    [
      { SHARE_LINK_MAX_MINUTES: '0', APPROVAL_TTL_MINUTES: '10080' },
      { shareLinkMaxMinutes: 0, approvalTtlMinutes: 10_080 },
    ],
    [{ OTEL_SERVICE_NAME: 'planner' }, {}],
    [
      entra,
      {
        rateLimits: { reads: 6_000, writes: 600 },
        knownHosts: null,
        entra: { tenantId: TENANT, audience: 'api://planner', authority: null, userRoles: 'optional' },
      },
    ],
    [
      { ...entra, ACCESS_POLICY_FILE: '/etc/planner/access.json', SWAGGER_CLIENT_ID: TENANT },
      {
        rateLimits: { reads: 6_000, writes: 600 },
        knownHosts: null,
        entra: { tenantId: TENANT, audience: 'api://planner', authority: null, userRoles: 'optional' },
        accessPolicyFile: '/etc/planner/access.json',
        swaggerClientId: TENANT,
      },
    ],
    [
      {
        ...entra,
        AZURE_MODE: 'azure',
        HOST: '0.0.0.0',
        ENTRA_AUTHORITY: 'https://login.microsoftonline.us/',
        ENTRA_USER_ROLES: 'required',
      },
      {
        azureMode: 'azure',
        host: '0.0.0.0',
        rateLimits: { reads: 6_000, writes: 600 },
        knownHosts: null,
        entra: {
          tenantId: TENANT,
          audience: 'api://planner',
          authority: 'https://login.microsoftonline.us/',
          userRoles: 'required',
        },
      },
    ],
    [{ LOG_LEVEL: 'silent' }, { logLevel: 'silent' }],
    [{ SIMULATOR_PORT: '9000' }, { simulatorPort: 9000 }],
    [{ SIMULATOR_TIME_SCALE: '0.5' }, { simulatorTimeScale: 0.5 }],
  ]
  for (const [environment, members] of table)
    t.strictSame(readConfig(environment), { ...DEFAULTS, ...members }, JSON.stringify(environment))
})

t.test('each invalid value is reported with the allowed values', async (t) => {
  const table: [name: string, value: string, sentence: RegExp][] = [
    ['PORT', '65536', /from 0 to 65535, not "65536"/],
    ['PORT', '-1', /from 0 to 65535/],
    ['PORT', '80.5', /whole number/],
    ['PORT', 'http', /must be a number/],
    ['ROLE', 'both', /one of all, api, worker, not "both"/],
    ['ROLE', 'All', /one of all, api, worker/],
    ['AZURE_MODE', 'real', /one of simulated, azure/],
    ['ARM_ENDPOINT', 'management.azure.com', /an http:\/\/ or https:\/\/ address/],
    ['ARM_PREVIEW_API_VERSION', '2026-05-02', /a preview API version/],
    ['MATRIX_EDITION', '2025-01-01', /one of 2024-04-29, 2026-08-05/],
    ['PLAN_TTL_MINUTES', '0', /from 1 to 10080/],
    ['PLAN_TTL_MINUTES', '10081', /from 1 to 10080/],
    ['PLAN_TTL_MINUTES', '1.5', /whole number/],
    ['AUTH_MODE', 'basic', /one of none, entra/],
    ['TRUSTED_NETWORK', 'yes', /one of true, false/],
    ['RATE_LIMIT_READS', '-1', /from 0 to/],
    ['RATE_LIMIT_WRITES', '1.5', /whole number/],
    ['CORS_ORIGINS', '*', /exact origins/],
    ['CORS_ORIGINS', 'https://*.example', /exact origins/],
    ['CORS_ORIGINS', 'https://portal.example/', /exact origins/],
    ['CORS_ORIGINS', 'https://portal.example:443', /exact origins/],
    ['CORS_ORIGINS', 'null', /exact origins/],
    ['TRUSTED_PROXIES', 'proxy.example', /IP addresses or networks/],
    ['TRUSTED_PROXIES', '10.0.0.0/33', /IP addresses or networks/],
    ['METRICS_PORT', '65536', /from 0 to 65535/],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', /an http:\/\/ or https:\/\/ address/],
    ['OTEL_TRACES_SAMPLER_ARG', '2', /from 0 to 1/],
    ['LOG_LEVEL', 'loud', /one of fatal, error/],
    ['SIMULATOR_PORT', '70000', /from 0 to 65535/],
    ['SIMULATOR_TIME_SCALE', '0', /from 0.1 to 10000/],
    ['ENTRA_TENANT_ID', 'contoso', /a GUID/],
    ['ENTRA_AUDIENCE', 'a b', /client ID or application ID URI/],
    ['ENTRA_AUTHORITY', 'http://login', /an https:\/\/ address/],
  ]
  for (const [name, value, sentence] of table) {
    const faults = faultsOf({ [name]: value })
    t.equal(faults.length, 1, `${name}=${value}: ${faults}`)
    t.match(faults[0], new RegExp(`^${name} must be .*\\.$`))
    t.match(faults[0], sentence)
  }
})

t.test('a value that may hold a password is not repeated in errors', async (t) => {
  const faults = faultsOf({ DATABASE_URL: 'mysql://planner:secret@db/planner' })
  t.strictSame(faults, ['DATABASE_URL must be a postgres:// address.'])
})

t.test('rejects settings that are valid alone and invalid together', async (t) => {
  const entra = { AUTH_MODE: 'entra', ENTRA_TENANT_ID: TENANT, ENTRA_AUDIENCE: 'api://planner' }
  const table: [Record<string, string>, RegExp[]][] = [
    [{ AZURE_MODE: 'azure' }, [/^AZURE_MODE azure requires AUTH_MODE entra, .*simulated/]],
    [{ AZURE_MODE: 'azure', TRUSTED_NETWORK: 'true' }, [/^AZURE_MODE azure requires AUTH_MODE entra/]],
    [{ HOST: '0.0.0.0' }, [/^HOST 0\.0\.0\.0 .*TRUSTED_NETWORK/]],
    [{ HOST: '::' }, [/^HOST ::/]],
    [{ ACCESS_POLICY_FILE: 'a.json' }, [/^ACCESS_POLICY_FILE requires AUTH_MODE entra/]],
    [{ SWAGGER_CLIENT_ID: TENANT }, [/^SWAGGER_CLIENT_ID requires AUTH_MODE entra/]],
    [{ MCP_RESOURCE: 'https://planner.example/mcp' }, [/^MCP_RESOURCE requires AUTH_MODE entra/]],
    [{ MCP_RESOURCE: 'https://planner.example/mcp/' }, [/^MCP_RESOURCE/]],
    ...[
      undefined,
      'postgres://id@db/planner',
      'postgres://db/planner?sslmode=verify-full',
      'postgres://id:secret@db/planner?sslmode=verify-full',
      'postgres://id@db/planner?sslmode=require',
    ].map((url): [Record<string, string>, RegExp[]] => [
      { DATABASE_AUTH: 'entra', ...(url === undefined ? {} : { DATABASE_URL: url }) },
      [/^DATABASE_AUTH entra requires .*sslmode=verify-full/],
    ]),
    [{ ROLE: 'api' }, [/^ROLE api requires DATABASE_URL/]],
    [{ ROLE: 'worker' }, [/^ROLE worker requires DATABASE_URL/]],
    [{ AUTH_MODE: 'entra' }, [/requires ENTRA_TENANT_ID/, /requires ENTRA_AUDIENCE/]],
    [
      { ...entra, AZURE_MODE: 'azure', ARM_ENDPOINT: 'http://arm.example' },
      [/^ARM_ENDPOINT must be an https/],
    ],
  ]
  for (const [environment, sentences] of table) {
    const faults = faultsOf(environment)
    t.match(faults, sentences, JSON.stringify(environment))
    t.equal(faults.length, sentences.length, faults.join(' '))
  }
})

t.test('reports all errors together, one line each', async (t) => {
  const environment = { PORT: 'x', ROLE: 'x', LOG_LEVEL: 'x', AZURE_MODE: 'x', DATABASE_URL: 'x' }
  t.equal(faultsOf(environment).length, 5)
  t.throws(() => readConfig(environment), { name: 'ConfigError', message: /^PORT .*\n/ })
})

t.test('only loopback without authentication restricts the host names of requests', async (t) => {
  const entra = { AUTH_MODE: 'entra', ENTRA_TENANT_ID: TENANT, ENTRA_AUDIENCE: 'api://planner' }
  const hosts = ['localhost', '127.0.0.1', '[::1]']
  for (const HOST of ['127.0.0.1', '::1', 'localhost']) {
    t.strictSame(readConfig({ HOST }).knownHosts, hosts, HOST)
    t.equal(readConfig({ HOST, ...entra }).knownHosts, null, 'a token is needed anyway')
  }
  const open = { HOST: '0.0.0.0', TRUSTED_NETWORK: 'true' }
  t.equal(readConfig(open).knownHosts, null, 'its names are unknown')
  for (const environment of [open, entra, {}])
    t.strictSame(
      readConfig({ ...environment, ALLOWED_HOSTS: 'Planner.example, localhost,[fd00::1]' }).knownHosts,
      [...hosts, 'planner.example', '[fd00::1]'],
    )
  for (const ALLOWED_HOSTS of [
    'planner.example:8080',
    'https://planner.example',
    '*.example',
    'a b',
    'fd00::1',
  ])
    t.match(faultsOf({ ALLOWED_HOSTS }), [/^ALLOWED_HOSTS must be host names/], ALLOWED_HOSTS)
})

t.test('reports misspelled settings, and nothing else of the environment', async (t) => {
  const misspelled = [
    'RETENTON_DAYS',
    'LOGLEVEL',
    'log_level',
    'Port',
    'DATABASE_URI',
    'ARM_ENDPOINTS',
    'AUTHMODE',
    'PLAN_TTL_MINS',
    'PLAN_TTL',
    'PLAN_TTL_HOURS',
    'RETENTION',
    'DB_URL',
    'DATABASE_HOST',
    'POLICY_FILE',
    'TENANT_ID',
    'TRUST_PROXY',
    'STOP_DELAY',
    'SHARE_LINK_MINUTES',
    'webhook-networks',
    'LOG',
    'AUTH',
    'MATRIX',
    'MCP_URL',
    'RETAIN_DAYS',
    'KEEP_DAYS',
    'APPROVALS_REQUIRED',
    'PORTS',
    'HTTP_PORT',
    'LISTEN_HOST',
    'EGRESS_PLANNER_ROLE',
  ]
  const similarTo = [
    'RETENTION_DAYS',
    'LOG_LEVEL',
    'LOG_LEVEL',
    'PORT',
    'DATABASE_URL',
    'ARM_ENDPOINT',
    'AUTH_MODE',
    'PLAN_TTL_MINUTES',
    'PLAN_TTL_MINUTES',
    'PLAN_TTL_MINUTES',
    'RETENTION_DAYS',
    'DATABASE_URL',
    'DATABASE_URL',
    'ACCESS_POLICY_FILE',
    'ENTRA_TENANT_ID',
    'TRUSTED_PROXIES',
    'STOP_DELAY_SECONDS',
    'SHARE_LINK_MAX_MINUTES',
    'WEBHOOK_ALLOWED_NETWORKS',
    'LOG_LEVEL',
    'AUTH_MODE',
    'MATRIX_EDITION',
    'MCP_RESOURCE',
    'RETENTION_DAYS',
    'RETENTION_DAYS',
    'APPROVAL_TTL_MINUTES',
    'PORT',
    'PORT',
    'HOST',
    'ROLE',
  ]
  const set = (names: string[]) => Object.fromEntries(names.map((name) => [name, 'secret']))
  t.strictSame(
    findUnknownSettings(set(misspelled)),
    misspelled.map((name, index) => ({ name, similarTo: similarTo[index] })),
  )
  const others = [
    'PATH',
    'HOME',
    'HOSTNAME',
    'PWD',
    'LANG',
    'TERM',
    'SHLVL',
    'USER',
    'NODE_ENV',
    'NODE_OPTIONS',
  ]
  const platform = [
    'KUBERNETES_PORT',
    'KUBERNETES_SERVICE_HOST',
    'AZURE_CLIENT_ID',
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_CERTIFICATE_PATH',
    'EGRESS_PLANNER_METRICS_SERVICE_PORT',
    'METRICS_PORT_9090_TCP_ADDR',
    'HTTPS_PROXY',
    'PGHOST',
    'XDG_DATA_DIRS',
    'LOG_FILE',
    'LOGNAME',
    'DATA',
    'ARM_CLIENT_ID',
    'MODE',
  ]
  const services = ['DATABASE', 'INVENTORY', 'EGRESS_PLANNER'].flatMap((name) =>
    ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_HTTP', 'PORT', 'PORT_80_TCP', 'PORT_80_TCP_ADDR'].map(
      (part) => `${name}_${part}`,
    ),
  )
  const own = [
    'SIMULATOR_HOST',
    'SIMULATOR_TLS_KEY_FILE',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'OTEL_SERVICE_VERSION',
    ...Object.keys(SETTINGS),
  ]
  t.strictSame(findUnknownSettings(set([...others, ...platform, ...services, ...own, 'npm_config_port'])), [])
})

t.test('a name that other programs use for a setting is reported with the setting', async (t) => {
  const aliases: Record<string, string> = {
    AUDIENCE: 'ENTRA_AUDIENCE',
    OIDC_ISSUER: 'ENTRA_AUTHORITY',
    ENTRA_CLIENT_ID: 'ENTRA_AUDIENCE',
    TENANT_ID: 'ENTRA_TENANT_ID',
    AZURE_AD_TENANT_ID: 'ENTRA_TENANT_ID',
    PUBLIC_URL: 'ALLOWED_HOSTS',
    MCP_PUBLIC_URL: 'MCP_RESOURCE',
    POSTGRES_URL: 'DATABASE_URL',
    BIND_ADDRESS: 'HOST',
    app_port: 'PORT',
    EGRESS_PLANNER_AUDIENCE: 'ENTRA_AUDIENCE',
    SHUTDOWN_DELAY: 'STOP_DELAY_SECONDS',
  }
  for (const [name, similarTo] of Object.entries(aliases))
    t.strictSame(findUnknownSettings({ [name]: 'secret' }), [{ name, similarTo }])
  for (const [alias, setting] of SETTING_OF_ALIAS) {
    t.ok(setting in SETTINGS, `${alias} means a setting`)
    t.notOk(alias in SETTINGS, `${alias} is no setting`)
  }
  t.strictSame(findUnknownSettings({ APP_PORT: 'x', APP_SERVICE_HOST: 'x' }), [], 'a Service of Kubernetes')
})

t.test('reads list prices only from a web address, in US dollars by default', async (t) => {
  const url = 'https://prices.azure.com/api/retail/prices'
  t.strictSame(readConfig({ PRICES_URL: url }).prices, { url, currency: 'USD' })
  t.strictSame(readConfig({ PRICES_URL: url, PRICES_CURRENCY: 'EUR' }).prices, { url, currency: 'EUR' })
  t.equal(readConfig({ PRICES_CURRENCY: 'EUR' }).prices, null)
  t.match(faultsOf({ PRICES_URL: 'prices.azure.com' }), [/^PRICES_URL must be /])
  t.match(faultsOf({ PRICES_CURRENCY: 'euro' }), [/^PRICES_CURRENCY must be /])
})
