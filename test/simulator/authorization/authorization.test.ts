import t from 'tap'
import { clusterPath, type Loose, listOf, STABLE, SUBSCRIPTION, simulated } from '../support/simulated.ts'

const ROOT = `/subscriptions/${SUBSCRIPTION}`
const GROUP = `${ROOT}/resourceGroups/rg-demo`
const AUTHORIZATION = 'providers/Microsoft.Authorization'

type Azure = ReturnType<typeof simulated>
const listed = async (azure: Azure, path: string, filter = '') =>
  listOf((await azure.ask('GET', `${path}?api-version=${STABLE}${filter}`)).body.value)
const put = (azure: Azure, ...bodies: object[]) => azure.ask('POST', '/simulator/resources', { put: bodies })

t.test('allows the caller everything until a test restricts it', async (t) => {
  const azure = simulated(t)
  const path = `${clusterPath('lb-managed').split('?')[0]}/${AUTHORIZATION}/permissions`
  t.match(await listed(azure, path), [{ actions: ['*'], notActions: [] }])
  await put(azure, {
    id: `${GROUP}/${AUTHORIZATION}/permissions/reader`,
    actions: ['*/read'],
    notActions: [],
  })
  t.match(await listed(azure, path), [{ actions: ['*/read'] }])
  t.strictSame(await listed(azure, `${ROOT}/${AUTHORIZATION}/permissions`), [])
  const missing = `${ROOT}/resourceGroups/other/${AUTHORIZATION}/permissions?api-version=${STABLE}`
  t.match(await azure.ask('GET', missing), {
    status: 404,
    body: { error: { code: 'ResourceGroupNotFound' } },
  })
})

t.test('gives each identity its own role until a test assigns other roles', async (t) => {
  const azure = simulated(t)
  const principalOf = async (name: string) => {
    const { identity } = await azure.cluster(name)
    const assigned = Object.values((identity?.userAssignedIdentities ?? {}) as Loose)
    return String(identity?.principalId ?? assigned[0]?.principalId)
  }
  const [one, other] = [await principalOf('lb-byo'), await principalOf('nat-byo')]
  t.not(one, other)
  const roles = (principal: string) =>
    listed(azure, `${ROOT}/${AUTHORIZATION}/roleAssignments`, `&$filter=assignedTo('${principal}')`)
  t.match(await roles(one), [
    { properties: { principalId: one, scope: GROUP, roleDefinitionId: /4d97b98b/, createdOn: /^2026/ } },
  ])
  const id = `${GROUP}/${AUTHORIZATION}/roleAssignments/x`
  await put(azure, { id, properties: { principalId: one, roleDefinitionId: '/r' } })
  t.match(await roles(one), [{ id, properties: { scope: GROUP, roleDefinitionId: '/r' } }])
  t.match(await roles(other), [{ properties: { roleDefinitionId: /4d97b98b/ } }])
  await azure.ask('POST', '/simulator/resources', { remove: [id] })
  t.match(await roles(one), [{ properties: { roleDefinitionId: /4d97b98b/ } }])
  const definitions = await listed(azure, `${ROOT}/${AUTHORIZATION}/roleDefinitions`)
  t.ok(definitions.some(({ properties }) => String(properties?.roleName) === 'Network Contributor'))
  const all = await azure.ask('GET', `${ROOT}/${AUTHORIZATION}/roleAssignments?api-version=${STABLE}`)
  t.equal(all.status, 400, 'any other filter is refused, not ignored')
})

