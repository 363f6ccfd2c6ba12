import t from 'tap'
import {
  aByoSnapshot,
  aFirewall,
  aNatGateway,
  aPool,
  aPublicIp,
  aSnapshot,
  aSubnet,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { has, planFor } from '../../support/a-plan.ts'
import { GATEWAY, OWN_IP, onGateway, onTable, TABLE } from '../../support/own-network.ts'
import { natCluster, natIp } from '../../support/rule-cases.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './api-server-clients-cases.ts'

testTopic('api-server-clients', CASES)

const pool = (facts: Parameters<typeof aPool>[0] = {}) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...facts })],
})

t.test(
  'does not report AUTHORIZED_SELF_LOCKOUT for an egress address outside the present ranges',
  async (t) => {
    const isLockedOut = (authorizedIPRanges: string[]) =>
      has(
        'AUTHORIZED_SELF_LOCKOUT',
        aByoSnapshot(onGateway[0], {
          ...onGateway[1],
          cluster: {
            ...pool(),
            authorizedIPRanges,
            enableVnetIntegration: true,
            outboundType: 'userAssignedNATGateway',
          },
        }),
        { outboundType: 'loadBalancer' },
      )
    t.notOk(isLockedOut(['203.0.113.0/24']))
  },
)

t.test('blocks node public IPs only if nodes newly reach the API server from them', async (t) => {
  const cluster = {
    ...pool({ enableNodePublicIP: true }),
    outboundType: 'userAssignedNATGateway',
    authorizedIPRanges: ['20.9.0.1/32'],
  }
  const isBlocked = (...args: Parameters<typeof planFor>) => has('AUTHORIZED_NODE_PIP', ...args)
  const attached = aByoSnapshot(onGateway[0], { ...onGateway[1], cluster })
  t.notOk(isBlocked(attached, 'loadBalancer'), 'the NAT gateway overrides them')
  t.notOk(isBlocked(aByoSnapshot({}, { cluster }), 'loadBalancer'), 'nodes use them already')
  const managed = {
    ...natCluster,
    agentPools: [aPool({ enableNodePublicIP: true })],
    authorizedIPRanges: ['20.2.0.1'],
  }
  const behind = (...prefixes: [string, string][]) => {
    const [, network] = onTable('VirtualAppliance')
    const routes = prefixes.map(([addressPrefix, nextHopType]) => ({
      name: addressPrefix,
      addressPrefix,
      nextHopType,
      nextHopIpAddress: nextHopType === 'VirtualAppliance' ? '10.9.0.4' : null,
    }))
    const routeTables = (network.routeTables ?? []).map((table) => ({ ...table, routes }))
    const id = `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks/subnets/aks-subnet`
    const subnets = [aSubnet({ id, pools: [], routeTableId: TABLE })]
    return aSnapshot({ subnets, routeTables, cluster: managed, publicIps: [natIp] })
  }
  const table: [string, [string, string][], boolean][] = [
    ['no route', [], true],
    ['a route of the API server to an appliance', [['AzureCloud.eastus', 'VirtualAppliance']], false],
    [
      'only the internet to an appliance',
      [
        ['0.0.0.0/0', 'VirtualAppliance'],
        ['AzureCloud', 'Internet'],
      ],
      true,
    ],
    ['all to an appliance', [['0.0.0.0/0', 'VirtualAppliance']], false],
  ]
  for (const [name, routes, expected] of table)
    t.equal(isBlocked(behind(...routes), 'loadBalancer'), expected, name)
})

const lockoutOf = (...args: Parameters<typeof planFor>) =>
  planFor(...args).findings.find(({ code }) => code === 'AUTHORIZED_SELF_LOCKOUT')?.facts
const toGateway = { prepare: { natGateway: { id: GATEWAY.id } } }
const FIREWALL_IP = OWN_IP.replace('/own', '/firewall')

/** A subnet whose internet packets pass a firewall with 20.6.0.1, and whose packets to `AzureCloud` have this next hop. */
function besideFirewall(nextHopType: string, cluster: Parameters<typeof aByoSnapshot>[1] = {}) {
  const [subnet, network] = onTable('VirtualAppliance')
  const bypass = { name: 'cloud', addressPrefix: 'AzureCloud', nextHopType, nextHopIpAddress: null }
  return aByoSnapshot(
    { ...subnet, defaultOutboundAccess: false },
    {
      ...cluster,
      routeTables: (network.routeTables ?? []).map((table) => ({
        ...table,
        routes: [...table.routes, bypass],
      })),
      firewalls: [aFirewall({ id: `${OWN_IP}-firewall`, publicIpIds: [FIREWALL_IP] })],
      natGateways: [GATEWAY.gateway],
      publicIps: [GATEWAY.publicIp, aPublicIp({ id: FIREWALL_IP, address: '20.6.0.1' })],
    },
  )
}

t.test('compares the source addresses of API server packets only', async (t) => {
  const v6 = OWN_IP.replace('/own', '/v6')
  const dualStack = aByoSnapshot(
    {},
    {
      cluster: { ...pool(), ipFamilies: ['IPv4', 'IPv6'], authorizedIPRanges: ['20.1.0.1/32'] },
      natGateways: [
        aNatGateway({ id: GATEWAY.id, sku: 'StandardV2', publicIpIds: [GATEWAY.publicIp.id, v6] }),
      ],
      publicIps: [
        { ...GATEWAY.publicIp, sku: 'StandardV2' },
        aPublicIp({ id: v6, address: '2603:8::4', version: 'IPv6', sku: 'StandardV2' }),
      ],
    },
  )
  t.equal(lockoutOf(dualStack, 'userAssignedNATGateway', toGateway), undefined, 'IPv6 addresses')
  const cluster = { ...pool(), authorizedIPRanges: ['20.1.0.1/32'] }
  const direct = besideFirewall('Internet', { cluster })
  t.equal(lockoutOf(direct, 'userDefinedRouting'), undefined, 'the firewall carries other packets')
  t.equal(lockoutOf(besideFirewall('None', { cluster }), 'userDefinedRouting'), undefined, 'no packets')
  const isIntegrated = { cluster: { ...cluster, enableVnetIntegration: true } }
  t.match(lockoutOf(besideFirewall('Internet', isIntegrated), 'userAssignedNATGateway', toGateway), {
    former: ['20.1.0.1/32'],
    notAdmitted: ['20.9.0.1/32'],
    notKnownYet: false,
  })
})

t.test('does not report addresses of the load balancer, which AKS allows', async (t) => {
  const attached = (authorizedIPRanges: string[]) =>
    aByoSnapshot(onGateway[0], { ...onGateway[1], cluster: { ...pool(), authorizedIPRanges } })
  const cleanUp = { narrow: [], detach: true, delete: [] }
  const plan = planFor(attached(['20.9.0.1/32', '203.0.113.0/24']), 'loadBalancer', { cleanUp })
  t.match(plan.egressIps, [
    { address: '20.9.0.1', change: 'lost' },
    { address: '20.1.0.1', change: 'added' },
  ])
  t.notOk(plan.findings.some(({ code }) => code === 'AUTHORIZED_SELF_LOCKOUT'))
})
