import t from 'tap'
import {
  aByoSnapshot,
  aPool,
  aPublicIp,
  aSnapshot,
  aSubnet,
  NETWORK,
  NODE_GROUP,
  SUBNET,
} from '../../support/a-cluster.ts'
import { codesOf, has, planFor } from '../../support/a-plan.ts'
import { OWN_IP, onGateway, onTable, TABLE } from '../../support/own-network.ts'
import { natCluster, natIp } from '../../support/rule-cases.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './authorized-ranges-cases.ts'

testTopic('authorized-ranges', CASES)

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
        subnetIds: [],
        policyId: null,
        dnsProxy: false,
        collections: [],
      },
    ],
  })
  const plan = planFor(snapshot, 'userDefinedRouting', { authorizedRanges: 'keep' })
  const finding = plan.findings.find(({ code }) => code === 'AUTHORIZED_RANGES_MISS_NEW_EGRESS')
  t.strictSame(finding?.facts, { missing: ['20.6.0.2/32'] })
})
