import t from 'tap'
import { aByoSnapshot, aKubernetesBalancer, aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
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
