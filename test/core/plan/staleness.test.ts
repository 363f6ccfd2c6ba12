import t from 'tap'
import type { FieldChange } from '../../../src/contract/steps.ts'
import {
  findStaleClusterFacts,
  findStaleFacts,
  findStaleFactsMidJob,
} from '../../../src/core/plan/staleness.ts'
import type { ClusterFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { RANGES_PATH } from '../../../src/core/target/cluster-patch.ts'
import {
  aByoSnapshot,
  aLoadBalancerProfile,
  aPool,
  aReadyGateway,
  aRouteTable,
  GROUP,
  NETWORK,
  SUBNET,
} from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'

const loadBalancerProfile = aLoadBalancerProfile()
const TABLE = `${GROUP}/${NETWORK}/routeTables/table`
const GATEWAY = aReadyGateway('20.9.0.1')
const POOLS = [aPool({ vnetSubnetId: SUBNET }), aPool({ name: 'user', mode: 'User', vnetSubnetId: SUBNET })]

function snapshot(cluster: Partial<ClusterFacts> = {}, nextHop = '10.9.0.4'): Snapshot {
  return aByoSnapshot(
    { natGatewayId: GATEWAY.id, routeTableId: TABLE },
    {
      cluster: { agentPools: POOLS, authorizedIPRanges: ['203.0.113.0/24', 'AzureDevOps'], ...cluster },
      natGateways: [GATEWAY.gateway],
      publicIps: [GATEWAY.publicIp],
      routeTables: [aRouteTable(TABLE, 'VirtualAppliance', nextHop)],
    },
  )
}

const made = planFor(snapshot(), 'userAssignedNATGateway')
const paths = (differences: { path: string }[]) => differences.map((each) => each.path)

t.test(
  'a cluster that has not moved does not differ, and node counts and versions do not count',
  async (t) => {
    t.strictSame(findStaleFacts(made, snapshot()), [])
    const scaled = POOLS.map((pool) => ({ ...pool, count: 99 }))
    t.strictSame(findStaleFacts(made, snapshot({ agentPools: scaled, kubernetesVersion: '1.34.0' })), [])
    t.strictSame(
      findStaleFacts(made, snapshot({ agentPools: [...POOLS].reverse() })),
      [],
      'nor the order of pools',
    )
    t.strictSame(
      findStaleFacts(made, snapshot({ authorizedIPRanges: ['AzureDevOps', '203.0.113.0/24'] })),
      [],
    )
  },
)

t.test('another ETag is a difference, and none at all leaves the facts to tell', async (t) => {
  t.strictSame(findStaleFacts(made, snapshot({ etag: 'other' })), [
    { path: 'cluster.etag', planned: made.basis.etag, found: 'other' },
  ])
  t.strictSame(findStaleFacts(made, snapshot({ etag: null })), [])
  t.strictSame(
    paths(findStaleFacts(made, snapshot({ etag: null, outboundType: 'none', loadBalancerProfile }))),
    ['cluster.outboundType'],
  )
})

t.test('each fact that the plan rests on is noticed when it changes', async (t) => {
  const table: [string, Snapshot][] = [
    ['cluster.outboundType', snapshot({ outboundType: 'none', loadBalancerProfile })],
    ['cluster.authorizedIPRanges', snapshot({ authorizedIPRanges: ['AzureDevOps'] })],
    ['cluster.enablePrivateCluster', snapshot({ enablePrivateCluster: true })],
    ['cluster.enableVnetIntegration', snapshot({ enableVnetIntegration: true })],
    ['cluster.powerState', snapshot({ powerState: 'Stopped' })],
    ['cluster.ipFamilies', snapshot({ ipFamilies: ['IPv4', 'IPv6'] })],
    ['cluster.agentPools', snapshot({ agentPools: POOLS.slice(0, 1) })],
    ['cluster.loadBalancerProfile', snapshot({ loadBalancerProfile: null })],
    ['network.subnets', snapshot({}, '10.9.0.5')],
  ]
  for (const [path, moved] of table) t.ok(paths(findStaleFacts(made, moved)).includes(path), path)
})

t.test('ignores letter case and facts that an older plan lacks', async (t) => {
  const recased = POOLS.map((pool) => ({ ...pool, osType: pool.osType.toLowerCase() }))
  t.strictSame(findStaleFacts(made, snapshot({ agentPools: recased, powerState: 'running' })), [])
  const { 'cluster.powerState': _later, ...facts } = made.basis.facts
  const older = { ...made, basis: { ...made.basis, facts } }
  const stopped = snapshot({ powerState: 'Stopped' })
  t.strictSame(findStaleFacts(older, stopped), [])
  t.strictSame(findStaleClusterFacts(older, stopped.cluster, []), [])
  t.strictSame(findStaleFactsMidJob(older, stopped, []), [])
})

t.test('ignores the ranges that the job added and reports any other change', async (t) => {
  const applied: FieldChange[] = [{ op: 'unionCidrs', path: RANGES_PATH, cidrs: ['20.9.0.1/32'] }]
  const differences = (authorizedIPRanges: string[], changes = applied) =>
    paths(findStaleClusterFacts(made, snapshot({ authorizedIPRanges, etag: 'moved' }).cluster, changes))
  const before = ['203.0.113.0/24', 'AzureDevOps']
  const moved = ['cluster.authorizedIPRanges']
  t.strictSame(differences([...before, '20.9.0.1/32']), [])
  t.strictSame(differences([...before, '20.9.0.1']), [], 'however ARM spells it')
  t.strictSame(differences([...before, '20.9.0.1/32'], []), moved, 'not before it was written')
  t.strictSame(differences([...before, '20.9.0.1/32', '198.51.100.0/24']), moved, 'somebody added')
  t.strictSame(differences([...before, '20.9.0.1/32', 'AzureCloud']), moved, 'somebody added a tag')
  t.strictSame(differences(['203.0.113.0/24', '20.9.0.1/32']), moved, 'somebody removed')
  t.strictSame(differences([]), moved, 'somebody removed all')
  t.strictSame(differences(before), [], 'nothing written yet')
})

t.test('during a job, ignores a default route that a step before the cutover has written', async (t) => {
  const id = `${TABLE}/routes/default`
  const done = (body: null | object, former: FieldChange[]) =>
    ({ kind: 'putResource', id, apiVersion: '2026-01-01', body, changes: [], former }) as never
  const [before, after] = [aRouteTable(TABLE, null), aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.4')]
  const other = aRouteTable(TABLE, 'VirtualAppliance', '10.9.0.9')
  const on = (table: typeof before) => aByoSnapshot({ routeTableId: TABLE }, { routeTables: [table] })
  const stale = (planned: Snapshot, found: Snapshot, step: never) =>
    paths(
      findStaleFactsMidJob(planFor(planned, 'userDefinedRouting'), found, [], [{ does: step, undoes: [] }]),
    ).includes('network.subnets')
  t.notOk(stale(on(before), on(after), done({}, [])), 'a new route')
  const former: FieldChange[] = [{ op: 'set', path: '/properties/nextHopIpAddress', value: '10.9.0.9' }]
  t.notOk(stale(on(other), on(after), done(null, former)), 'a changed route')
  t.ok(stale(on(before), on(after), done(null, former)), 'another route')
})

t.test('during a job, ignores its own writes and reports their loss', async (t) => {
  const union: FieldChange = { op: 'unionCidrs', path: RANGES_PATH, cidrs: ['20.9.0.1'] }
  const wide = ['203.0.113.0/24', 'AzureDevOps', '20.9.0.1/32']
  const between = (found: Snapshot, applied: FieldChange[]) =>
    paths(findStaleFactsMidJob(made, found, applied))
  const ranges = 'cluster.authorizedIPRanges'
  t.strictSame(between(snapshot({ etag: 'other' }), []), [], 'an ETag moves with every write')
  t.strictSame(between(snapshot({ authorizedIPRanges: wide }), [union]), [], 'its own widening')
  t.strictSame(between(snapshot({ authorizedIPRanges: ['AzureDevOps', '20.9.0.0/24'] }), []), [ranges])
  t.strictSame(between(snapshot({ authorizedIPRanges: wide }), []), [ranges], "somebody else's widening")
  t.strictSame(between(snapshot(), [union]), [ranges], 'somebody has narrowed them again')
  t.strictSame(between(snapshot({ outboundType: 'none', loadBalancerProfile }), [union]), [
    'cluster.outboundType',
    ranges,
  ])
  t.strictSame(
    between(snapshot({}, '10.9.0.5'), []),
    ['network.paths', 'network.subnets', 'network.pathsAfter'],
    'the network counts too',
  )
})

t.test(
  'during a job, ignores the gateway that it has attached behind a route, and reports other changes',
  async (t) => {
    const attached = snapshot()
    const former = {
      ...attached,
      subnets: attached.subnets.map((subnet) => ({ ...subnet, natGatewayId: null })),
    }
    const plan = planFor(former, 'userAssignedNATGateway')
    const does = {
      kind: 'putResource' as const,
      id: SUBNET.toUpperCase(),
      apiVersion: '2025-07-01',
      body: null,
      changes: [{ op: 'set' as const, path: '/properties/natGateway', value: { id: GATEWAY.id } }],
      former: [{ op: 'remove' as const, path: '/properties/natGateway' }],
    }
    const differences = (found: Snapshot) =>
      paths(findStaleFactsMidJob(plan, found, [], [{ does, undoes: [] }]))
    t.strictSame(paths(findStaleFactsMidJob(plan, attached, [])), ['network.subnets'], 'without the step')
    t.strictSame(differences(attached), [])
    t.strictSame(differences(snapshot({}, '10.9.0.5')), [
      'network.paths',
      'network.subnets',
      'network.pathsAfter',
    ])
    t.strictSame(differences(snapshot({ outboundType: 'none', loadBalancerProfile })), [
      'cluster.outboundType',
    ])
  },
)
