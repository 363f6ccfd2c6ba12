import t from 'tap'
import { listOf, SUBSCRIPTION, simulated } from './support/simulated.ts'

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo/providers`

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

t.test('shows what lies below a resource: one, and the list below this parent alone', async (t) => {
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

t.test('lets nobody write there', async (t) => {
  const azure = simulated(t)
  const rule = `${GROUP}/Microsoft.Sql/servers/sql-demo/firewallRules/new?api-version=2022-01-01`
  t.equal((await azure.ask('PUT', rule, { properties: {} })).status, 501)
})
