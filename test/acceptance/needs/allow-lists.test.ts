import t from 'tap'
import { makePlan, planFor } from '../support/requests.ts'
import { client, type Loose, listOf, type Service, service, until } from '../support/service.ts'

const GROUP = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-demo/providers'
const STORAGE = `${GROUP}/Microsoft.Storage/storageAccounts/stdemoorders`

/** All kinds of resources that hold lists, in the order of the resources' names in the demo fleet's subscription. */
const NAMING_LB_MANAGED = [
  'afwp-demo',
  'apim-demo',
  'app-demo-shop',
  'cosmos-demo',
  'evhns-demo',
  'fw-hub',
  'ipg-demo-clusters',
  'kv-demo-payments',
  'nsg-demo-shop',
  'psql-demo',
  'sql-demo',
  'stdemoorders',
  'waf-demo-gateway',
  'wafdemofrontdoor',
]

const nameOf = (impact: Loose) => String(impact.resourceId).split('/').at(-1) ?? ''
const impactsOn = (plan: Loose, name: string) =>
  listOf(plan.allowLists?.impacts).filter((each) => nameOf(each) === name)
const unreadOf = (plan: Loose) => listOf(plan.allowLists?.coverage?.unread)
const codesOf = (plan: Loose) => listOf(plan.findings).map(({ code }) => String(code))

/** Azure denies matching requests, as it does without read permission. */
async function deny(planner: Service, method: string, pathPattern: string): Promise<void> {
  const fault = { kind: 'status', status: 403, code: 'AuthorizationFailed', message: 'The client may not.' }
  await planner.simulator('POST', 'faults', [{ match: { method, pathPattern }, fault }])
}

