import t, { type Test } from 'tap'
import type { JsonObject } from '../../src/contract/json.ts'
import { TYPE_KEYS } from '../../src/contract/outbound-type.ts'
import type { RequestedTarget } from '../../src/contract/target.ts'
import type { PlanningRequest } from '../../src/core/request/plan-request.ts'
import { type AzureHarness, azureHarnesses } from '../jobs/support/azure-harness.ts'
import { openEmptyDatabase, openMigrated } from '../support/databases.ts'
import { DEMO_CLUSTERS } from '../support/demo.ts'
import {
  hubFirewall,
  type NetworkBody,
  natGateway,
  networkId,
  publicIp,
  routeTable,
} from '../support/network-bodies.ts'

type Rest = Partial<PlanningRequest>
type Body = NetworkBody & { properties: JsonObject }

/** Executes the change when its plan can be executed. The harness fails the test on unannounced incidents. */
async function execute(
  room: AzureHarness,
  cluster: string,
  target: RequestedTarget,
  rest?: Rest,
): Promise<RequestedTarget | null> {
  const plan = await room.plan(cluster, target, rest).catch(() => null)
  if (plan?.status !== 'applicable') return null
  await room.accept(plan)
  await room.run()
  return plan.rollback.target ?? target
}

async function harnesses(t: Test): Promise<() => Promise<AzureHarness>> {
  return azureHarnesses(t, await openMigrated(openEmptyDatabase(t)))
}

t.test('no transition or rollback of a demo cluster has an unannounced incident', async (t) => {
  const rooms = await harnesses(t)
  let executed = 0
  for (const cluster of DEMO_CLUSTERS) {
    let room = await rooms()
    for (const outboundType of TYPE_KEYS) {
      const back = await execute(room, cluster, { outboundType })
      if (back === null) continue
      executed++
      await execute(room, cluster, back)
      room = await rooms()
    }
  }
  t.ok(executed > 15, `${executed} transitions`)
})

async function resourcesOf({ demo }: AzureHarness): Promise<Body[]> {
  return ((await demo.control('state')) as { resources: Body[] }).resources
}

/** A copy of the one resource whose ID ends so. */
async function find(room: AzureHarness, end: string): Promise<Body> {
  const found = (await resourcesOf(room)).find(({ id }) => id.toLowerCase().endsWith(end.toLowerCase()))
  if (found === undefined) throw new Error(`No resource ${end}`)
  return structuredClone(found)
}

const put = (room: AzureHarness, bodies: object[]) => room.demo.control('resources', { put: bodies })

async function withRanges(room: AzureHarness, name: string, authorizedIPRanges: string[]): Promise<void> {
  const cluster = await find(room, `/managedClusters/${name}`)
  Object.assign(cluster.properties, { apiServerAccessProfile: { authorizedIPRanges } })
  await put(room, [cluster])
}

/** Leaves of the fleet the networks and one cluster, whose managed resources are created for its new body. */
async function onlyCluster(room: AzureHarness, name: string, profile: object, rest: object): Promise<void> {
  const cluster = await find(room, `/managedClusters/${name}`)
  Object.assign(cluster.properties, rest)
  Object.assign(cluster.properties.networkProfile as object, profile)
  const network = (await resourcesOf(room)).filter(({ id }) =>
    /resourceGroups\/rg-demo($|\/providers\/Microsoft\.Network)/i.test(id),
  )
  await room.demo.control('reset', { resources: [...network, cluster] })
}

const FIREWALL = '10.250.0.4'
const DUAL_STACK = {
  ipFamilies: ['IPv4', 'IPv6'],
  podCidrs: ['10.244.0.0/16', 'fd12:3456:789a::/64'],
  serviceCidrs: ['10.0.0.0/16', 'fd12:3456:789a:1::/108'],
  loadBalancerProfile: { managedOutboundIPs: { count: 1, countIPv6: 1 } },
}
const PRIVATE = {
  apiServerAccessProfile: { enablePrivateCluster: true },
  bootstrapProfile: { artifactSource: 'Cache' },
}
const NETWORK_GATEWAY = [
  publicIp('pip-v2', '20.70.0.9'),
  natGateway('nat-v2', { v4: ['pip-v2'] }, { sku: 'StandardV2', sourceVirtualNetwork: 'vnet-lb-byo' }),
]
const OWN_GATEWAY: Rest = { prepare: { natGateway: {}, publicIps: { count: 1 } } }
const NEW_ADDRESS = { outboundIpIds: [networkId('publicIPAddresses/pip-new')] }

