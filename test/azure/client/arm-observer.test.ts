import t from 'tap'
import { type ArmOutcome, type ArmRequest, toArmRequest } from '../../../src/azure/client/arm-observer.ts'
import { connectArm } from '../../../src/azure/connect/connect-arm.ts'
import { aClusterBody, armServer, faultOf, REF, type Reply } from '../support/arm-server.ts'

const OF_SUBSCRIPTION = 'https://management.azure.com/subscriptions/1'

t.test('classifies a request by the resource types in its path', async (t) => {
  const table: [method: string, path: string, expected: ArmRequest][] = [
    [
      'GET',
      '/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/one?api-version=1',
      { method: 'read', operation: 'managedClusters' },
    ],
    [
      'GET',
      '/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/one/agentPools',
      { method: 'read', operation: 'managedClusters/agentPools' },
    ],
    [
      'PUT',
      '/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/one',
      { method: 'write', operation: 'managedClusters' },
    ],
    ['GET', '/providers/Microsoft.Network/natGateways', { method: 'read', operation: 'natGateways' }],
    [
      'GET',
      '/providers/Microsoft.ContainerService/locations/westeurope/operations/42',
      { method: 'read', operation: 'locations/operations' },
    ],
    ['POST', '/providers/Microsoft.ResourceGraph/resources', { method: 'action', operation: 'resources' }],
    ['GET', '/resourceGroups', { method: 'read', operation: 'other' }],
  ]
  for (const [method, path, expected] of table)
    t.strictSame(toArmRequest({ method, url: OF_SUBSCRIPTION + path }), expected)
})

t.test('reports each attempt with its outcome and the remaining limits', async (t) => {
  const replies: Reply[] = [
    'drop',
    { status: 503 },
    {
      status: 200,
      headers: {
        'x-ms-request-id': 'r1',
        'x-ms-ratelimit-remaining-subscription-reads': '11999',
        'x-ms-ratelimit-remaining-resource': 'Microsoft.Compute/x;12',
      },
      body: aClusterBody(),
    },
    { status: 404, body: { code: 'ResourceNotFound', message: 'no' } },
  ]
  const server = await armServer(t, (_, nth) => replies[nth - 1] ?? 'drop')
  const told: [ArmRequest, ArmOutcome][] = []
  const arm = connectArm({
    endpoint: server.endpoint,
    simulated: true,
    retries: { baseDelayMs: 1 },
    observe: (request) => (outcome) => told.push([request, outcome]),
  })
  await arm.getCluster(REF)
  await faultOf(arm.getCluster(REF))
  t.strictSame(
    told.map(([{ operation }, { status, fault }]) => [operation, status, fault]),
    [
      ['managedClusters', null, 'transient'],
      ['managedClusters', 503, 'transient'],
      ['managedClusters', 200, null],
      ['managedClusters', 404, 'not-found'],
    ],
  )
  const [, good] = told[2] ?? []
  t.match(good, {
    requestId: 'r1',
    headroom: [
      { bucket: 'subscription-reads', subscriptionId: REF.subscriptionId.toLowerCase(), remaining: 11_999 },
    ],
  })
  t.equal(good?.headroom.length, 1, 'only what is a number')
})
