import t from 'tap'
import { clusterPath, type Loose, type Simulated, simulated, toOutboundType } from '../support/simulated.ts'

/** A demo cluster with a StandardV2 gateway, whose network profile is edited in the state of the simulator. */
async function clusterWith(azure: Simulated, networkProfile: object): Promise<Loose> {
  const body = await azure.cluster('natv2-managed')
  const merged = { ...body.properties?.networkProfile, ...networkProfile }
  const properties = { ...body.properties, networkProfile: merged }
  const put = { ...body, properties } as unknown as Loose
  await azure.ask('POST', '/simulator/resources', { put: [put] })
  return put
}

const PODS = { loadBalancerSku: 'service', loadBalancerProfile: { backendPoolType: 'PodIP' } }

for (const [loadBalancerSku, backendPoolType] of [
  ['service', null],
  ['service', 'NodeIP'],
  ['service', 'nodeIPConfiguration'],
  ['standard', 'PodIP'],
  ['Standard', 'podIP'],
])
  t.test(`rejects the SKU ${loadBalancerSku} with backend pools of type ${backendPoolType}`, async (t) => {
    const azure = simulated(t)
    const profile = backendPoolType === null ? {} : { loadBalancerProfile: { backendPoolType } }
    const body = await clusterWith(azure, { loadBalancerSku, loadBalancerProfile: undefined, ...profile })
    const answer = await azure.put(body, { apiVersion: '2026-06-01' })
    t.equal(answer.status, 400)
    t.match(answer.body, {
      code: 'InvalidParameter',
      target: 'networkProfile.loadBalancerProfile.backendPoolType',
      message: /PodIP and load balancer SKU service must be specified together/,
    })
  })

t.test('a load balancer of SKU service keeps its NAT gateway', async (t) => {
  const azure = simulated(t)
  const body = await clusterWith(azure, PODS)
  for (const type of ['none', 'block']) {
    const { status, body: error } = await azure.put(toOutboundType(body, type, {}), {
      apiVersion: '2026-05-02-preview',
    })
    t.strictSame([status, String(error.code)], [400, 'UnsupportedOutboundType'], type)
  }
})

t.test('keeps pods as the backends of a load balancer of SKU service', async (t) => {
  const azure = simulated(t)
  const profileOf = async () => (await azure.cluster('pods')).properties?.networkProfile
  const created = await azure.ask('PUT', clusterPath('pods'), {
    location: 'eastus',
    properties: {
      dnsPrefix: 'pods',
      agentPoolProfiles: [{ name: 'system', count: 1, mode: 'System' }],
      networkProfile: {
        ...PODS,
        outboundType: 'managedNATGateway',
        natGatewayProfile: { sku: 'StandardV2', managedOutboundIPProfile: { count: 1 } },
      },
    },
  })
  t.equal(created.status, 201)
  await azure.advance(300)
  const pods = { loadBalancerSku: 'service', loadBalancerProfile: { backendPoolType: 'podIP' } }
  t.match(await profileOf(), pods)
  const body = await azure.cluster('pods')
  Object.assign(body.properties?.networkProfile?.natGatewayProfile as object, {
    managedOutboundIPProfile: { count: 2 },
  })
  t.equal((await azure.put(body, { apiVersion: '2026-06-01' })).status, 200)
  await azure.advance(300)
  t.match(await profileOf(), { ...pods, natGatewayProfile: { managedOutboundIPProfile: { count: 2 } } })
})
