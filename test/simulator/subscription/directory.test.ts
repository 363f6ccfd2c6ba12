import t from 'tap'
import { type Loose, listOf, SUBSCRIPTION, simulated } from '../support/simulated.ts'

const ROOT = `/subscriptions/${SUBSCRIPTION}`
const GROUP = `${ROOT}/resourceGroups/rg-demo`
const TENANT = '22222222-2222-2222-2222-222222222222'
const VERSION = 'api-version=2022-12-01'
const named = (body: Loose, member = 'name') => listOf(body.value).map((entry) => String(entry[member]))

t.test('lists subscriptions, tenants, regions and providers', async (t) => {
  const azure = simulated(t)
  const list = async (url: string) => (await azure.ask('GET', `${url}?${VERSION}`)).body
  t.strictSame(named(await list('/subscriptions'), 'subscriptionId'), [SUBSCRIPTION])
  t.strictSame(named(await list('/tenants'), 'tenantId'), [TENANT])
  t.match(await list(ROOT), { id: ROOT, tenantId: TENANT, state: 'Enabled' })
  t.ok(named(await list(`${ROOT}/locations`)).includes('eastus'))
  t.ok(named(await list(`${ROOT}/providers`), 'namespace').includes('Microsoft.Network'))
  for (const url of ['/providers/microsoft.network', `${ROOT}/providers/Microsoft.Network`]) {
    const body = await list(url)
    t.match(body, { namespace: 'Microsoft.Network', registrationState: 'Registered' })
    t.ok(listOf(body.resourceTypes).some((type) => String(type.resourceType) === 'natGateways'))
  }
  const register = await azure.ask('POST', `${ROOT}/providers/Microsoft.ContainerService/register?${VERSION}`)
  t.equal(register.status, 200)
  t.match(await list(`${ROOT}/providers/Microsoft.Nothing`), { error: { code: 'InvalidResourceNamespace' } })
  t.match(await list('/subscriptions/33333333-3333-3333-3333-333333333333/locations'), {
    error: { code: 'SubscriptionNotFound' },
  })
})

t.test('lists all resources of a subscription, of a group or of a type, without properties', async (t) => {
  const azure = simulated(t)
  const all = (await azure.ask('GET', `${ROOT}/resources?${VERSION}`)).body
  const group = (await azure.ask('GET', `${GROUP}/resources?${VERSION}`)).body
  t.ok(listOf(all.value).length > listOf(group.value).length)
  t.ok(listOf(group.value).every((body) => String(body.id).toLowerCase().startsWith(GROUP.toLowerCase())))
  t.ok(listOf(all.value).every((body) => body.properties === undefined && body.location !== undefined))
  const filter = encodeURIComponent("resourceType eq 'Microsoft.Network/natGateways'")
  const gateways = (await azure.ask('GET', `${GROUP}/resources?${VERSION}&$filter=${filter}`)).body
  t.ok(named(gateways).includes('natgw-nat-byo'))
  t.strictSame([...new Set(named(gateways, 'type'))], ['Microsoft.Network/natGateways'])
  const other = await azure.ask('GET', `${ROOT}/resources?${VERSION}&$filter=name`)
  t.match([other.status, other.body], [400, { error: { code: 'InvalidFilterInQueryString' } }])
})

t.test('shows which cluster manages a node resource group', async (t) => {
  const azure = simulated(t)
  const read = async (url: string) => (await azure.ask('GET', `${url}?api-version=2022-09-01`)).body
  const nodes = await read(`${ROOT}/resourceGroups/MC_rg-demo_lb-managed_eastus`)
  t.match(String(nodes.managedBy), /\/managedClusters\/lb-managed$/)
  t.equal((await read(GROUP)).managedBy, undefined)
  const groups = listOf((await read(`${ROOT}/resourceGroups`)).value)
  t.strictSame(
    groups.filter(({ managedBy }) => managedBy === undefined).map(({ name }) => String(name)),
    ['rg-demo'],
  )
})

t.test('answers HEAD with the status alone', async (t) => {
  const azure = simulated(t)
  const network = `${GROUP}/providers/Microsoft.Network/virtualNetworks`
  for (const [url, status] of [
    [GROUP, 204],
    [`${ROOT}/resourceGroups/none`, 404],
    [`${network}/vnet-lb-byo`, 204],
    [`${network}/vnet-lb-byo/subnets/nodes`, 204],
    [`${network}/none`, 404],
  ] as const)
    t.match(await azure.ask('HEAD', `${url}?${VERSION.replace('12', '01')}`), { status, body: null }, url)
})

