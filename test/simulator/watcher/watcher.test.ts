import t from 'tap'
import {
  hubFirewall,
  natGateway,
  networkId,
  publicIp,
  body as resource,
  routeTable,
  securedHub,
  virtualNetwork,
} from '../../support/network-bodies.ts'
import { type Loose, listOf, type Simulated, simulated, toOutboundType } from '../support/simulated.ts'

const NETWORK_API = '2024-05-01'

interface Watched {
  simulator: Simulated
  /** `kind address-or-resource`, sorted, since the last call. */
  incidents(): Promise<string[]>
  read(path: string): Promise<Loose>
  /** Puts a network resource and waits for the end of the operation. */
  put(body: unknown): Promise<void>
  /** Changes properties of a cluster and waits for the end of the update. */
  change(name: string, edit: (properties: Record<string, Loose>) => void): Promise<void>
}

function watched(t: { teardown(end: () => unknown): void }): Watched {
  const simulator = simulated(t)
  let seen = 0
  const read = async (path: string) =>
    (await simulator.ask('GET', `${networkId(path)}?api-version=${NETWORK_API}`)).body
  return {
    simulator,
    read,
    async incidents() {
      const all = listOf((await simulator.ask('GET', '/simulator/watcher')).body)
      const fresh = all.slice(seen)
      seen = all.length
      return fresh.map(labelOf).sort()
    },
    async put(body) {
      const answer = await simulator.put(body, { apiVersion: NETWORK_API })
      if (answer.status > 201) throw new Error(JSON.stringify(answer.body))
      await simulator.advance(10)
    },
    async change(name, edit) {
      const body = structuredClone(await simulator.cluster(name))
      edit(body.properties as unknown as Record<string, Loose>)
      const answer = await simulator.put(body)
      if (answer.status > 201) throw new Error(JSON.stringify(answer.body))
      await simulator.advance(300)
    },
  }
}

function labelOf({ kind, address, resource, subnet }: Loose): string {
  const what = String(address ?? resource ?? subnet ?? '')
  return `${kind} ${what.split('/').at(-1)}`
}

const withRanges = (...authorizedIPRanges: string[]) => {
  return (properties: Record<string, Loose>) => {
    properties.apiServerAccessProfile = { authorizedIPRanges } as unknown as Loose
  }
}

async function addressOf({ read }: Watched, name: string): Promise<string> {
  return String((await read(`publicIPAddresses/${name}`)).properties?.ipAddress)
}

t.test('authorized IP ranges without the source address lock nodes out', async (t) => {
  const world = watched(t)
  const address = await addressOf(world, 'pip-natgw-nat-byo')
  await world.change('nat-byo', withRanges('198.51.100.0/24', `${address}/32`))
  t.strictSame(await world.incidents(), [], 'the address is allowed')
  await world.change('nat-byo', withRanges('198.51.100.0/24'))
  t.strictSame(await world.incidents(), [`apiServerLost ${address}`])
  await world.change('nat-byo', withRanges('198.51.101.0/24'))
  t.strictSame(await world.incidents(), [], 'what is lost is not lost again')
  await world.change('nat-byo', withRanges())
  await world.change('nat-byo', withRanges('0.0.0.0/32'))
  t.strictSame(
    await world.incidents(),
    [`apiServerLost ${address}`],
    'the placeholder allows only the load balancer',
  )
})

t.test('the addresses of the load balancer need no authorized IP range', async (t) => {
  const world = watched(t)
  await world.change('lb-managed', withRanges('0.0.0.0/32'))
  t.strictSame(await world.incidents(), [])
})

t.test('during an update of the ranges, both lists must allow an address', async (t) => {
  const world = watched(t)
  const address = await addressOf(world, 'pip-natgw-nat-byo')
  await world.change('nat-byo', withRanges(`${address}/32`))
  await world.put(publicIp('pip-second', ''))
  const second = await addressOf(world, 'pip-second')
  const body = structuredClone(await world.simulator.cluster('nat-byo'))
  withRanges(`${address}/32`, `${second}/32`)(body.properties as unknown as Record<string, Loose>)
  t.equal((await world.simulator.put(body)).status, 200)
  await world.put(natGateway('natgw-nat-byo', { v4: ['pip-natgw-nat-byo', 'pip-second'] }))
  t.strictSame(await world.incidents(), [`apiServerLost ${second}`], 'the new list may not be in force yet')
})

t.test('a route that leads nowhere costs egress and the API server', async (t) => {
  const world = watched(t)
  await world.put(routeTable('rt-kubenet-byo', { '0.0.0.0/0': 'None' }))
  t.strictSame(await world.incidents(), ['apiServerLost nodes', 'egressLost nodes'])
  await world.put(routeTable('rt-kubenet-byo', { '0.0.0.0/0': 'None', 'AzureCloud.eastus': 'Internet' }))
  await world.put(routeTable('rt-kubenet-byo', { '0.0.0.0/0': 'None' }))
  t.strictSame(await world.incidents(), ['apiServerLost nodes'], 'the API server has a route of its own')
})

