import t from 'tap'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { recordedBodies } from '../recordings.ts'
import { aClusterBody, armServer, CLUSTER_PATH, faultOf, REF, SUBSCRIPTION } from '../support/arm-server.ts'

const arm = (endpoint: string) => connectArm({ endpoint, simulated: true, retries: { baseDelayMs: 1 } })

t.test('reads a cluster unchanged, with the newest API version', async (t) => {
  const body = { ...aClusterBody({ eTag: 'e' }), somethingNew: { deep: [null, 1] } }
  const server = await armServer(t, () => ({ status: 200, body }))
  const reading = await arm(server.endpoint).getCluster(REF)
  t.strictSame(reading.body, body)
  t.match(reading, { apiVersion: '2026-06-01', facts: { name: 'one', etag: 'e' } })
  t.equal(server.seen[0]?.url, `${CLUSTER_PATH}?api-version=2026-06-01`)
})

t.test('follows a list to its last page, and returns the items unchanged', async (t) => {
  const server = await armServer(t, ({ url }, nth) => ({
    status: 200,
    body: {
      value: [{ id: `/ip/${nth}`, properties: { newThing: 1 } }],
      nextLink:
        nth < 4
          ? `${server.endpoint}${url.split('&')[0]}&$skiptoken=p%2F${nth}`
          : nth === 4
            ? null
            : undefined,
    },
  }))
  const listed = await arm(server.endpoint).listNetwork('publicIPAddresses', SUBSCRIPTION)
  t.strictSame(
    listed.map(({ id }) => id),
    ['/ip/1', '/ip/2', '/ip/3', '/ip/4'],
  )
  t.match(
    server.seen[0]?.url,
    new RegExp(
      `^/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Network/publicIPAddresses\\?api-version=`,
    ),
  )
  t.match(server.seen[3]?.url, /skiptoken=p%2F3$/, 'the link as it was')
})

t.test('does not report a list as complete when a later page fails', async (t) => {
  const page = { value: [{ id: '/x' }] }
  const server = await armServer(t, (_, nth) =>
    nth === 1
      ? { status: 200, body: { ...page, nextLink: `${server.endpoint}/2` } }
      : { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } },
  )
  t.match(await faultOf(arm(server.endpoint).listNetwork('natGateways', SUBSCRIPTION)), {
    kind: 'denied',
    code: 'AuthorizationFailed',
  })
  for (const body of [{ ...page, nextLink: 7 }, { nextLink: null }, { value: {} }]) {
    const odd = await armServer(t, () => ({ status: 200, body }))
    t.match(
      await faultOf(arm(odd.endpoint).listNetwork('natGateways', SUBSCRIPTION)),
      { kind: 'unknown' },
      JSON.stringify(body),
    )
  }
})

t.test('follows no link to another host', async (t) => {
  const other = await armServer(t, () => ({ status: 200, body: { value: [] } }))
  const server = await armServer(t, () => ({
    status: 200,
    body: { value: [], nextLink: `${other.endpoint}/next` },
  }))
  t.match(await faultOf(arm(server.endpoint).listNetwork('routeTables', SUBSCRIPTION)), { kind: 'unknown' })
  const redirecting = await armServer(t, () => ({
    status: 302,
    headers: { location: `${other.endpoint}/elsewhere` },
  }))
  t.match(await faultOf(arm(redirecting.endpoint).getCluster(REF)), { kind: 'unknown', status: 302 })
  t.equal(other.seen.length, 0)
})

t.test('reads one resource of each kind by its id, in its own subscription', async (t) => {
  const { body } = recordedBodies('Microsoft.Network/natGateways')[0]!
  const server = await armServer(t, () => ({ status: 200, body }))
  const facts = await arm(server.endpoint).getNetwork('natGateways', String(body.id))
  t.equal(facts.id, body.id)
  t.match(server.seen[0]?.url, /^\/subscriptions\/00000000-[^?]*\/natGateways\/ng1\?api-version=/)
})

t.test('sends nothing for an id of another kind, or with a part that would change the path', async (t) => {
  const server = await armServer(t, () => ({ status: 200, body: {} }))
  const connected = arm(server.endpoint)
  const vnet = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v`
  for (const id of [
    vnet,
    `${vnet}/subnets/s`,
    'nonsense',
    '',
    `/subscriptions/../resourceGroups/rg/providers/Microsoft.Network/natGateways/n`,
  ]) {
    t.match(
      await faultOf(connected.getNetwork('natGateways', id)),
      { kind: 'refused', code: 'InvalidResourceId' },
      id,
    )
  }
  for (const name of ['..', '.', '', 'a/b', 'a%2fb', 'a?b', 'a#b', 'a\nb']) {
    t.match(await faultOf(connected.getCluster({ ...REF, name })), { kind: 'refused' }, JSON.stringify(name))
    t.match(await faultOf(connected.getCluster({ ...REF, resourceGroup: name })), { kind: 'refused' })
    t.match(await faultOf(connected.listNetwork('natGateways', name)), { kind: 'refused' })
  }
  t.equal(server.seen.length, 0)
})

t.test('reads agent pools as resources of their own', async (t) => {
  const server = await armServer(t, () => ({
    status: 200,
    body: {
      value: [
        { id: '/p', name: 'pool', properties: { count: 3, provisioningState: 'Updating', mode: 'System' } },
      ],
    },
  }))
  t.match(await arm(server.endpoint).listAgentPools(REF), [
    { name: 'pool', count: 3, provisioningState: 'Updating' },
  ])
  t.equal(server.seen[0]?.url, `${CLUSTER_PATH}/agentPools?api-version=2026-06-01`)
})

t.test('reports an invalid response as unreadable', async (t) => {
  for (const text of ['<html>', '', '[]', '"text"', 'null', '{"id":']) {
    const server = await armServer(t, () => ({ status: 200, text }))
    t.match(await faultOf(arm(server.endpoint).getCluster(REF)), { kind: 'unknown' }, JSON.stringify(text))
  }
})
