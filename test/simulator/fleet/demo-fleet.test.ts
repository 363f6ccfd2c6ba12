import t from 'tap'
import { clusterPath, type Loose, listOf, SUBSCRIPTION, simulated } from '../support/simulated.ts'

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers`

/** Issue 2, part 5. */
const NAMES = [
  'lb-managed',
  'lb-managed-ranges',
  'nat-managed',
  'natv2-managed',
  'lb-byo',
  'lb-byo-nat-ready',
  'lb-byo-nat-attached',
  'lb-byo-udr-ready',
  'lb-byo-udr-internet',
  'lb-byo-two-subnets',
  'lb-byo-ranges',
  'nat-byo',
  'udr-byo',
  'udr-private',
  'windows-nat',
  'kubenet-byo',
  'lb-services',
  'lb-own-ips',
  'dualstack-managed',
  'failed',
  'stopped',
  'isolated',
]

const azure = simulated(t)
const { body: state } = await azure.ask('GET', '/simulator/state')
const resources = listOf(state.resources)
const byId = new Map(resources.map((body) => [String(body.id).toLowerCase(), body]))
const ofType = (type: string) =>
  resources.filter((body) => String(body.type).toLowerCase() === type.toLowerCase())
const clusters = ofType('Microsoft.ContainerService/managedClusters')
const has = (list: Loose | undefined, id: string) =>
  listOf(list).some((entry) => String(entry.id).toLowerCase() === id.toLowerCase())
const named = (name: string) => clusters.find((body) => String(body.name) === name) as Loose

t.test('shows the lists of every type in Resource Graph, and no child in it', async (t) => {
  const azure = simulated(t)
  const types = [
    'microsoft.documentdb/databaseaccounts',
    'microsoft.cognitiveservices/accounts',
    'microsoft.network/ipgroups',
    'microsoft.network/networksecuritygroups',
    'microsoft.network/azurefirewalls',
    'microsoft.network/frontdoorwebapplicationfirewallpolicies',
    'microsoft.network/applicationgatewaywebapplicationfirewallpolicies',
    'microsoft.network/firewallpolicies',
    'microsoft.sql/servers',
    'microsoft.web/sites',
  ]
  const query = `resources | where type in~ (${types.map((type) => `'${type}'`).join(', ')}) | project id, type, rules=properties.customRules | order by id asc`
  const { body } = await azure.ask(
    'POST',
    '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01',
    {
      query,
    },
  )
  t.strictSame([...new Set(listOf(body.data).map(({ type }) => String(type)))].sort(), [...types].sort())
})

t.test('returns a child resource and the list of children of its parent', async (t) => {
  const azure = simulated(t)
  const get = (path: string) => azure.ask('GET', `${GROUP}/${path}?api-version=2022-01-01`)
  for (const [path, count] of [
    ['Microsoft.Sql/servers/sql-demo/firewallRules', 2],
    ['Microsoft.DBforPostgreSQL/flexibleServers/psql-demo/firewallRules', 1],
    ['Microsoft.DBforMySQL/flexibleServers/mysql-demo/firewallRules', 1],
    ['Microsoft.Network/firewallPolicies/afwp-demo/ruleCollectionGroups', 1],
  ] as const) {
    const { status, body } = await get(path)
    t.equal(status, 200, path)
    t.equal(listOf(body.value).length, count, path)
  }
  for (const path of [
    'Microsoft.EventHub/namespaces/evhns-demo/networkRuleSets/default',
    'Microsoft.ServiceBus/namespaces/sbns-demo/networkRuleSets/default',
    'Microsoft.Web/sites/app-demo-shop/config/web',
    'Microsoft.ApiManagement/service/apim-demo/policies/policy',
  ])
    t.equal((await get(path)).status, 200, path)
  t.match(await get('Microsoft.Sql/servers/nothing/firewallRules'), {
    status: 404,
    body: { error: { code: 'ResourceNotFound' } },
  })
  t.equal((await get('Microsoft.Web/sites/app-demo-shop/config/nothing')).status, 404)
})

t.test('rejects writes to allow lists with 501', async (t) => {
  const azure = simulated(t)
  const rule = `${GROUP}/Microsoft.Sql/servers/sql-demo/firewallRules/new?api-version=2022-01-01`
  t.equal((await azure.ask('PUT', rule, { properties: {} })).status, 501)
})

t.test('has every demo cluster, in rg-demo in eastus', async (t) => {
  t.strictSame(
    clusters.map((body) => String(body.name)),
    NAMES,
  )
  for (const body of clusters) {
    t.match(String(body.id), new RegExp(`^/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-demo/`))
    t.equal(String(body.location), 'eastus')
  }
})

t.test('shows every reference on both sides', async (t) => {
  for (const network of ofType('Microsoft.Network/virtualNetworks'))
    for (const subnet of listOf(network.properties?.subnets))
      for (const member of ['natGateway', 'routeTable', 'networkSecurityGroup']) {
        const target = subnet.properties?.[member]?.id
        if (target !== undefined)
          t.ok(
            has(byId.get(String(target).toLowerCase())?.properties?.subnets, String(subnet.id)),
            `${subnet.id} ${member}`,
          )
      }
  for (const type of ['natGateways', 'routeTables', 'networkSecurityGroups'])
    for (const body of ofType(`Microsoft.Network/${type}`))
      for (const subnet of listOf(body.properties?.subnets)) {
        const network = byId.get(String(subnet.id).toLowerCase().split('/subnets/')[0] ?? '')
        t.ok(has(network?.properties?.subnets, String(subnet.id)), `${body.name} names a subnet that exists`)
      }
  for (const body of ofType('Microsoft.Network/natGateways'))
    for (const address of listOf(body.properties?.publicIpAddresses))
      t.equal(String(byId.get(String(address.id).toLowerCase())?.properties?.natGateway?.id), String(body.id))
  for (const body of ofType('Microsoft.Network/loadBalancers'))
    for (const frontend of listOf(body.properties?.frontendIPConfigurations))
      t.equal(
        String(
          byId.get(String(frontend.properties?.publicIPAddress?.id).toLowerCase())?.properties
            ?.ipConfiguration?.id,
        ),
        String(frontend.id),
      )
})

t.test('has an attached address for every effective outbound IP', async (t) => {
  for (const cluster of clusters) {
    const profile = cluster.properties?.networkProfile
    for (const [kind, place] of [
      ['loadBalancerProfile', 'ipConfiguration'],
      ['natGatewayProfile', 'natGateway'],
    ] as const)
      for (const reference of listOf(profile?.[kind]?.effectiveOutboundIPs)) {
        const address = byId.get(String(reference.id).toLowerCase())
        t.ok(address?.properties?.ipAddress, `${cluster.name} ${reference.id}`)
        t.ok(address?.properties?.[place]?.id, `${cluster.name} is attached`)
      }
  }
})

t.test('covers the present egress of every cluster that has authorized ranges', async (t) => {
  const restricted = clusters.filter(
    (body) => body.properties?.apiServerAccessProfile?.authorizedIPRanges !== undefined,
  )
  t.strictSame(
    restricted.map((body) => String(body.name)),
    ['lb-managed-ranges', 'lb-byo-ranges'],
  )
  for (const body of restricted) {
    const ranges = listOf(body.properties?.apiServerAccessProfile?.authorizedIPRanges).map(String)
    for (const reference of listOf(
      body.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs,
    )) {
      const address = byId.get(String(reference.id).toLowerCase())?.properties?.ipAddress
      t.ok(ranges.includes(`${address}/32`), String(body.name))
    }
  }
  const gateway = byId.get(
    `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-demo/providers/microsoft.network/publicipaddresses/pip-natgw-lb-byo-ranges`,
  )
  t.notOk(
    JSON.stringify(named('lb-byo-ranges').properties?.apiServerAccessProfile).includes(
      String(gateway?.properties?.ipAddress),
    ),
  )
})

t.test('matches the name of each cluster', async (t) => {
  const outboundType = (name: string) => String(named(name).properties?.networkProfile?.outboundType)
  t.strictSame(['lb-byo', 'nat-managed', 'nat-byo', 'udr-byo', 'isolated'].map(outboundType), [
    'loadBalancer',
    'managedNATGateway',
    'userAssignedNATGateway',
    'userDefinedRouting',
    'none',
  ])
  t.match(named('natv2-managed').properties?.networkProfile, { natGatewayProfile: { sku: 'StandardV2' } })
  t.match(named('udr-private').properties, { apiServerAccessProfile: { enablePrivateCluster: true } })
  t.match(named('isolated').properties, {
    bootstrapProfile: { artifactSource: 'Cache' },
    apiServerAccessProfile: { enablePrivateCluster: true },
  })
  t.match(named('failed').properties, { provisioningState: 'Failed' })
  t.match(named('stopped').properties, { powerState: { code: 'Stopped' } })
  t.match(named('kubenet-byo').properties, { networkProfile: { networkPlugin: 'kubenet' } })
  t.match(named('kubenet-byo'), { identity: { type: 'UserAssigned' } })
  t.match(named('windows-nat').properties, {
    agentPoolProfiles: [{}, {}, { osType: 'Windows', windowsProfile: { disableOutboundNat: true } }],
  })
  t.strictSame(
    new Set(ofType('Microsoft.Network/publicIPAddresses').map((body) => String(body.properties?.ipAddress)))
      .size,
    ofType('Microsoft.Network/publicIPAddresses').length,
  )
})

t.test('has storage, vaults and a registry that allow egress addresses of these clusters', async (t) => {
  const addresses = ofType('Microsoft.Network/publicIPAddresses').map((body) =>
    String(body.properties?.ipAddress),
  )
  for (const type of [
    'Microsoft.Storage/storageAccounts',
    'Microsoft.KeyVault/vaults',
    'Microsoft.ContainerRegistry/registries',
  ]) {
    const url = `/subscriptions/${SUBSCRIPTION}/providers/${type}?api-version=2023-01-01`
    const list = listOf((await azure.ask('GET', url)).body.value)
    const rules = list.flatMap((body) =>
      listOf((body.properties?.networkAcls ?? body.properties?.networkRuleSet)?.ipRules),
    )
    t.ok(rules.length > 0, type)
    for (const rule of rules)
      t.ok(addresses.includes(String(rule.value).replace('/32', '')), `${type} ${rule.value}`)
    t.equal((await azure.ask('GET', `${list[0]?.id}?api-version=2023-01-01`)).status, 200)
  }
})

t.test('clones any of its clusters with all their resources', async (t) => {
  const clones = simulated(t)
  for (const like of NAMES) {
    const answer = await clones.ask('POST', '/simulator/reset', { fleet: { count: 3, like } })
    t.match(answer, { status: 200, body: { clusters: 3 } }, like)
    t.equal((await clones.ask('GET', clusterPath(`${like}-0003`))).status, 200)
  }
})

t.test('spreads clones of several clusters over subscriptions, each with its own addresses', async (t) => {
  const clones = simulated(t)
  const fleet = { count: 6, like: ['lb-managed', 'lb-byo-nat-attached'], subscriptions: 3 }
  t.match(await clones.ask('POST', '/simulator/reset', { fleet }), { status: 200, body: { clusters: 6 } })
  const query = (text: string) =>
    clones.ask('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01', { query: text })
  const rows = async (type: string) => listOf((await query(`resources | where type =~ '${type}'`)).body?.data)
  const clusters = await rows('microsoft.containerservice/managedclusters')
  t.equal(new Set(clusters.map(({ id }) => String(id).split('/')[2])).size, 3)
  const addresses = (await rows('microsoft.network/publicipaddresses')).map(
    ({ properties }) => properties?.ipAddress,
  )
  t.equal(new Set(addresses).size, addresses.length)
})

t.test('holds 300 clones in little memory', async (t) => {
  const clones = simulated(t)
  const before = process.memoryUsage().rss
  await clones.ask('POST', '/simulator/reset', { fleet: { count: 300, like: 'lb-managed' } })
  const grown = (process.memoryUsage().rss - before) / 1e6
  t.ok(grown < 60, `${grown.toFixed(1)} MB`)
})
