import t from 'tap'
import type { RequestedTarget } from '../../../src/contract/target.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aPool, aPublicIp, aSnapshot, SUBNET } from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { OWN_IP, onGateway, onTable } from '../../support/own-network.ts'
import { natCluster, natIp } from '../../support/rule-cases.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './authorized-ranges-cases.ts'

testTopic('authorized-ranges', CASES)

const pool = (facts: Parameters<typeof aPool>[0] = {}) => ({
  agentPools: [aPool({ vnetSubnetId: SUBNET, ...facts })],
})

t.test('a plan to the present target adds the current egress to the ranges, or reports it', async (t) => {
  const { snapshot } = CASES.AUTHORIZED_RANGES_MISS_EGRESS!
  const widening = planFor(snapshot, 'managedNATGateway')
  t.match(widening, {
    status: 'applicable',
    authorizedRanges: { missing: ['20.2.0.1/32'], add: ['20.2.0.1/32'] },
    cutOver: { step: null, because: /only adds authorized IP ranges/ },
    disruption: { existingConnections: 'unchanged', nodeImageUpgrade: 'No node image upgrade is required.' },
    rollback: { supported: false },
  })
  t.strictSame(
    widening.steps.map(({ key }) => key),
    [
      'check-freshness',
      'widen-authorized-ranges',
      'await-range-propagation',
      'verify',
      'discover-egress-ips',
    ],
  )
  t.strictSame(
    widening.resourceChanges.map(({ action, properties }) => [action, properties.map(({ after }) => after)]),
    [['update', [['203.0.113.0/24', '20.2.0.1/32']]]],
  )
  t.ok(widening.egressIps.every(({ change }) => change === 'kept'))
  const keeping = planFor(snapshot, 'managedNATGateway', { authorizedRanges: 'keep' })
  t.match(keeping, { status: 'noChange', steps: [], authorizedRanges: { missing: ['20.2.0.1/32'], add: [] } })
  const finding = keeping.findings.find(({ code }) => code === 'AUTHORIZED_RANGES_MISS_EGRESS')
  t.match(finding, { severity: 'warning', remedy: /set `authorizedRanges` to `widen`/ })
})

t.test(
  'a plan that only adds ranges needs a running cluster and permissions, but no change of its type',
  async (t) => {
    const { snapshot } = CASES.AUTHORIZED_RANGES_MISS_EGRESS!
    const codesWith = (cluster: Partial<typeof snapshot.cluster>) =>
      codesOf(
        planFor({ ...snapshot, cluster: { ...snapshot.cluster, ...cluster } }, 'managedNATGateway'),
        'blocker',
      )
    t.strictSame(codesWith({}), [])
    t.strictSame(codesWith({ powerState: 'Stopped' }), ['CLUSTER_STOPPED'])
    t.strictSame(codesWith({ skuName: 'Automatic', nodeProvisioningMode: 'Auto' }), [])
    t.strictSame(codesWith({ authorizedIPRanges: ['203.0.113.7/24'] }), ['AUTHORIZED_CIDR_FORM'])
  },
)

t.test('requires every address of a firewall in the authorized ranges, not only the first', async (t) => {
  const ids = ['fw-1', 'fw-2'].map((name) => OWN_IP.replace('/own', `/${name}`))
  const [subnet, network] = onTable('VirtualAppliance')
  const snapshot = aByoSnapshot(subnet, {
    ...network,
    cluster: { ...pool(), authorizedIPRanges: ['20.6.0.1/32'] },
    publicIps: ids.map((id, index) => aPublicIp({ id, address: `20.6.0.${index + 1}` })),
    firewalls: [
      {
        id: OWN_IP.replace('/publicIPAddresses/own', '/azureFirewalls/fw'),
        tier: 'Standard',
        privateAddresses: ['10.9.0.4'],
        publicIpIds: ids,
        hubPublicAddresses: [],
        virtualHubId: null,
        hasManagementInterface: false,
        subnetIds: [SUBNET.replace('/nodes', '/AzureFirewallSubnet')],
        policyId: null,
        dnsProxy: false,
        collections: [],
      },
    ],
  })
  const plan = planFor(snapshot, 'userDefinedRouting', { authorizedRanges: 'keep' })
  const finding = plan.findings.find(({ code }) => code === 'AUTHORIZED_RANGES_MISS_NEW_EGRESS')
  t.strictSame(finding?.facts, { missing: ['20.6.0.2/32'], present: ['20.6.0.2/32'] })
})

t.test(
  'reports that nodes are denied access before the change, and calls their address not new',
  async (t) => {
    const [subnet, network] = onGateway
    const snapshot = aByoSnapshot(subnet, {
      ...network,
      cluster: { ...pool(), authorizedIPRanges: ['203.0.113.0/24'] },
    })
    const denied = (
      ...args: [RequestedTarget | RequestedTarget['outboundType'], { authorizedRanges?: 'keep' }?]
    ) => {
      const { findings, status } = planFor(snapshot, ...args)
      const codes = findings.filter(({ code }) => /RANGES_(MISS|WIDENED)/.test(code))
      return [status, ...codes.map(({ code, facts }) => ({ code, ...facts }))]
    }
    const missing = ['20.9.0.1/32']
    const now = { code: 'AUTHORIZED_RANGES_MISS_EGRESS', missing }
    t.strictSame(denied('userAssignedNATGateway'), ['applicable', { ...now, added: true }])
    t.strictSame(denied('userAssignedNATGateway', { authorizedRanges: 'keep' }), [
      'blocked',
      { code: 'AUTHORIZED_RANGES_MISS_NEW_EGRESS', missing, present: missing },
      { ...now, added: false },
    ])
    const detaching = planFor(snapshot, 'loadBalancer', { cleanUp: { detach: true, narrow: [], delete: [] } })
    const leaving = detaching.findings.find(({ code }) => code === now.code)
    t.strictSame(leaving?.facts, { missing, added: false, leaves: true })
    t.strictSame(denied('managedNATGateway'), ['blocked', { ...now, added: false, leaves: true }])
    t.match(
      leaving?.remedy,
      /^Add 20\.9\.0\.1\/32 to the authorized IP ranges now, because this plan does not add it\.$/,
    )
  },
)

