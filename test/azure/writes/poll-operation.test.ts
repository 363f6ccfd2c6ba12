import t from 'tap'
import type { ArmResponse } from '../../../src/azure/errors/arm-fault.ts'
import {
  buildPoller,
  type Poller,
  pathOnOrigin,
  serializePoller,
  toOperationState,
} from '../../../src/azure/writes/poll-operation.ts'
import type { JsonObject } from '../../../src/contract/json.ts'
import { interactions } from '../recordings.ts'

const ORIGIN = 'https://management.azure.com'
const poller = (kind: Poller['kind'] = 'operation'): Poller => ({
  kind,
  path: '/p',
  subscriptionId: 's',
  apiVersion: 'v',
})
const answer = (
  body: JsonObject | null,
  status = 200,
  headers: Record<string, string> = {},
): ArmResponse => ({
  status,
  headers,
  body,
  bytes: 0,
})
const stateOf = (body: JsonObject | null, kind?: Poller['kind'], status?: number) =>
  toOperationState(poller(kind), answer(body, status), ORIGIN, 0)

t.test('reads only the status of every recorded poll', async (t) => {
  const polls = interactions().filter(
    ({ uri, responseBody }) => /\/operations\//i.test(uri) && responseBody?.status,
  )
  t.ok(polls.length >= 15)
  for (const { responseBody, recording } of polls) {
    const state = stateOf(responseBody)
    t.equal(state.status, responseBody?.status === 'Succeeded' ? 'succeeded' : 'running', recording)
  }
  const warned = polls.find(({ responseBody }) => responseBody?.status === 'Succeeded' && responseBody.error)
  t.match(stateOf(warned!.responseBody), { status: 'succeeded', error: { code: 'NotLatestOperation' } })
})

t.test('reads terminal and intermediate states', async (t) => {
  const error = { code: 'CreateVMSSAgentPoolFailed', message: 'why', details: null }
  const table: [JsonObject | null, object][] = [
    [{ status: 'Succeeded' }, { status: 'succeeded', error: null }],
    [{ status: 'succeeded' }, { status: 'succeeded' }],
    [
      { status: 'Failed', error },
      { status: 'failed', error: { code: error.code, message: 'why' } },
    ],
    [{ status: 'Failed' }, { status: 'failed', error: { code: 'OperationFailed' } }],
    [
      { status: 'Canceled', error: null },
      { status: 'canceled', error: null },
    ],
    [{ status: 'Cancelled' }, { status: 'canceled' }],
    [{ status: 'InProgress', error: { code: 'NotLatestOperation', message: 'm' } }, { status: 'running' }],
    [{ status: 'Succeeded', error: { code: 'EtagMismatch', message: 'm' } }, { status: 'succeeded' }],
    [{ status: 'Accepted' }, { status: 'running' }],
    // What AKS shows since October 2025.
    [{ status: 'ProvisioningControlPlane' }, { status: 'running' }],
    [{ status: 'ReconcilingDNS' }, { status: 'running' }],
    [{ status: 'ReconcilingAddons' }, { status: 'running' }],
    [{ status: 'ProvisioningNetworkResources' }, { status: 'running' }],
    [{ status: 'CreatingAgentPools: 0/1 nodes completed' }, { status: 'running' }],
    [{ status: 'A status that nobody knows' }, { status: 'running' }],
  ]
  for (const [body, expected] of table) t.match(stateOf(body), expected, JSON.stringify(body))
  t.throws(() => stateOf({ status: 7 }))
  t.throws(() => stateOf(null))
})

t.test('reads the state of the cluster where ARM names no operation', async (t) => {
  const cluster = (provisioningState: string) =>
    stateOf({ properties: { provisioningState } }, 'resource').status
  t.strictSame(['Updating', 'Succeeded', 'Failed', 'Canceled'].map(cluster), [
    'running',
    'succeeded',
    'failed',
    'canceled',
  ])
})

t.test('reads the status code of a location', async (t) => {
  t.equal(stateOf(null, 'location', 202).status, 'running')
  t.equal(stateOf(null, 'location', 204).status, 'succeeded')
  t.equal(stateOf({ id: '/x' }, 'location', 200).status, 'succeeded')
})

t.test('returns the Retry-After, the request ID and a new URL', async (t) => {
  const headers = { 'retry-after': '25', 'azure-asyncoperation': `${ORIGIN}/q?s=%2F` }
  const state = toOperationState(poller(), answer({ status: 'InProgress' }, 200, headers), ORIGIN, 0)
  t.strictSame(state, {
    status: 'running',
    poller: serializePoller({ ...poller(), path: '/q?s=%2F' }),
    retryAfterMs: 25_000,
  })
  const done = toOperationState(
    poller(),
    answer({ status: 'Succeeded' }, 200, { 'x-ms-request-id': 'r' }),
    ORIGIN,
    0,
  )
  t.match(done, { requestId: 'r' })
})

t.test('prefers the operation, then the location, then the cluster', async (t) => {
  const resource = { path: '/cluster', subscriptionId: 's', apiVersion: 'v' }
  const kinds = (headers: Record<string, string>) => {
    const { kind, path } = buildPoller(headers, ORIGIN, resource)
    return [kind, path]
  }
  t.strictSame(kinds({ 'azure-asyncoperation': `${ORIGIN}/o`, location: `${ORIGIN}/l` }), ['operation', '/o'])
  t.strictSame(kinds({ location: '/l' }), ['location', '/l'])
  t.strictSame(kinds({}), ['resource', '/cluster'])
})

t.test('takes only the path of a URL, on the configured endpoint', async (t) => {
  const table: [string | undefined, string | null][] = [
    [`${ORIGIN}/a?b=%2f&c=+`, '/a?b=%2f&c=+'],
    ['https://MANAGEMENT.azure.com:443/a', '/a'],
    ['/a?b=c', '/a?b=c'],
    ['https://evil.example/a', null],
    ['http://management.azure.com/a', null],
    [`${ORIGIN}@evil.example/a`, null],
    [`${ORIGIN}.evil.example/a`, null],
    ['//evil.example/a', null],
    ['nonsense', null],
    [undefined, null],
  ]
  for (const [url, path] of table) t.equal(pathOnOrigin(ORIGIN, url), path, String(url))
})
