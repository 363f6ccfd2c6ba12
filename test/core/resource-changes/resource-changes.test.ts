import t from 'tap'
import type { Plan } from '../../../src/contract/plan.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import {
  aByoSnapshot,
  aKubernetesBalancer,
  aLoadBalancerProfile,
  aNatGateway,
  aNatGatewayProfile,
  aPool,
  aPublicIp,
  aReadyGateway,
  aRouteTable,
  aSnapshot,
  aSubnet,
  GROUP,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

const OWN = `${GROUP}/${NETWORK}/publicIPAddresses/own`
const TABLE = `${GROUP}/${NETWORK}/routeTables/table`
const AKS_GATEWAY = `${NODE_GROUP}/${NETWORK}/natGateways/aks-nat`
const NAT_IP = aNatGatewayProfile().effectiveOutboundIpIds[0] ?? ''
const GATEWAY = aReadyGateway()

/** One line for each row but the cluster's own: `delete publicIPAddresses lb-ip`. */
const rowsOf = (made: Plan) =>
  made.resourceChanges
    .filter((each) => !each.type.endsWith('managedClusters'))
    .map((each) => `${each.action} ${each.type.split('/').at(-1)} ${each.name ?? `x${each.count}`}`)
    .sort()

function managed(outboundType: string, given: Partial<ClusterFacts> = {}) {
  const isNat = outboundType === 'managedNATGateway'
  const cluster: Partial<ClusterFacts> = {
    outboundType,
    ...(outboundType === 'loadBalancer' ? {} : { loadBalancerProfile: null }),
    ...(isNat ? { natGatewayProfile: aNatGatewayProfile() } : {}),
    ...given,
  }
  const id = `${NODE_GROUP}/${NETWORK}/virtualNetworks/aks-vnet/subnets/aks-subnet`
  return aSnapshot({
    cluster,
    subnets: [aSubnet({ id, pools: [], natGatewayId: isNat ? AKS_GATEWAY : null })],
    natGateways: [aNatGateway({ id: AKS_GATEWAY, publicIpIds: [NAT_IP] })],
    publicIps: [aPublicIp({ id: NAT_IP, address: '20.2.0.1' }), aPublicIp({ id: OWN, address: '20.4.0.1' })],
    loadBalancers: outboundType === 'loadBalancer' ? [aKubernetesBalancer()] : [],
  })
}

