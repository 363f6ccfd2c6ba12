import { readdir } from 'node:fs/promises'
import t from 'tap'
import { type Interaction, recording } from '../azure/recordings.ts'
import { execute, makePlan } from './support/requests.ts'
import { ended, type Loose, listOf, type Service, service, writes } from './support/service.ts'

interface Replay {
  file: string
  /** The recorded GET before the change, the recorded PUT, and the GET after it where there is one. */
  before: number
  put: number
  after: number | null
  /** The change that the recorded client requested, in the terms of this service. */
  target: object
}

const GROUP = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/clitest000001'
const ipId = (name: string) => `${GROUP}/providers/Microsoft.Network/publicIPAddresses/${name}`

const REPLAYS: Replay[] = [
  {
    file: 'aks-preview__test_aks_update_outbound_from_slb_to_natgateway',
    before: 4,
    put: 5,
    after: 8,
    target: {
      outboundType: 'managedNATGateway',
      natGateway: { managedOutboundIpCount: 2, idleTimeoutInMinutes: 30 },
    },
  },
  {
    file: 'aks-preview__test_aks_create_and_update_outbound_ips',
    before: 6,
    put: 7,
    after: 10,
    target: {
      outboundType: 'loadBalancer',
      loadBalancer: { outboundIpIds: [ipId('cliakstest000004')], allocatedOutboundPorts: 200 },
    },
  },
  {
    file: 'aks-preview__test_aks_create_and_update_with_managed_nat_gateway_outbound',
    before: 3,
    put: 4,
    after: 7,
    target: {
      outboundType: 'managedNATGateway',
      natGateway: { managedOutboundIpCount: 2, idleTimeoutInMinutes: 30 },
    },
  },
  {
    file: 'test_aks_create_loadbalancer_then_update',
    before: 0,
    put: 1,
    after: null,
    target: {
      outboundType: 'loadBalancer',
      loadBalancer: { allocatedOutboundPorts: 1024, idleTimeoutInMinutes: 10 },
    },
  },
]

const planner = await service(t)

for (const { file, before, put, after, target } of REPLAYS)
  t.test(`writes what the recorded client of ${file} wrote`, async (t) => {
    const { interactions } = recording(`${file}.json`)
    const { job, requests } = await replay(planner, bodyOf(interactions, before), target)
    t.match(job, { status: 'Succeeded', error: null })
    const puts = requests.filter(({ method }) => String(method) === 'PUT')
    t.equal(puts.length, 1)
    t.ok(puts[0]?.ifMatch, 'only if nobody came in between')
    const recorded = interactions[put]?.requestBody as unknown as Loose
    t.strictSame(plannedFields(puts[0]?.requestBody), plannedFields(recorded))
    if (after === null) return
    const final = bodyOf(interactions, after)
    t.equal(job.result?.outboundType, final.properties?.networkProfile?.outboundType)
    t.equal(listOf(job.result?.egressIps).length, effectiveOf(final).length, 'as many addresses as recorded')
  })

t.test('keeps the recorded authorized ranges of a cluster when only its ports change', async (t) => {
  const { interactions } = recording('test_aks_api_server_authorized_ip_ranges.json')
  const cluster = bodyOf(interactions, 0)
  const target = { outboundType: 'loadBalancer', loadBalancer: { allocatedOutboundPorts: 1024 } }
  const { job, plan, requests } = await replay(planner, cluster, target)
  t.equal(job.status, 'Succeeded')
  t.match(plan.authorizedRanges, { mode: 'enforced', current: ['1.2.3.4/32'], add: [] })
  const [put] = requests
  t.strictSame(plannedFields(put?.requestBody).ranges, ['1.2.3.4/32'])
  t.strictSame(job.result?.authorizedIPRanges, ['1.2.3.4/32'])
})

t.test('replays every recorded update of a cluster that changes its egress', async (t) => {
  const files = (await readdir(new URL('../data/recordings/', import.meta.url))).filter((name) =>
    name.endsWith('.json'),
  )
  const updates = files.flatMap((name) => {
    const { interactions = [] } = recording<{ interactions?: Interaction[] }>(name)
    return interactions.flatMap(({ method, uri, status }, at) =>
      method === 'PUT' && status === 200 && /managedClusters\/[^/?]+\?/.test(uri) ? [`${name} ${at}`] : [],
    )
  })
  const replayed = REPLAYS.map(({ file, put }) => `${file}.json ${put}`)
  const others = ['test_aks_api_server_authorized_ip_ranges.json 2']
  t.strictSame(updates.sort(), [...replayed, ...others].sort())
})

function bodyOf(interactions: Interaction[], at: number): Loose {
  const body = interactions[at]?.responseBody
  if (!body) throw new Error(`Interaction ${at} has no body`)
  return body as unknown as Loose
}

/** Plans and executes a change of a recorded cluster, everything acknowledged, on a simulator that holds it alone. */
async function replay(planner: Service, cluster: Loose, target: object) {
  const [, subscriptionId = '', resourceGroup = ''] =
    /subscriptions\/([^/]+)\/resourcegroups\/([^/]+)/i.exec(String(cluster.id)) ?? []
  const addresses = ['cliakstest000003', 'cliakstest000004'].map((name, at) => ({
    id: ipId(name),
    name,
    type: 'Microsoft.Network/publicIPAddresses',
    location: cluster.location,
    sku: { name: 'Standard', tier: 'Regional' },
    properties: {
      provisioningState: 'Succeeded',
      ipAddress: `20.1.2.${at + 3}`,
      publicIPAddressVersion: 'IPv4',
      publicIPAllocationMethod: 'Static',
    },
  }))
  const group = { id: GROUP, name: 'clitest000001', type: 'Microsoft.Resources/resourceGroups' }
  await planner.simulator('POST', 'reset', { resources: [group, ...addresses, cluster] })
  const plan = await makePlan(planner, {
    cluster: { subscriptionId, resourceGroup, name: cluster.name },
    target,
  })
  const job = await ended(planner, String((await execute(planner, plan)).id))
  return { plan, job, requests: await writes(planner) }
}

/** What a plan of egress may write; lists of effective addresses are read-only, ARM ignores them in a PUT. */
function plannedFields(body: Loose | undefined) {
  const { networkProfile, apiServerAccessProfile } = (body?.properties ?? {}) as Record<string, Loose>
  return {
    outboundType: networkProfile?.outboundType,
    loadBalancerProfile: writable(networkProfile?.loadBalancerProfile),
    natGatewayProfile: writable(networkProfile?.natGatewayProfile),
    ranges: apiServerAccessProfile?.authorizedIPRanges,
  }
}

/** A load balancer that carries Services only shows how its pool is made: nothing of that is egress. */
function writable(profile: Loose | null | undefined): object | undefined {
  const { effectiveOutboundIPs: _readOnly, ...rest } = profile ?? {}
  return Object.keys(rest).every((key) => key === 'backendPoolType') ? undefined : rest
}

function effectiveOf(body: Loose): Loose[] {
  const profile = body.properties?.networkProfile
  return [profile?.loadBalancerProfile, profile?.natGatewayProfile].flatMap((each) =>
    listOf(each?.effectiveOutboundIPs),
  )
}