t.test('shows locks and policies that were put, those of management groups too', async (t) => {
  const azure = simulated(t)
  const top = '/providers/Microsoft.Management/managementGroups/top'
  t.strictSame(await listed(azure, `${ROOT}/${AUTHORIZATION}/locks`), [])
  const ids = {
    locks: [`${GROUP}/${AUTHORIZATION}/locks/a`, `${ROOT}/${AUTHORIZATION}/locks/b`],
    policyAssignments: [`${top}/${AUTHORIZATION}/policyAssignments/a`],
    policyDefinitions: [`${top}/${AUTHORIZATION}/policyDefinitions/a`],
    policyExemptions: [`${GROUP}/${AUTHORIZATION}/policyExemptions/a`],
  }
  for (const [kind, given] of Object.entries(ids)) {
    await put(azure, ...given.map((id) => ({ id })))
    const seen = await listed(azure, `${ROOT}/${AUTHORIZATION}/${kind}`)
    t.strictSame(
      seen.map(({ id }) => String(id)),
      given,
      kind,
    )
  }
  const get = async (id: string) => (await azure.ask('GET', `${id}?api-version=${STABLE}`)).status
  t.equal(await get(`${top}/${AUTHORIZATION}/policyDefinitions/A`), 200)
  t.equal(await get(`/${AUTHORIZATION}/policyDefinitions/a08ec900-254a-4555-9bf5-e42af04b5c5c`), 200)
  t.equal(await get(`/${AUTHORIZATION}/policyDefinitions/nothing`), 404)
})

t.test('shows a lower limit that was put', async (t) => {
  const azure = simulated(t)
  const path = `${ROOT}/providers/Microsoft.Network/locations/eastus/usages`
  await put(azure, { id: `${path}/PublicIPAddresses`, limit: 7 })
  const limits = new Map((await listed(azure, path)).map(({ name, limit }) => [String(name?.value), limit]))
  t.equal(Number(limits.get('PublicIPAddresses')), 7)
  t.equal(Number(limits.get('StaticPublicIPAddresses')), 1000)
})

t.test('rejects an invalid resource and stores nothing', async (t) => {
  const azure = simulated(t)
  const good = { id: `${GROUP}/${AUTHORIZATION}/locks/a` }
  for (const body of [[], { put: {} }, { put: [good, {}] }, { remove: ['x'] }, { puts: [] }])
    t.equal((await azure.ask('POST', '/simulator/resources', body)).status, 400, JSON.stringify(body))
  t.strictSame(await listed(azure, `${ROOT}/${AUTHORIZATION}/locks`), [])
})

t.test(
  'requires join permissions on every resource that a write refers to, including existing references',
  async (t) => {
    const azure = simulated(t)
    const network = `${GROUP}/providers/Microsoft.Network`
    const allowed = ['*/read', '*/write', 'Microsoft.Network/virtualNetworks/subnets/join/action']
    await put(azure, { id: `${ROOT}/${AUTHORIZATION}/permissions/writer`, actions: allowed, notActions: [] })
    const subnet = `${network}/virtualNetworks/vnet-nat-byo/subnets/nodes`
    const version = 'api-version=2025-01-01'
    const { body } = await azure.ask('GET', `${subnet}?${version}`)
    const refused = await azure.ask('PUT', `${subnet}?${version}`, body)
    t.equal(refused.status, 403)
    t.equal(String(refused.body.error?.code), 'LinkedAuthorizationFailed')
    t.match(String(refused.body.error?.message), /natGateways\/join\/action' on the linked scope/)
    t.equal((await azure.put(await azure.cluster('nat-byo'))).status, 200, 'the subnets may be joined')
    await put(azure, {
      id: `${network}/natGateways/natgw-nat-byo/${AUTHORIZATION}/permissions/joiner`,
      actions: ['Microsoft.Network/*/join/action'],
      notActions: [],
    })
    t.equal((await azure.ask('PUT', `${subnet}?${version}`, body)).status, 200)
    await put(azure, {
      id: `${ROOT}/${AUTHORIZATION}/permissions/writer`,
      actions: ['*'],
      notActions: ['Microsoft.Network/virtualNetworks/subnets/join/action'],
    })
    const cluster = await azure.put(await azure.cluster('lb-byo'))
    t.equal(String(cluster.body.error?.code), 'LinkedAuthorizationFailed')
  },
)
