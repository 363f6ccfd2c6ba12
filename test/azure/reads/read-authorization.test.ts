import t from 'tap'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { armServer, CLUSTER_PATH, faultOf, SUBSCRIPTION } from '../support/arm-server.ts'

const arm = (endpoint: string) => connectArm({ endpoint, simulated: true, retries: { baseDelayMs: 1 } })
const ROOT = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization`

const LOCK = {
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/natGateways/n/providers/Microsoft.Authorization/locks/keep`,
  name: 'keep',
  properties: { level: 'CanNotDelete', notes: 'ours' },
}

t.test('lists locks with their scope, over pages, on one version', async (t) => {
  const server = await armServer(t, ({ url }, nth) => ({
    status: 200,
    body: { value: [LOCK], nextLink: nth === 1 ? `${server.endpoint}${url}&$skiptoken=2` : undefined },
  }))
  const locks = await arm(server.endpoint).listAuthorization('locks', SUBSCRIPTION)
  t.equal(locks.length, 2)
  const scope = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/natGateways/n`
  t.strictSame(locks[0], { id: LOCK.id, name: 'keep', scope, level: 'CanNotDelete' })
  t.strictSame(
    server.seen.map(({ url }) => url),
    [`${ROOT}/locks?api-version=2020-05-01`, `${ROOT}/locks?api-version=2020-05-01&$skiptoken=2`],
  )
})

t.test('requests permissions at the scope itself, and concludes nothing from a denial', async (t) => {
  const server = await armServer(t, ({ url }) =>
    url.includes('/managedClusters/')
      ? { status: 200, body: { value: [{ actions: ['*/read'], notActions: ['x'], dataActions: [] }] } }
      : { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } },
  )
  const connected = arm(server.endpoint)
  t.strictSame(await connected.listPermissions(CLUSTER_PATH), [{ actions: ['*/read'], notActions: ['x'] }])
  t.equal(
    server.seen[0]?.url,
    `${CLUSTER_PATH}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`,
  )
  t.match(await faultOf(connected.listPermissions('/subscriptions/s')), { kind: 'denied' })
})

t.test('reads what manages a resource group', async (t) => {
  const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/nodes`
  let body: object = { id, managedBy: CLUSTER_PATH }
  const server = await armServer(t, () => ({ status: 200, body }))
  const connected = arm(server.endpoint)
  t.strictSame(await connected.getResourceGroup(id), { managedBy: CLUSTER_PATH })
  t.equal(server.seen[0]?.url, `${id}?api-version=2022-09-01`)
  for (const none of [{ id }, { id, managedBy: null }, { id, managedBy: '' }]) {
    body = none
    t.strictSame(await connected.getResourceGroup(id), { managedBy: null })
  }
  for (const other of [CLUSTER_PATH, '/subscriptions/s', `${id}/x`])
    t.match(await faultOf(connected.getResourceGroup(other)), { kind: 'refused' }, other)
})

t.test('requests the roles of one principal only', async (t) => {
  const properties = {
    scope: '/s',
    roleDefinitionId: '/r',
    createdOn: '2026-01-01T00:00:00Z',
    principalId: 'p',
  }
  const server = await armServer(t, () => ({ status: 200, body: { value: [{ id: '/a', properties }] } }))
  t.strictSame(await arm(server.endpoint).listRoleAssignments(SUBSCRIPTION, "o'b"), [
    { id: '/a', scope: '/s', roleDefinitionId: '/r', createdOn: '2026-01-01T00:00:00Z', condition: null },
  ])
  const query = new URL(server.seen[0]?.url ?? '', 'http://x').searchParams
  t.equal(query.get('$filter'), "assignedTo('o''b')")
})

t.test('reads policies in their original wording', async (t) => {
  const rule = JSON.parse('{"if":{"field":"type","equals":"x"},"then":{"effect":"deny"}}')
  const definition = {
    id: '/providers/Microsoft.Authorization/policyDefinitions/a b',
    properties: {
      mode: 'All',
      parameters: { p: { type: 'Array', defaultValue: [1] }, q: {} },
      policyRule: rule,
    },
  }
  const server = await armServer(t, ({ url }) => ({
    status: 200,
    body: url.includes('?') && url.includes('policyDefinitions/') ? definition : { value: [definition] },
  }))
  const connected = arm(server.endpoint)
  const facts = {
    id: definition.id,
    displayName: 'a b',
    mode: 'All',
    defaults: { p: [1] },
    condition: { field: 'type', equals: 'x' },
    effect: 'deny',
  }
  t.strictSame(await connected.getPolicy('policyDefinitions', definition.id), facts)
  t.match(server.seen[0]?.url, /policyDefinitions\/a%20b\?/)
  t.strictSame(await connected.listAuthorization('policyDefinitions', SUBSCRIPTION), [facts])
  const query = new URL(server.seen[1]?.url ?? '', 'http://x').searchParams
  t.equal(query.get('$filter'), "policyType eq 'Custom'")
})

t.test('reads the enforcement of an assignment, and its exemptions', async (t) => {
  const properties = {
    policyDefinitionId: '/d',
    enforcementMode: 'DoNotEnforce',
    notScopes: ['/n'],
    parameters: { p: { value: ['x'] } },
    overrides: [{ kind: 'policyEffect', value: 'Audit' }],
  }
  const id = `${ROOT}/policyAssignments/one`
  const server = await armServer(t, ({ url }) => ({
    status: 200,
    body: {
      value: [
        url.includes('policyExemptions')
          ? { id: `${ROOT}/policyExemptions/e`, properties: { policyAssignmentId: id } }
          : { id, properties },
      ],
    },
  }))
  const connected = arm(server.endpoint)
  t.match(await connected.listAuthorization('policyAssignments', SUBSCRIPTION), [
    {
      scope: `/subscriptions/${SUBSCRIPTION}`,
      isEnforced: false,
      notScopes: ['/n'],
      parameters: { p: ['x'] },
      isSelective: true,
    },
  ])
  t.match(await connected.listAuthorization('policyExemptions', SUBSCRIPTION), [
    { assignmentId: id, scope: `/subscriptions/${SUBSCRIPTION}`, expiresOn: null, referenceIds: [] },
  ])
})

t.test('reads the quota of a region by its short name', async (t) => {
  const value = [{ name: { value: 'PublicIPAddresses' }, currentValue: 3, limit: 10 }]
  const server = await armServer(t, () => ({ status: 200, body: { value } }))
  t.strictSame(await arm(server.endpoint).listUsages(SUBSCRIPTION, 'East US'), [
    { name: 'PublicIPAddresses', current: 3, limit: 10 },
  ])
  t.match(server.seen[0]?.url, /\/providers\/Microsoft\.Network\/locations\/eastus\/usages\?/)
})

t.test(
  'sends nothing for an ID that would change the path, and follows no link to another host',
  async (t) => {
    const server = await armServer(t, () => ({
      status: 200,
      body: { value: [], nextLink: 'http://127.0.0.1:1/x' },
    }))
    const connected = arm(server.endpoint)
    for (const scope of ['/subscriptions/../x', '/a//b', '/a?b', '/a%2fb', '/a\nb'])
      t.match(await faultOf(connected.listPermissions(scope)), { kind: 'refused' }, JSON.stringify(scope))
    t.match(await faultOf(connected.getPolicy('policyDefinitions', '/x/policySetDefinitions/y')), {
      kind: 'refused',
    })
    t.equal(server.seen.length, 0)
    t.match(await faultOf(connected.listAuthorization('locks', SUBSCRIPTION)), { kind: 'unknown' })
    t.equal(server.seen.length, 1)
  },
)