const routeTo = (nextHopIpAddress: string): Rest => ({
  prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress } },
})
const bypass = (prefix: string) => (room: AzureHarness) =>
  put(room, [routeTable('rt-lb-byo-udr-ready', { '0.0.0.0/0': FIREWALL, [prefix]: 'Internet' })])

interface Compound {
  cluster: string
  target: RequestedTarget
  rest?: Rest
  arrange?: (room: AzureHarness) => Promise<unknown>
}

const UDR = { outboundType: 'userDefinedRouting' } as const
const READY = 'lb-byo-udr-ready'

const COMPOUNDS: Record<string, Compound> = {
  'IPv6 leaves by the load balancer beside an IPv4 default route': {
    cluster: READY,
    target: UDR,
    arrange: (room) => onlyCluster(room, READY, DUAL_STACK, {}),
  },
  'the API server has a route around the firewall': {
    cluster: READY,
    target: UDR,
    arrange: async (room) => {
      await bypass('AzureCloud.eastus')(room)
      const { properties } = await find(room, '/publicIPAddresses/pip-fw-hub-1')
      await withRanges(room, READY, [`${properties.ipAddress}/32`])
    },
  },
  'a partner has a route around the firewall': {
    cluster: READY,
    target: UDR,
    arrange: bypass('198.51.100.0/24'),
  },
  'a Service shares the frontend of a managed outbound address': {
    cluster: 'lb-managed',
    target: { outboundType: 'managedNATGateway' },
    arrange: async (room) => {
      const balancer = await find(
        room,
        'MC_rg-demo_lb-managed_eastus/providers/Microsoft.Network/loadBalancers/kubernetes',
      )
      const [frontend] = balancer.properties.frontendIPConfigurations as { id: string }[]
      const id = `${balancer.id}/loadBalancingRules/service-TCP-80`
      const rule = {
        frontendIPConfiguration: { id: frontend?.id ?? '' },
        protocol: 'Tcp',
        frontendPort: 80,
        backendPort: 80,
      }
      balancer.properties.loadBalancingRules = [
        { name: 'service-TCP-80', id, properties: { ...rule, disableOutboundSnat: true } },
      ]
      await put(room, [balancer])
    },
  },
  'a NAT gateway of the whole network, and a new one for the subnet': {
    cluster: 'lb-byo',
    target: { outboundType: 'userAssignedNATGateway' },
    rest: OWN_GATEWAY,
    arrange: async (room) => {
      await put(room, NETWORK_GATEWAY)
      await withRanges(room, 'lb-byo', ['20.70.0.9/32'])
    },
  },
  'a new route to a firewall in a secured hub': {
    cluster: 'lb-byo',
    target: UDR,
    rest: routeTo('10.9.0.132'),
    arrange: async (room) => {
      await put(room, [hubFirewall('fw-secured', '10.9.0.132', ['20.70.9.1'])])
      await withRanges(room, 'lb-byo', ['8.8.8.0/24'])
    },
  },
  'a new route to a firewall in a network': {
    cluster: 'lb-byo',
    target: UDR,
    rest: routeTo(FIREWALL),
    arrange: (room) => withRanges(room, 'lb-byo', ['8.8.8.0/24']),
  },
  'customer-provided addresses for the load balancer': {
    cluster: 'lb-own-ips',
    target: { outboundType: 'loadBalancer', loadBalancer: NEW_ADDRESS },
    arrange: (room) => put(room, [publicIp('pip-new', '20.70.0.9')]),
  },
  'fewer addresses of a managed NAT gateway': {
    cluster: 'nat-managed',
    target: { outboundType: 'managedNATGateway', natGateway: { managedOutboundIpCount: 1 } },
  },
  'isolation of a private cluster in a managed network': {
    cluster: 'lb-managed',
    target: { outboundType: 'none' },
    arrange: (room) => onlyCluster(room, 'lb-managed', {}, PRIVATE),
  },
  'isolation of a private cluster with a NAT gateway': {
    cluster: 'lb-byo-nat-attached',
    target: { outboundType: 'none' },
    arrange: (room) => onlyCluster(room, 'lb-byo-nat-attached', {}, PRIVATE),
  },
}

t.test('no change in a compound network has an unannounced incident', async (t) => {
  const rooms = await harnesses(t)
  for (const [name, { cluster, target, rest, arrange }] of Object.entries(COMPOUNDS)) {
    const room = await rooms()
    await arrange?.(room)
    t.comment(
      `${name}: ${(await execute(room, cluster, target, rest)) === null ? 'not executed' : 'executed'}`,
    )
  }
})