t.test('describes the cloud and gives tokens', async (t) => {
  const azure = simulated(t)
  const clouds = (await azure.ask('GET', '/metadata/endpoints?api-version=2022-09-01'))
    .body as unknown as Loose[]
  t.match(clouds[0], { name: 'AzureCloud', authentication: { loginEndpoint: /^http/, tenant: 'common' } })
  t.match((await azure.ask('GET', '/metadata/endpoints?api-version=2015-01-01')).body, {
    authentication: { audiences: [/^http/] },
  })
  const form = (text: string) => ({
    method: 'POST' as const,
    url: `/${TENANT}/oauth2/v2.0/token`,
    payload: text,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  })
  for (const tenant of ['common', TENANT]) {
    const discovery = await azure.ask(
      'GET',
      `/${tenant}/discovery/instance?api-version=1.1&authorization_endpoint=x`,
    )
    const place = String(discovery.body.tenant_discovery_endpoint).replace(/^https?:\/\/[^/]+/, '')
    t.match((await azure.ask('GET', place)).body, {
      token_endpoint: /\/oauth2\/v2\.0\/token$/,
      issuer: new RegExp(TENANT),
    })
  }
  const answer = await azure.server.inject(
    form(
      'grant_type=client_credentials&client_id=me&client_secret=s&scope=https%3A%2F%2Fmanagement.azure.com%2F.default',
    ),
  )
  t.equal(answer.statusCode, 200)
  const { access_token: token, expires_in: seconds, token_type: type } = answer.json()
  t.match([type, seconds], ['Bearer', 3600])
  const claims = JSON.parse(Buffer.from(String(token).split('.')[1] ?? '', 'base64url').toString())
  t.match(claims, { aud: 'https://management.azure.com', tid: TENANT, oid: 'me' })
  t.ok(claims.exp - Date.now() / 1000 > 3500)
  t.match((await azure.server.inject(form('scope=x'))).json(), { error: 'invalid_request' })
  const { body } = await azure.ask('GET', '/simulator/requests')
  t.notMatch(JSON.stringify(body), /client_secret/)
})

const VERSIONS: [path: string, version: string, code: string | undefined][] = [
  ['', '2022-12-01', undefined],
  ['', '2022-13-01', 'InvalidApiVersionParameter'],
  ['', 'latest', 'InvalidApiVersionParameter'],
  ['', '', 'MissingApiVersionParameter'],
  ...(['managedClusters', 'managedClusters/lb-managed'].flatMap((rest) =>
    [
      ['2024-01-01', undefined],
      ['2026-06-01', undefined],
      ['2026-05-02-preview', undefined],
      ['2099-01-01', 'NoRegisteredProviderFound'],
      ['2026-06-15-preview', 'NoRegisteredProviderFound'],
      ['2026-06-01-final', 'NoRegisteredProviderFound'],
      ['2026-06', 'NoRegisteredProviderFound'],
    ].map(([version, code]) => [
      `/resourceGroups/rg-demo/providers/Microsoft.ContainerService/${rest}`,
      version ?? '',
      code,
    ]),
  ) as [string, string, string | undefined][]),
  ['/resourceGroups/rg-demo/providers/Microsoft.Network/natGateways', '2025-07-01', undefined],
  [
    '/resourceGroups/rg-demo/providers/Microsoft.Network/natGateways',
    '2025-07-02',
    'NoRegisteredProviderFound',
  ],
]
const reader = simulated(t)
for (const [path, version, code] of VERSIONS)
  t.test(`${code === undefined ? 'accepts' : 'rejects'} api-version ${version} of ${path}`, async (t) => {
    const answer = await reader.ask('GET', `${ROOT}${path}?api-version=${version}`)
    t.equal(answer.status, code === undefined ? 200 : 400)
    if (code !== undefined) t.equal(String(answer.body.error?.code), code)
  })

const TYPES = "type in~ ('Microsoft.Network/natGateways', 'microsoft.network/routetables')"
const QUERIES: [query: string, rows: string[] | undefined][] = [
  [`Resources | where ${TYPES} | where name =~ 'NATGW-nat-byo'`, ['natgw-nat-byo']],
  [`resources | where ${TYPES} and name == 'rt-udr-byo' | project name`, ['rt-udr-byo']],
  [`resources | where ${TYPES} | where name == 'RT-udr-byo'`, []],
  [
    `resources | where name startswith 'rt-lb-byo' | where ${TYPES}`,
    ['rt-lb-byo-udr-internet', 'rt-lb-byo-udr-ready'],
  ],
  [`resources | where ${TYPES} | where name in ('rt-udr-byo', 'x') and location !~ 'WestUS'`, ['rt-udr-byo']],
  [
    `resources | where ${TYPES} | where sku.name =~ 'standard' and name contains 'two'`,
    ['natgw-lb-byo-two-subnets'],
  ],
  [
    `resources | where type =~ 'microsoft.network/natgateways' and resourceGroup == 'mc_rg-demo_nat-managed_eastus' | where location != 'x'`,
    ['aks-natgateway-NUMBER'],
  ],
  [`resources | where name =~ 'x'`, undefined],
  [`resources | where ${TYPES} | summarize count()`, undefined],
  [`resources | where ${TYPES} | where name matches 'x'`, undefined],
  [`other | where ${TYPES}`, undefined],
]
for (const [query, rows] of QUERIES)
  t.test(`answers the query ${query}`, async (t) => {
    const url = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01'
    const answer = await reader.ask('POST', url, { query, options: {} })
    t.equal(answer.status, rows === undefined ? 400 : 200)
    const names = listOf(answer.body.data).map((row) => String(row.name).replace(/\d{8}$/, 'NUMBER'))
    if (rows !== undefined) t.strictSame(names, rows)
  })
