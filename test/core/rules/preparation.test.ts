import t from 'tap'
import { aByoSnapshot, aKubernetesBalancer, aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { GATEWAY, onGateway, onTable } from '../../support/own-network.ts'
import { SUBSCRIPTION_ID } from '../../support/permissions.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './preparation-cases.ts'

testTopic('preparation', CASES)

t.test('creates nothing in the node resource group of any cluster', async (t) => {
  const codesFor = (resourceGroup: string) =>
    planFor(aSnapshot(), 'loadBalancer', {
      prepare: { publicIps: { count: 1 }, resourceGroup },
    }).findings.map(({ code }) => code)
  for (const group of ['MC_rg-demo_demo_eastus', 'MC_rg-other_other_westeurope', 'mc_x'])
    t.ok(codesFor(group).includes('PREPARE_GROUP_IS_MANAGED'), group)
  for (const group of ['rg-MC_x', 'mcx', 'rg-new'])
    t.notOk(codesFor(group).includes('PREPARE_GROUP_IS_MANAGED'), group)
})

t.test(
  'creates nothing in a node resource group with a custom name that holds a load balancer of AKS',
  async (t) => {
    const isManaged = (id: string, name: string, resourceGroup: string) => {
      const balancer = { ...aKubernetesBalancer(), id, name }
      const snapshot = aSnapshot({ loadBalancers: [balancer] })
      const request = { prepare: { publicIps: { count: 1 }, resourceGroup } }
      const { findings } = planFor(snapshot, 'loadBalancer', request)
      return findings.some(({ code }) => code === 'PREPARE_GROUP_IS_MANAGED')
    }
    const balancerIn = (group: string, name: string) =>
      `${SUBSCRIPTION_ID}/resourceGroups/${group}/providers/Microsoft.Network/loadBalancers/${name}`
    for (const name of ['kubernetes', 'Kubernetes-Internal'])
      t.ok(isManaged(balancerIn('rg-nodes', name), name, 'RG-Nodes'), name)
    t.notOk(isManaged(balancerIn('rg-nodes', 'web'), 'web', 'rg-nodes'))
    t.notOk(isManaged(balancerIn('rg-nodes-2', 'kubernetes'), 'kubernetes', 'rg-nodes'))
  },
)

t.test('says that only the network changes if no step writes the cluster', async (t) => {
  const routed = { outboundType: 'userDefinedRouting', loadBalancerProfile: null }
  const prepare = { defaultRoute: { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.5' } }
  const messages = (outboundType: 'userDefinedRouting' | 'loadBalancer') => {
    const cluster = outboundType === 'loadBalancer' ? {} : routed
    const plan = planFor(aByoSnapshot({}, { cluster }), 'userDefinedRouting', { prepare })
    return plan.findings.flatMap(({ code, message, remedy }) =>
      code === 'SAME_TYPE' || code === 'CUTOVER_IS_PREPARATION' ? [`${message} ${remedy}`] : [],
    )
  }
  const [cutover, same] = messages('userDefinedRouting')
  t.match(same, /so the plan only changes resources of its network\./)
  t.match(cutover, /: from then on, .* Undoing that step moves the traffic back/)
  t.notMatch(cutover, /cluster changes/)
  t.match(messages('loadBalancer'), [/, before the cluster changes: from then on/])
})

t.test('has a remedy for each reason why a part of the request is unused', async (t) => {
  const hop = { nextHopType: 'VirtualAppliance' as const, nextHopIpAddress: '10.9.0.9' }
  const unreadTable = aByoSnapshot(onTable('VirtualAppliance')[0])
  const unreadGateway = aByoSnapshot(onGateway[0])
  const table = [
    [unreadTable, 'userDefinedRouting', { defaultRoute: hop }, /^Assign the Reader role on the route table /],
    [
      unreadGateway,
      'userAssignedNATGateway',
      { natGateway: {} },
      /^Assign the Reader role on the NAT gateway /,
    ],
    [
      aSnapshot(),
      'loadBalancer',
      { natGateway: {} },
      /^Remove `prepare\.natGateway` from the request, or choose a target that uses this part\.$/,
    ],
    [
      aSnapshot(),
      'loadBalancer',
      { publicIps: { count: 1 }, publicIpPrefix: { length: 30 } },
      /^Remove `prepare\.publicIps` from the request to use the prefix, or remove `prepare\.publicIpPrefix`\.$/,
    ],
    [
      aByoSnapshot(),
      'userAssignedNATGateway',
      { natGateway: { id: GATEWAY.id }, publicIps: { count: 1 } },
      /^Remove `prepare\.publicIps` from the request, or request a new NAT gateway for these addresses/,
    ],
    [
      aByoSnapshot(),
      'userAssignedNATGateway',
      { natGateway: { id: GATEWAY.id }, resourceGroup: 'rg-elsewhere' },
      /^Remove `prepare\.resourceGroup` from the request, because the job creates no resource in this group\.$/,
    ],
  ] as const
  for (const [snapshot, target, prepare, remedy] of table) {
    const { findings } = planFor(snapshot, target, { prepare })
    const found = findings.find(({ code }) => code === 'PREPARE_PART_UNUSED')
    t.match(found?.remedy, remedy, JSON.stringify(prepare))
  }
})
