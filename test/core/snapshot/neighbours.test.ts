import t from 'tap'
import { neighbourLabel, neighboursOn } from '../../../src/core/snapshot/neighbours.ts'
import type { SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import { aByoSnapshot, aSubnet, aVirtualNetwork, NODE_GROUP, SUBNET } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway, onTable, TABLE } from '../../support/own-network.ts'

const named = (name: string) => SUBNET.replace('/nodes', `/${name}`)
const VNET = SUBNET.replace(/\/subnets\/.*/, '')

function beside(...others: Partial<SubnetFacts>[]) {
  const [own, network] = onTable(null)
  const subnets = others.map((other) => aSubnet({ pools: [], routeTableId: TABLE, ...other }))
  return aByoSnapshot(own, {
    ...network,
    virtualNetworks: [aVirtualNetwork({ id: VNET, subnets: [aSubnet(own), ...subnets] })],
  })
}

t.test('reports the purpose of each other subnet and whether it needs the internet', async (t) => {
  const table: [Partial<SubnetFacts>, string | null, boolean][] = [
    [{ id: named('apps') }, null, false],
    [{ id: named('gw'), hasApplicationGateway: true }, 'Application Gateway', true],
    [
      { id: named('gw'), delegations: ['microsoft.network/applicationgateways'] },
      'Application Gateway',
      true,
    ],
    [{ id: named('azurebastionsubnet') }, 'Azure Bastion', true],
    [{ id: named('GatewaySubnet') }, 'virtual network gateways', true],
    [{ id: named('AzureFirewallSubnet') }, 'Azure Firewall', true],
    [{ id: named('RouteServerSubnet') }, 'Azure Route Server', true],
    [
      { id: named('api'), delegations: ['Microsoft.ContainerService/managedClusters'] },
      'the API server or the pods of a cluster',
      false,
    ],
    [{ id: named('web'), delegations: ['Microsoft.Web/serverFarms'] }, 'Microsoft.Web/serverFarms', false],
  ]
  for (const [facts, purpose, needsInternetRoute] of table)
    t.match(
      neighboursOn(TABLE, beside(facts)),
      [{ id: facts.id, purpose, needsInternetRoute }],
      String(facts.id),
    )
})

t.test(
  'finds the subnets of a resource in the virtual networks and in the resource itself, each once',
  async (t) => {
    const snapshot = beside({ id: named('a') }, { id: named('b'), routeTableId: null })
    const table = Object.values(snapshot.routeTables)[0]!
    const ids = [named('A'), named('c'), SUBNET.toUpperCase()]
    const routeTables = { [TABLE.toLowerCase()]: { ...table, subnetIds: ids } }
    const found = neighboursOn(TABLE.toUpperCase(), { ...snapshot, routeTables })
    t.strictSame(
      found.map(({ id }) => id.toLowerCase()),
      [named('a'), named('c')].map((id) => id.toLowerCase()),
    )
  },
)

t.test('finds the other subnets of a virtual network that a NAT gateway serves as a whole', async (t) => {
  const snapshot = beside(
    { id: named('a') },
    { id: named('b'), natGatewayId: `${GATEWAY.id}-other` },
    { id: named('GatewaySubnet') },
    { id: named('AzureFirewallSubnet') },
  )
  const [network] = Object.values(snapshot.virtualNetworks)
  const virtualNetworks = { [VNET.toLowerCase()]: { ...network!, natGatewayId: GATEWAY.id.toUpperCase() } }
  const found = (of: typeof snapshot) => neighboursOn(GATEWAY.id, of).map(({ id }) => id)
  t.strictSame(found({ ...snapshot, virtualNetworks }), [named('a'), named('AzureFirewallSubnet')])
  const gateway = { ...GATEWAY.gateway, sourceVirtualNetworkId: VNET }
  const natGateways = { [GATEWAY.id.toLowerCase()]: gateway }
  t.strictSame(found({ ...snapshot, natGateways }), [named('a'), named('AzureFirewallSubnet')])
  t.strictSame(found(snapshot), [])
})

t.test('finds neighbors on a NAT gateway and on a security group', async (t) => {
  const nsg = `${VNET.replace('virtualNetworks/vnet', 'networkSecurityGroups/nsg')}`
  const snapshot = beside(
    { id: named('a'), natGatewayId: GATEWAY.id, routeTableId: null },
    { id: named('b'), networkSecurityGroupId: nsg, routeTableId: null },
  )
  t.match(neighboursOn(GATEWAY.id, snapshot), [{ id: named('a') }])
  t.match(neighboursOn(nsg, snapshot), [{ id: named('b') }])
})

t.test('a plan that writes a route names every subnet that the route affects', async (t) => {
  const other = `${NODE_GROUP}-other`.toLowerCase()
  const snapshot = beside(
    { id: named('apps'), occupantGroups: [other] },
    { id: named('api'), delegations: ['Microsoft.ContainerService/managedClusters'] },
  )
  const plan = planFor(snapshot, 'userDefinedRouting', {
    prepare: { defaultRoute: { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.4' } },
  })
  const cutover = plan.findings.find(({ code }) => code === 'CUTOVER_IS_PREPARATION')
  t.strictSame(cutover?.facts.neighbours, [
    'subnet vnet/subnets/apps (resources of mc_rg-demo_demo_eastus-other)',
    'subnet vnet/subnets/api (the API server or the pods of a cluster)',
  ])
  t.strictSame(neighboursOn(TABLE, snapshot).map(neighbourLabel), cutover?.facts.neighbours)
})

t.test('a plan that attaches a NAT gateway of others names their subnets', async (t) => {
  const gateway = { ...GATEWAY.gateway, subnetIds: [named('apps')] }
  const snapshot = aByoSnapshot({}, { ...onGateway[1], natGateways: [gateway] })
  const plan = planFor(snapshot, 'userAssignedNATGateway', { prepare: { natGateway: { id: GATEWAY.id } } })
  t.match(
    plan.findings.find(({ code }) => code === 'SHARED_NATGW_WAVE'),
    {
      facts: { resources: [{ id: GATEWAY.id, otherSubnets: 1, examples: [named('apps')] }] },
    },
  )
})