function byo(outboundType: string) {
  const cluster = {
    outboundType,
    agentPools: [aPool({ vnetSubnetId: SUBNET })],
    ...(outboundType === 'loadBalancer' ? {} : { loadBalancerProfile: null }),
  }
  return aByoSnapshot(
    { natGatewayId: GATEWAY.id, routeTableId: TABLE },
    {
      cluster,
      natGateways: [GATEWAY.gateway],
      publicIps: [GATEWAY.publicIp],
      routeTables: [aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')],
      loadBalancers: outboundType === 'loadBalancer' ? [aKubernetesBalancer()] : [],
    },
  )
}

const enterLb = ['create loadBalancers kubernetes', 'create publicIPAddresses x1']
const leaveLb = ['delete loadBalancers kubernetes', 'delete publicIPAddresses lb-ip']
const enterNat = ['attach subnets aks-subnet', 'create natGateways x1', 'create publicIPAddresses x1']
const leaveNat = ['delete natGateways aks-nat', 'delete publicIPAddresses nat-ip']
const rules = 'update networkSecurityGroups x1'
const kept = ['retain natGateways gateway', 'retain routeTables table']

t.test(
  'in a managed network each pair creates, removes, and leaves the resources of the table',
  async (t) => {
    const table: [string, string, string[]][] = [
      ['loadBalancer', 'managedNATGatewayV2', [...enterNat, ...leaveLb]],
      ['loadBalancer', 'managedNATGateway', [...enterNat, ...leaveLb]],
      ['loadBalancer', 'none', leaveLb],
      ['loadBalancer', 'block', [...leaveLb, rules]],
      ['managedNATGateway', 'managedNATGatewayV2', [...enterNat, ...leaveNat]],
      ['managedNATGateway', 'none', leaveNat],
      ['managedNATGateway', 'block', [...leaveNat, rules]],
      ['managedNATGateway', 'loadBalancer', [...enterLb, ...leaveNat]],
      ['none', 'loadBalancer', enterLb],
      ['none', 'managedNATGatewayV2', enterNat],
      ['none', 'managedNATGateway', enterNat],
      ['none', 'block', [rules]],
      ['block', 'loadBalancer', [...enterLb, rules]],
      ['block', 'managedNATGateway', [...enterNat, rules]],
      ['block', 'managedNATGatewayV2', [...enterNat, rules]],
      ['block', 'none', [rules]],
    ]
    for (const [from, to, rows] of table)
      t.strictSame(rowsOf(planFor(managed(from), to as 'none')), [...rows].sort(), `${from} to ${to}`)
  },
)

t.test(
  "in the user's network AKS leaves the user's gateways and tables alone, on the way in and out",
  async (t) => {
    const types = ['loadBalancer', 'userAssignedNATGateway', 'userDefinedRouting', 'none'] as const
    for (const from of types)
      for (const to of types) {
        if (from === to) continue
        const rows = [
          ...(from === 'loadBalancer' ? leaveLb : []),
          ...(to === 'loadBalancer' ? enterLb : []),
          ...kept,
        ]
        t.strictSame(rowsOf(planFor(byo(from), to)), rows.sort(), `${from} to ${to}`)
      }
  },
)

t.test('a load balancer with Services stays, and own addresses are let go of, not deleted', async (t) => {
  const snapshot = managed('loadBalancer', {
    loadBalancerProfile: aLoadBalancerProfile({
      managedOutboundIpCount: null,
      outboundIpIds: [OWN],
      effectiveOutboundIpIds: [OWN],
    }),
  })
  snapshot.loadBalancers = Object.fromEntries([['lb', aKubernetesBalancer(['web'])]])
  const made = planFor(snapshot, 'managedNATGateway')
  t.strictSame(
    rowsOf(made),
    [...enterNat, 'update loadBalancers kubernetes', 'detach publicIPAddresses own'].sort(),
  )
  t.match(made.egressIps[0], { address: '20.4.0.1', change: 'lost', recoverable: true })
  t.notOk(made.acknowledgementsRequired.includes('EGRESS_IP_LOST'), 'it can be had again')
})

t.test('the same type with own addresses takes them on and lets the managed ones go', async (t) => {
  const target = { outboundType: 'loadBalancer', loadBalancer: { outboundIpIds: [OWN] } } as const
  const made = planFor(managed('loadBalancer'), { ...target, loadBalancer: { outboundIpIds: [OWN] } })
  t.strictSame(rowsOf(made), [
    'attach publicIPAddresses own',
    'delete publicIPAddresses lb-ip',
    'update loadBalancers kubernetes',
  ])
})

t.test('a lower address count releases addresses, and the released addresses are unknown', async (t) => {
  const effectiveOutboundIpIds = [...aLoadBalancerProfile().effectiveOutboundIpIds, NAT_IP]
  const snapshot = managed('loadBalancer', {
    loadBalancerProfile: aLoadBalancerProfile({ managedOutboundIpCount: 2, effectiveOutboundIpIds }),
  })
  const made = planFor(snapshot, {
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount: 1 },
  })
  t.strictSame(rowsOf(made), ['delete publicIPAddresses x1', 'update loadBalancers kubernetes'])
  t.match(made.egressIps, [
    { address: '20.1.0.1', change: 'unknown', recoverable: false },
    { address: '20.2.0.1', change: 'unknown', recoverable: false },
  ])
  t.match(made.rollback.lost, [
    'During the change, AKS releases some of the current addresses, and a rollback does not restore them. It is unknown at plan time which addresses AKS releases.',
  ])
})

t.test("a route table of AKS's own is not shown as the user's", async (t) => {
  const snapshot = managed('loadBalancer')
  for (const subnet of snapshot.subnets)
    subnet.routeTableId = `${NODE_GROUP}/${NETWORK}/routeTables/aks-table`
  t.notOk(rowsOf(planFor(snapshot, 'managedNATGateway')).some((row) => row.includes('routeTables')))
})

t.test('the cluster itself shows each field that is written, before and after', async (t) => {
  const made = planFor(
    managed('loadBalancer', { authorizedIPRanges: ['203.0.113.0/24'] }),
    'managedNATGateway',
  )
  const cluster = made.resourceChanges[0]
  t.match(cluster, { action: 'update', owner: 'user', count: 1, knownAt: 'plan' })
  const path = '/properties/networkProfile'
  t.match(cluster?.properties, [
    { path: `${path}/outboundType`, before: 'loadBalancer', after: 'managedNATGateway' },
    { path: `${path}/natGatewayProfile/managedOutboundIPProfile`, before: null, after: { count: 1 } },
    { path: `${path}/natGatewayProfile/idleTimeoutInMinutes`, before: null, after: 4 },
    { path: `${path}/loadBalancerProfile`, before: { managedOutboundIPs: { count: 1 } }, after: null },
  ])
  for (const each of made.resourceChanges) {
    t.ok(['documented', 'observed', 'inferred'].includes(each.confidence), each.because)
    t.match(each.because, /\.$/)
  }
})