t.test('an unknown appliance does not prove a loss', async (t) => {
  const world = watched(t)
  await world.change('kubenet-byo', withRanges('198.51.100.0/24'))
  await world.put(routeTable('rt-kubenet-byo', { '0.0.0.0/0': '10.9.9.9' }))
  t.strictSame(await world.incidents(), [])
})

t.test('a change of the outbound type deletes addresses in use', async (t) => {
  const world = watched(t)
  const before = await world.simulator.cluster('dualstack-managed')
  const ids = listOf(before.properties?.networkProfile?.loadBalancerProfile?.effectiveOutboundIPs)
  t.equal((await world.simulator.put(toOutboundType(before, 'managedNATGateway'))).status, 200)
  t.strictSame(await world.incidents(), [], 'nothing is gone before the operation ends')
  await world.simulator.advance(300)
  t.strictSame(
    (await world.incidents()).filter((each) => each.startsWith('address')).length,
    ids.length,
    'the addresses of both families',
  )
})

t.test('an address that lost its packets first and is deleted later', async (t) => {
  const world = watched(t)
  const network = await world.read('virtualNetworks/vnet-lb-byo-nat-ready')
  const [subnet] = listOf(network.properties?.subnets)
  const natGatewayId = { id: networkId('natGateways/natgw-lb-byo-nat-ready') }
  await world.put({ ...subnet, properties: { ...subnet?.properties, natGateway: natGatewayId } })
  t.strictSame(await world.incidents(), [], 'a gateway takes precedence over an address that stays')
  const cluster = await world.simulator.cluster('lb-byo-nat-ready')
  await world.simulator.put(toOutboundType(cluster, 'userAssignedNATGateway'))
  await world.simulator.advance(300)
  const [incident, ...others] = listOf((await world.simulator.ask('GET', '/simulator/watcher')).body)
  t.strictSame(others, [])
  t.match(incident, { kind: 'addressDeleted', wasInUse: false, cluster: cluster.id })
})

t.test('an address that is detached', async (t) => {
  const world = watched(t)
  const address = await addressOf(world, 'pip-natgw-nat-byo')
  await world.put(publicIp('pip-second', ''))
  await world.put(natGateway('natgw-nat-byo', { v4: ['pip-second'] }))
  t.strictSame(await world.incidents(), [`addressDetached ${address}`], 'from its gateway')
  const other = await addressOf(world, 'pip-natgw-lb-byo-two-subnets')
  const network = await world.read('virtualNetworks/vnet-lb-byo-two-subnets')
  const [subnet] = listOf(network.properties?.subnets)
  const { natGateway: _gateway, ...rest } = (subnet?.properties ?? {}) as Record<string, Loose>
  await world.put({ ...subnet, properties: rest })
  t.strictSame(await world.incidents(), [`addressDetached ${other}`], 'with its gateway from the subnet')
})

t.test('a more specific route keeps an address in use', async (t) => {
  const world = watched(t)
  const cluster = await world.simulator.cluster('lb-byo-udr-ready')
  await world.simulator.put(toOutboundType(cluster, 'userDefinedRouting'))
  await world.simulator.advance(300)
  const [incident] = listOf((await world.simulator.ask('GET', '/simulator/watcher')).body)
  t.match(
    incident,
    { kind: 'addressDeleted', wasInUse: true },
    'the route to the firewall itself leads to the internet',
  )
})

t.test('rules and frontends that lose each other', async (t) => {
  const world = watched(t)
  const path =
    '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/MC_rg-demo_lb-services_eastus/providers/Microsoft.Network/loadBalancers/kubernetes'
  const balancer = (await world.simulator.ask('GET', `${path}?api-version=${NETWORK_API}`)).body
  const properties = balancer.properties as unknown as Record<string, Loose[]>
  const [rule, ...rules] = properties.loadBalancingRules ?? []
  const frontendId = String(rule?.properties?.frontendIPConfiguration?.id)
  await world.put({ ...balancer, properties: { ...properties, loadBalancingRules: rules } })
  t.strictSame(await world.incidents(), [`frontendWithoutRule ${frontendId.split('/').at(-1)}`])
  await world.put({ ...balancer, properties })
  const others = properties.frontendIPConfigurations?.filter(({ id }) => String(id) !== frontendId)
  await world.put({ ...balancer, properties: { ...properties, frontendIPConfigurations: others } })
  t.strictSame(await world.incidents(), [`ruleWithoutFrontend ${rule?.name}`])
})

