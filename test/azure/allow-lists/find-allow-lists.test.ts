import t from 'tap'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { ALLOW_LIST_TYPE_NAMES } from '../../../src/contract/allow-lists.ts'
import type { JsonObject } from '../../../src/contract/json.ts'

import { armServer, faultOf } from '../support/arm-server.ts'
import { GROUP, graphOf } from '../support/graph.ts'

const STORAGE = 'microsoft.storage/storageaccounts'
const connect = (endpoint: string) => connectArm({ endpoint, simulated: true, retries: { baseDelayMs: 1 } })
const aRow = (number: number) => ({ id: `${GROUP}/${STORAGE}/${number}`, type: STORAGE })

t.test('sends one query for all types in every subscription, with the required fields only', async (t) => {
  const { server, arm } = await graphOf(t, [])
  const { searched } = await arm.findAllowLists()
  t.equal(server.seen.length, 1)
  t.equal(server.seen[0]?.url, '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01')
  const { query, subscriptions, options } = JSON.parse(server.seen[0]?.body ?? '')
  for (const type of ALLOW_LIST_TYPE_NAMES) t.match(query, `'${type.toLowerCase()}'`)
  t.notMatch(query, /project[^|]*\bproperties,/)
  t.equal(subscriptions, undefined)
  t.match(options, { $top: 1000, resultFormat: 'objectArray' })
  t.strictSame(
    searched,
    ALLOW_LIST_TYPE_NAMES.map((type) => ({ type, resources: 0 })),
  )
})

t.test('follows the skip token to the last page, and counts what it has found', async (t) => {
  const server = await armServer(t, (_, nth) => ({
    status: 200,
    body: { totalRecords: 3, data: [aRow(nth)], ...(nth < 3 ? { $skipToken: `page-${nth + 1}` } : {}) },
  }))
  const { ids, searched, omittedRows: beyond } = await connect(server.endpoint).findAllowLists()
  t.strictSame(
    server.seen.map(({ body }) => JSON.parse(body).options.$skipToken),
    [undefined, 'page-2', 'page-3'],
  )
  t.equal(ids.length, 3)
  t.equal(searched.find(({ type }) => type === 'Microsoft.Storage/storageAccounts')?.resources, 3)
  t.equal(beyond, 0)
})

t.test('stops after twenty pages and says how many resources are left', async (t) => {
  const server = await armServer(t, (_, nth) => ({
    status: 200,
    body: { totalRecords: 25_000, data: [aRow(nth)], $skipToken: `page-${nth + 1}` },
  }))
  const { ids, omittedRows: beyond } = await connect(server.endpoint).findAllowLists()
  t.equal(server.seen.length, 20)
  t.equal(beyond, 25_000 - ids.length)
})

t.test('retries a query when Resource Graph fails temporarily', async (t) => {
  const server = await armServer(t, (_, nth) =>
    nth < 3
      ? { status: nth === 1 ? 503 : 429, headers: { 'retry-after': '0' } }
      : { status: 200, body: { data: [] } },
  )
  await connect(server.endpoint).findAllowLists()
  t.equal(server.seen.length, 3)
})

t.test(
  'rejects with the error of Resource Graph, and with a fault for a response without rows',
  async (t) => {
    const denied = await armServer(t, () => ({
      status: 403,
      body: {
        error: {
          code: 'AccessDenied',
          message: 'Access to some or all of the specified subscriptions was denied.',
        },
      },
    }))
    t.match(await faultOf(connect(denied.endpoint).findAllowLists()), {
      kind: 'denied',
      code: 'AccessDenied',
    })
    t.equal(denied.seen.length, 1)
    const odd = await armServer(t, () => ({ status: 200, body: { count: 0 } }))
    t.match(await faultOf(connect(odd.endpoint).findAllowLists()), { kind: 'unknown' })
  },
)

t.test('names an unreadable row, and reads the others', async (t) => {
  const networkAcls = { ipRules: [{ value: '20.1.2.3' }], defaultAction: 'Deny' }
  const { arm } = await graphOf(t, [
    { ...aRow(1), networkAcls: { ipRules: 'all' } },
    { ...aRow(2), networkAcls },
    { type: STORAGE },
    { id: '/vm', type: 'microsoft.compute/virtualmachines' },
  ])
  const { resources, unread, ids } = await arm.findAllowLists()
  t.strictSame(
    resources.map(({ id }) => id),
    [aRow(2).id],
  )
  t.match(unread, [
    {
      type: 'Microsoft.Storage/storageAccounts',
      what: aRow(1).id,
      reason: 'failed',
      code: 'UnreadableAnswer',
    },
    { type: 'Microsoft.Storage/storageAccounts', what: 'Microsoft.Storage/storageAccounts' },
  ])
  t.strictSame(ids, [aRow(1).id, aRow(2).id])
})

t.test('reads a list below a resource page by page, on its own API version', async (t) => {
  const id = `${GROUP}/Microsoft.Sql/servers/sql (1)`
  const rule = (name: string): JsonObject => ({
    name,
    properties: { startIpAddress: '20.1.2.3', endIpAddress: '20.1.2.3' },
  })
  const server = await armServer(t, (_, nth) => ({
    status: 200,
    body:
      nth === 1 ? { value: [rule('a')], nextLink: `${server.endpoint}/next?page=2` } : { value: [rule('b')] },
  }))
  const below = { id, type: 'Microsoft.Sql/servers', location: 'eastus', isOff: false } as const
  const found = await connect(server.endpoint).readChildLists(below)
  t.strictSame(
    found?.entries.map((entry) => entry.rule),
    ['a', 'b'],
  )
  t.equal(found?.location, 'eastus')
  t.match(server.seen[0]?.url, /\/sql%20\(1\)\/firewallRules\?api-version=2021-11-01$/)
  t.equal(server.seen[1]?.url, '/next?page=2')
})

t.test('treats a missing list as empty, and every other error as a fault', async (t) => {
  const below = {
    id: `${GROUP}/Microsoft.ApiManagement/service/api`,
    type: 'Microsoft.ApiManagement/service',
    location: 'eastus',
    isOff: false,
  } as const
  const answer = async (status: number) =>
    connect((await armServer(t, () => ({ status, body: { error: { code: 'No', message: 'no' } } }))).endpoint)
  t.equal(await (await answer(404)).readChildLists(below), null)
  t.match(await faultOf((await answer(403)).readChildLists(below)), { kind: 'denied' })
})

t.test('sends nothing for an invalid resource ID, and follows no link to another host', async (t) => {
  const server = await armServer(t, () => ({
    status: 200,
    body: { value: [], nextLink: 'https://elsewhere.example/' },
  }))
  const type = 'Microsoft.Sql/servers'
  const arm = connect(server.endpoint)
  for (const id of ['http://elsewhere.example/x', `${GROUP}/${type}/../x`, `${GROUP}/${type}/a?b`, 'sql'])
    t.match(
      await faultOf(arm.readChildLists({ id, type, location: null, isOff: false })),
      { code: 'InvalidResourceId' },
      id,
    )
  t.equal(server.seen.length, 0)
  t.match(
    await faultOf(arm.readChildLists({ id: `${GROUP}/${type}/a`, type, location: null, isOff: false })),
    {
      kind: 'unknown',
    },
  )
})