/** Makes a public address of the user's own, as anyone may beside this service; gives its id. */
async function ownAddress(planner: Service): Promise<string> {
  const id = `${GROUP}/Microsoft.Network/publicIPAddresses/pip-own-new`
  const body = {
    location: 'eastus',
    sku: { name: 'Standard' },
    properties: { publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4' },
  }
  const arm = client(planner.process.simulatorUrl ?? '')
  const url = `${id}?api-version=2025-01-01`
  const put = await arm.ask('PUT', url, body)
  if (put.status !== 201) throw new Error(`${put.status} ${put.text}`)
  // It has its address when it is done, and not before.
  const state = async () => String((await arm.get(url)).body.properties?.provisioningState)
  await until(state, (is) => is === 'Succeeded')
  return id
}

t.test('N2: reports which allow lists still contain the old address before it is released', async (t) => {
  const planner = await service(t)
  const request = planFor('lb-managed', 'managedNATGateway')
  const plan = await makePlan(planner, request)
  const [lost] = listOf(plan.egressIps).filter(({ change }) => String(change) === 'lost')
  const address = String(lost?.address)

  await t.test('reports one impact for a storage account, with its ID and the exact rule', async (t) => {
    t.match(impactsOn(plan, 'stdemoorders'), [
      {
        resourceId: STORAGE,
        type: 'Microsoft.Storage/storageAccounts',
        place: '/properties/networkAcls/ipRules/0',
        entry: address,
        effect: 'allow',
        inForce: true,
        covers: [{ address, change: 'lost' }],
        ineffective: { reason: 'sameRegion', forAll: true },
        add: [],
        addLater: 0,
        removeLater: [address],
      },
    ])
    t.equal(impactsOn(plan, 'stdemoorders').length, 1)
    t.match(impactsOn(plan, 'evhns-demo'), [{ ineffective: null, addLater: 1 }])
    t.equal(impactsOn(plan, 'stdemoreports').length, 0, "another cluster's address is not ours")
  })

  await t.test('searches every kind of resource, and matches wider blocks and ranges', async (t) => {
    const names = new Set(listOf(plan.allowLists?.impacts).map(nameOf))
    t.strictSame([...names].sort(), NAMING_LB_MANAGED)
    const [cosmos] = impactsOn(plan, 'cosmos-demo')
    t.match(cosmos, { entry: /\.0\.0\/16$/, removeLater: [] })
    t.match(impactsOn(plan, 'psql-demo'), [{ rule: 'aks-clusters', entry: /\.0-.*\.255$/ }])
    t.match(impactsOn(plan, 'wafdemofrontdoor'), [{ rule: 'OnlyKnownClients', effect: 'allow' }])
    t.ok(codesOf(plan).includes('ALLOWLIST_NAMES_LOST_ADDRESS'))
    t.ok(codesOf(plan).includes('ALLOWLIST_ENTRY_INEFFECTIVE'))
  })

  await t.test(
    'matches the authorized ranges of other clusters, and not those of the cluster itself',
    async (t) => {
      const other = await makePlan(planner, planFor('nat-managed', 'managedNATGatewayV2'))
      t.equal(impactsOn(other, 'lb-managed-ranges').length, 2)
      const own = await makePlan(planner, planFor('lb-managed-ranges', 'managedNATGateway'))
      t.equal(impactsOn(own, 'lb-managed-ranges').length, 0)
      t.equal(impactsOn(own, 'stdemoorders').length, 1)
    },
  )

  await t.test('lists known new addresses for each allow list and each consumer', async (t) => {
    const outboundIpIds = [await ownAddress(planner)]
    const own = planFor('lb-managed', 'loadBalancer', { loadBalancer: { outboundIpIds } })
    const moving = await makePlan(planner, {
      ...own,
      consumers: [
        { name: 'bank', contact: 'network@bank.example', note: 'two days', addresses: ['198.51.100.1'] },
      ],
    })
    const added = listOf(moving.egressIps).filter(({ change }) => String(change) === 'added')
    const add = added.map((each) => String(each.address))
    t.equal(add.length, 1)
    t.match(impactsOn(moving, 'evhns-demo'), [{ entry: address, add, addLater: 0 }])
    const bank = { name: 'bank', contact: 'network@bank.example', note: 'two days', add, addLater: 0 }
    t.match(moving.allowLists?.consumers, [{ ...bank, addresses: ['198.51.100.1'], drop: [] }])
    t.notOk(codesOf(moving).includes('CONSUMERS_TO_TELL'), 'it does not know the lost address')
    const told = await makePlan(planner, { ...own, consumers: [{ name: 'bank' }] })
    t.match(told.allowLists?.consumers, [{ name: 'bank', drop: [address], add, addLater: 0 }])
    t.ok(codesOf(told).includes('CONSUMERS_TO_TELL'))
  })

  await t.test('a plan returns the same allow lists when it is read later', async (t) => {
    const again = await planner.get(`/v1/plans/${String(plan.id)}`)
    t.strictSame(again.body.allowLists, plan.allowLists)
  })

  await t.test('planning sends only GETs and one query to Resource Graph', async (t) => {
    await planner.simulator('POST', 'reset')
    await makePlan(planner, request)
    const asked = listOf(await planner.simulator('GET', 'requests'))
    const others = asked.filter(({ method }) => String(method) !== 'GET')
    t.strictSame(
      others.map(({ method, path }) => `${String(method)} ${String(path).split('?')[0]}`),
      ['POST /providers/Microsoft.ResourceGraph/resources'],
    )
  })

  await t.test(
    'a resource type without read permission makes the coverage partial and is named',
    async (t) => {
      await deny(planner, 'GET', '/Microsoft.Sql/servers/[^/]+/firewallRules')
      const partial = await makePlan(planner, request)
      t.equal(partial.allowLists?.coverage?.complete, false)
      const [sql] = unreadOf(partial).filter(({ type }) => String(type) === 'Microsoft.Sql/servers')
      t.match(sql, { what: /\/servers\/sql-demo$/, reason: 'denied', code: 'AuthorizationFailed' })
      t.equal(impactsOn(partial, 'sql-demo').length, 0)
      t.equal(impactsOn(partial, 'stdemoorders').length, 1, 'the others are read all the same')
      const found = listOf(partial.findings).find(({ code }) => String(code) === 'ALLOWLIST_SCAN_INCOMPLETE')
      t.match(found, { severity: 'warning', facts: { types: ['Microsoft.Sql/servers'] } })
    },
  )

  await t.test(
    'creates the plan without Resource Graph, and states that no allow list was searched',
    async (t) => {
      await deny(planner, 'POST', '/providers/Microsoft.ResourceGraph/')
      const blind = await makePlan(planner, request)
      t.match(blind, { status: 'applicable', allowLists: { coverage: { complete: false }, impacts: [] } })
      const types = unreadOf(blind).map(({ type }) => String(type))
      for (const type of ['Microsoft.Storage/storageAccounts', 'Microsoft.KeyVault/vaults'])
        t.ok(types.includes(type), type)
      t.ok(codesOf(blind).includes('ALLOWLIST_SCAN_INCOMPLETE'))
    },
  )
})