t.test(
  'the cause of an incident is the request, even if it occurs at the end of the operation',
  async (t) => {
    const world = watched(t)
    await world.change('nat-byo', withRanges('198.51.100.0/24'))
    const cluster = await world.simulator.cluster('lb-own-ips')
    await world.simulator.put(toOutboundType(cluster, 'managedNATGateway'), {
      headers: { 'user-agent': 'somebody' },
    })
    await world.simulator.advance(300)
    const [first, last] = listOf((await world.simulator.ask('GET', '/simulator/watcher')).body)
    t.match(first, {
      sequence: 1,
      kind: 'apiServerLost',
      cause: { request: { method: 'PUT' }, operation: null },
    })
    t.match(last, {
      kind: 'addressDetached',
      cause: {
        request: { method: 'PUT', path: /lb-own-ips/, userAgent: 'somebody' },
        operation: { kind: 'update', resourceId: String(cluster.id) },
      },
    })
  },
)

t.test('a deleted cluster needs no addresses any more', async (t) => {
  const world = watched(t)
  const { id } = await world.simulator.cluster('lb-managed')
  await world.simulator.ask('DELETE', `${id}?api-version=2026-06-01`)
  await world.simulator.advance(300)
  t.strictSame(await world.incidents(), [])
})

t.test('control endpoints cause no incidents, and a reset forgets all', async (t) => {
  const world = watched(t)
  await world.change('nat-byo', withRanges('198.51.100.0/24'))
  t.equal((await world.incidents()).length, 1)
  const put = [routeTable('rt-kubenet-byo', { '0.0.0.0/0': 'None' })]
  t.equal((await world.simulator.ask('POST', '/simulator/resources', { put })).status, 200)
  t.strictSame(await world.incidents(), [])
  await world.simulator.ask('POST', '/simulator/reset', {})
  t.strictSame((await world.simulator.ask('GET', '/simulator/watcher')).body, [])
})

t.test('a NAT gateway of a whole network is shown on the network and carries its packets', async (t) => {
  const world = watched(t)
  const source = { sku: 'StandardV2', sourceVirtualNetwork: 'vnet-lb-byo' } as const
  await world.put({ ...publicIp('pip-v2', ''), sku: { name: 'StandardV2' } })
  await world.put(natGateway('natgw-v2', { v4: ['pip-v2'] }, source))
  t.match(await world.read('virtualNetworks/vnet-lb-byo'), {
    properties: { defaultPublicNatGateway: { id: networkId('natGateways/natgw-v2') } },
  })
  await world.change('lb-byo', withRanges('198.51.100.0/24'))
  const address = await addressOf(world, 'pip-v2')
  t.strictSame(await world.incidents(), [`apiServerLost ${address}`])
  const network = await world.read('virtualNetworks/vnet-lb-byo')
  await world.put(network)
  t.match(await world.read('virtualNetworks/vnet-lb-byo'), { properties: { defaultPublicNatGateway: {} } })
})

t.test('the addresses of a secured hub are in use, too', async (t) => {
  const world = watched(t)
  const hub = (...addresses: string[]) => hubFirewall('fw-secured', '10.9.0.132', addresses)
  const connected = [hub('20.70.9.1', '20.70.9.2'), ...securedHub('vnet-lb-byo', 'fw-secured')]
  await world.simulator.ask('POST', '/simulator/resources', { put: connected })
  await world.change('lb-byo', withRanges('20.70.9.0/30'))
  t.strictSame(await world.incidents(), [], 'both are allowed')
  await world.put(hub('20.70.9.2'))
  t.strictSame(await world.incidents(), ['addressDeleted 20.70.9.1'])
})

t.test(
  'a default route to an appliance costs an application gateway its way, unless it is private',
  async (t) => {
    const world = watched(t)
    const subnets = {
      public: { prefix: '10.77.0.0/24', routeTable: 'rt-web' },
      private: { prefix: '10.77.1.0/24', routeTable: 'rt-web' },
    }
    const gateway = (name: string, frontend: object) =>
      resource(`applicationGateways/${name}`, {
        sku: { name: 'WAF_v2', tier: 'WAF_v2' },
        gatewayIPConfigurations: [
          { properties: { subnet: { id: networkId(`virtualNetworks/vnet-web/subnets/${name}`) } } },
        ],
        frontendIPConfigurations: [{ properties: frontend }],
      })
    const put = [
      routeTable('rt-web', {}),
      virtualNetwork('vnet-web', '10.77.0.0/16', subnets),
      gateway('public', { publicIPAddress: { id: networkId('publicIPAddresses/pip-web') } }),
      gateway('private', { privateIPAddress: '10.77.1.9' }),
    ]
    await world.simulator.ask('POST', '/simulator/resources', { put })
    await world.put(routeTable('rt-web', { '10.0.0.0/8': '10.250.0.4', '0.0.0.0/0': 'Internet' }))
    t.strictSame(await world.incidents(), [])
    await world.put(routeTable('rt-web', { '0.0.0.0/0': '10.250.0.4' }))
    t.strictSame(await world.incidents(), ['applicationGatewayLost public'])
    await world.put(routeTable('rt-web', { '0.0.0.0/0': '10.250.0.4' }))
    t.strictSame(await world.incidents(), [], 'it is lost already')
  },
)
