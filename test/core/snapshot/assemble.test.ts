import t from 'tap'
import {
  assembleSnapshot,
  emptyCollection,
  type NetworkCollection,
} from '../../../src/core/snapshot/assemble.ts'
import { missingReads, otherSubscriptions, requiredReads } from '../../../src/core/snapshot/required-reads.ts'
import type { ClusterFacts } from '../../../src/core/snapshot/snapshot.ts'
import { readVnet, subnetIdsOf, unseenSubnetIds } from '../../../src/core/snapshot/vnet-kind.ts'
import {
  aCluster,
  aPool,
  aReadyGateway,
  aSubnet,
  aVirtualNetwork,
  GROUP,
  keyed,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'

const PODS = `${GROUP}/${NETWORK}/virtualNetworks/vnet/subnets/pods`
const ELSEWHERE = SUBNET.replace(/1111-/, '2222-').replace('/vnet/', '/hub/')
const GATEWAY = aReadyGateway()
const TABLE = `${GROUP}/${NETWORK}/routeTables/table`
const withPools = (...pools: Parameters<typeof aPool>[0][]) => aCluster({ agentPools: pools.map(aPool) })

t.test('a cluster is in the network of the user when any pool names a subnet', async (t) => {
  const table: [string, ClusterFacts, string, RegExp | null][] = [
    ['no pool names one', withPools({}, { name: 'user' }), 'managed', null],
    ['no pools at all', aCluster({ agentPools: [] }), 'managed', null],
    ['every pool names one', withPools({ vnetSubnetId: SUBNET }), 'byo', null],
    [
      'the hosted system pools name one',
      aCluster({ hostedSystemSubnetId: SUBNET, agentPools: [] }),
      'byo',
      null,
    ],
    [
      'node auto-provisioning names one',
      aCluster({ hostedWorkerSubnetId: SUBNET, agentPools: [] }),
      'byo',
      null,
    ],
    [
      'system pools of AKS may go without',
      withPools({ vnetSubnetId: SUBNET }, { name: 'aks', mode: 'ManagedSystem' }),
      'byo',
      null,
    ],
    [
      'one pool goes without',
      withPools({ vnetSubnetId: SUBNET }, { name: 'odd' }),
      'byo',
      /node pool `odd` has no subnet$/,
    ],
    [
      'a subnet of the node resource group',
      withPools({ vnetSubnetId: `${NODE_GROUP}/${NETWORK}/virtualNetworks/v/subnets/s` }),
      'byo',
      /`system` uses a subnet in the node resource group$/,
    ],
    [
      'two networks',
      withPools({ vnetSubnetId: SUBNET }, { name: 'two', vnetSubnetId: ELSEWHERE }),
      'byo',
      /are in 2 virtual networks$/,
    ],
  ]
  for (const [name, cluster, kind, inconsistency] of table) {
    const reading = readVnet(cluster)
    t.equal(reading.kind, kind, name)
    if (inconsistency === null) t.equal(reading.inconsistency, null, name)
    else t.match(reading.inconsistency, inconsistency, name)
  }
})

t.test('the subnets of nodes and pods count once, however they are spelled', async (t) => {
  const cluster = withPools(
    { vnetSubnetId: SUBNET, podSubnetId: PODS },
    { name: 'user', vnetSubnetId: SUBNET.toUpperCase() },
  )
  t.equal(subnetIdsOf(cluster).length, 2)
  t.strictSame(unseenSubnetIds(cluster, [{ id: SUBNET.toLowerCase() }]), [PODS])
})

function collectionWith(id: string, subnets: ReturnType<typeof aSubnet>[]): NetworkCollection {
  return { ...emptyCollection(), virtualNetworks: keyed([aVirtualNetwork({ id, subnets })]) }
}

t.test('a snapshot holds the subnets that the pools name, each with its pools', async (t) => {
  const vnet = `${GROUP}/${NETWORK}/virtualNetworks/VNET`
  const collection = collectionWith(vnet, [
    aSubnet({ id: SUBNET.toUpperCase(), pools: [] }),
    aSubnet({ id: PODS, pools: [] }),
    aSubnet({ id: `${vnet}/subnets/other`, pools: [] }),
  ])
  const cluster = withPools(
    { vnetSubnetId: SUBNET, podSubnetId: PODS },
    { name: 'user', vnetSubnetId: SUBNET, podSubnetId: null },
  )
  const { subnets } = assembleSnapshot('2026-09-01T00:00:00.000Z', cluster, collection, [])
  t.strictSame(
    subnets.map(({ id, pools }) => [id, pools]),
    [
      [SUBNET.toUpperCase(), ['system', 'user']],
      [PODS, ['system']],
    ],
  )
})

t.test('a subnet that was not read is left out and not shown bare', async (t) => {
  const unread = [{ what: 'vnet', reason: 'denied' as const, code: 'AuthorizationFailed', message: 'no' }]
  const snapshot = assembleSnapshot('', withPools({ vnetSubnetId: SUBNET }), emptyCollection(), unread)
  t.strictSame([snapshot.subnets, snapshot.unread], [[], unread])
})

t.test('a hosted system pool lives in the subnet that the hosted system profile names', async (t) => {
  const vnet = `${GROUP}/${NETWORK}/virtualNetworks/vnet`
  const [system, workers, api] = ['system', 'workers', 'api'].map((name) => `${vnet}/subnets/${name}`)
  const cluster = aCluster({
    agentPools: [aPool({ name: 'hosted', mode: 'managedsystem' })],
    hostedSystemSubnetId: system?.toUpperCase() ?? null,
    hostedWorkerSubnetId: workers ?? null,
    apiServerSubnetId: api ?? null,
  })
  const collection = collectionWith(
    vnet,
    [system, workers, api].map((id) => aSubnet({ id: id ?? '', pools: [] })),
  )
  const { subnets } = assembleSnapshot('', cluster, collection, [])
  t.strictSame(
    subnets.map(({ id, pools }) => [id, pools]),
    [
      [system, ['hosted']],
      [workers, []],
    ],
  )
  t.equal(unseenSubnetIds(cluster, [{ id: workers ?? '' }]).length, 1, 'it is missed when it cannot be read')
})

t.test('in a managed network the node subnets are those without another tenant', async (t) => {
  const vnet = `${NODE_GROUP.replace('resourceGroups', 'resourcegroups')}/${NETWORK}/virtualNetworks/aks-vnet`
  const other = (name: string, facts: Parameters<typeof aSubnet>[0] = {}) =>
    aSubnet({ id: `${vnet}/subnets/${name}`, ...facts })
  const mine = other('aks-subnet', { pools: ['x'] })
  const collection = collectionWith(vnet, [
    mine,
    other('ingress-appgateway-subnet', { hasApplicationGateway: true }),
    other('aks-apiserver-subnet', { delegations: ['Microsoft.ContainerService/managedClusters'] }),
    other('virtual-nodes', { delegations: ['Microsoft.ContainerInstance/containerGroups'] }),
    other('gatewaysubnet'),
    other('AzureFirewallManagementSubnet'),
  ])
  collection.virtualNetworks.other = aVirtualNetwork({
    id: `${GROUP}/${NETWORK}/virtualNetworks/vnet`,
    subnets: [aSubnet()],
  })
  t.strictSame(assembleSnapshot('', aCluster(), collection, []).subnets, [{ ...mine, pools: [] }])
})

t.test('follows references from the pools to their network, attached resources, and addresses', async (t) => {
  const cluster = withPools({
    vnetSubnetId: SUBNET,
    nodePublicIpPrefixIds: [`${GROUP}/${NETWORK}/publicIPPrefixes/n`],
  })
  const own = `${GROUP}/${NETWORK}/publicIPAddresses/own`
  const kindsOf = (collection: NetworkCollection) =>
    requiredReads(cluster, collection, [own]).map(({ kind, id }) => `${kind} ${id.split('/').at(-1)}`)
  const known = [
    'publicIPAddresses lb-ip',
    'publicIPPrefixes n',
    'publicIPAddresses own',
    'loadBalancers kubernetes',
  ]
  t.strictSame(kindsOf(emptyCollection()), ['virtualNetworks vnet', ...known])
  const vnet = `${GROUP}/${NETWORK}/virtualNetworks/vnet`
  const second = collectionWith(vnet, [aSubnet({ natGatewayId: GATEWAY.id, routeTableId: TABLE })])
  t.strictSame(kindsOf(second), [
    'virtualNetworks vnet',
    'natGateways gateway',
    'routeTables table',
    ...known,
  ])
  const third = { ...second, natGateways: keyed([GATEWAY.gateway]) }
  t.ok(kindsOf(third).includes('publicIPAddresses gateway-ip'))
  t.notOk(
    missingReads(requiredReads(cluster, third, []), third).some(
      ({ kind }) => kind === 'virtualNetworks' || kind === 'natGateways',
    ),
    'what was read is not asked for again',
  )
})

t.test('reads only other subscriptions in a second round', async (t) => {
  const cluster = withPools({ vnetSubnetId: SUBNET.toUpperCase() }, { name: 'two', vnetSubnetId: ELSEWHERE })
  const hub = ELSEWHERE.split('/')[2]?.toLowerCase()
  t.strictSame(otherSubscriptions(cluster, []), [hub])
  t.strictSame(otherSubscriptions(aCluster(), [ELSEWHERE, ELSEWHERE.toUpperCase()]), [hub])
  t.strictSame(otherSubscriptions(aCluster(), ['not an id']), [])
})