t.test('does not deny nodes access from addresses that stay in use beside new ones', async (t) => {
  const facts = (cluster: Partial<Snapshot['cluster']>, ...args: [RequestedTarget]) =>
    planFor(aSnapshot({ cluster, publicIps: [natIp] }), ...args).findings.find(
      ({ code }) => code === 'AUTHORIZED_RANGES_TARGET_UNKNOWABLE',
    )
  const gateway: RequestedTarget = {
    outboundType: 'managedNATGateway',
    natGateway: { managedOutboundIpCount: 3 },
  }
  const balancer: RequestedTarget = {
    outboundType: 'loadBalancer',
    loadBalancer: { managedOutboundIpCount: 2 },
  }
  const kept = facts({ ...natCluster, authorizedIPRanges: ['20.2.0.1/32'] }, gateway)
  t.match(kept, {
    facts: { count: 2, allowed: ['20.2.0.1/32'] },
    message: /one of the 2 new egress addresses have no access .* 20\.2\.0\.1\/32 keep access/,
  })
  t.match(facts({ authorizedIPRanges: ['203.0.113.0/24'] }, balancer)?.facts, { allowed: ['20.1.0.1/32'] })
  const denied = planFor(
    aSnapshot({ cluster: { ...natCluster, authorizedIPRanges: ['203.0.113.0/24'] }, publicIps: [natIp] }),
    gateway,
    { authorizedRanges: 'keep' },
  )
  t.match(denied.findings, [{ code: 'AUTHORIZED_RANGES_MISS_NEW_EGRESS' }, { facts: { allowed: [] } }])
})

t.test('warns of implicit access only if nodes use it and the plan does not replace it', async (t) => {
  const CODE = 'AUTHORIZED_AUTO_ADD_IS_LB_ONLY'
  const RANGES = ['203.0.113.0/24']
  const ROUTES = {
    default: ['0.0.0.0/0', '10.9.0.9'],
    other: ['AzureCloud.westus', '10.9.0.9'],
    otherDirect: ['AzureCloud.westus', null],
    mayMatch: ['198.51.100.0/24', '10.9.0.9'],
  } as const
  const network = (names: (keyof typeof ROUTES)[], cluster: Partial<Snapshot['cluster']> = {}) => {
    const routes = names.map((name) => {
      const [addressPrefix, nextHopIpAddress] = ROUTES[name]
      const nextHopType = nextHopIpAddress === null ? 'Internet' : 'VirtualAppliance'
      return { name, addressPrefix, nextHopType, nextHopIpAddress }
    })
    const [subnet, given] = onTable(null)
    const routeTables = (given.routeTables ?? []).map((table) => ({ ...table, routes }))
    return aByoSnapshot(subnet, {
      ...given,
      routeTables,
      cluster: { ...pool(), authorizedIPRanges: RANGES, ...cluster },
    })
  }
  const toGateway = ['userAssignedNATGateway', { prepare: { natGateway: {} } }] as const
  const keeping = ['userAssignedNATGateway', { ...toGateway[1], authorizedRanges: 'keep' }] as const
  const nextHop = { nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.9.0.9' } as const
  const toAppliance = ['userDefinedRouting', { prepare: { defaultRoute: nextHop } }] as const
  const table: [string, Snapshot, Parameters<typeof planFor>[1], Parameters<typeof planFor>[2], boolean][] = [
    ['the ranges stay as they are', network([]), ...keeping, true],
    ['the appliance has hidden addresses', network([]), ...toAppliance, true],
    ['a route to a hidden appliance may match', network(['mayMatch']), ...toGateway, true],
    ['the job adds the new addresses', network([]), ...toGateway, false],
    ['no ranges are set', network([], { authorizedIPRanges: [] }), ...keeping, false],
    ['a private cluster', network([], { enablePrivateCluster: true }), ...keeping, false],
    ['nodes use the virtual network', network([], { enableVnetIntegration: true }), ...keeping, false],
    ['an entry covers the address', network([], { authorizedIPRanges: ['20.1.0.1/32'] }), ...keeping, false],
    [
      'the placeholder excludes entries',
      network([], { authorizedIPRanges: ['0.0.0.0/32'] }),
      ...keeping,
      false,
    ],
    ['another target on the load balancer', network([]), 'loadBalancer', {}, false],
    ['only other packets pass a hidden appliance', network(['other']), ...toGateway, false],
    [
      'nodes reach the API server through an appliance',
      network(['default', 'otherDirect']),
      ...keeping,
      false,
    ],
    ['only other packets use the load balancer', network(['default', 'otherDirect']), ...toAppliance, false],
  ]
  for (const [what, snapshot, target, given, isExpected] of table)
    t.equal(codesOf(planFor(snapshot, target, given)).includes(CODE), isExpected, what)
})
