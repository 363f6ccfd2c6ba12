import t from 'tap'
import { aByoSnapshot, aPool, aSnapshot, aVirtualNetwork, features, SUBNET } from '../../support/a-cluster.ts'
import { codesOf, has, planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './isolation-cases.ts'

testTopic('isolation', CASES)

t.test('does not report ISO_REIMAGE_ORDER for an isolated cluster', async (t) => {
  const cluster = { outboundType: 'none', artifactSource: 'Cache', enablePrivateCluster: true }
  t.notOk(has('ISO_REIMAGE_ORDER', aSnapshot({ cluster }), 'block'))
  t.ok(has('ISO_REIMAGE_ORDER', aSnapshot({ cluster: { ...cluster, outboundType: 'loadBalancer' } }), 'none'))
})

const findingFor = (code: string, ...planned: Parameters<typeof planFor>) =>
  planFor(...planned).findings.find((finding) => finding.code === code)

t.test(
  'a conversion to API Server VNet Integration is not advised where it breaks the cluster',
  async (t) => {
    const remedyFor = (snapshot: Parameters<typeof planFor>[0]) =>
      findingFor('ISO_API_PUBLIC', snapshot, 'none')?.remedy ?? ''
    const byo = { agentPools: [aPool({ vnetSubnetId: SUBNET })] }
    t.match(
      remedyFor(aSnapshot()),
      /--enable-apiserver-vnet-integration.*restart.*irreversible.*reimages every/,
    )
    const dualStack = { cluster: { ipFamilies: ['IPv4', 'IPv6'] } }
    t.match(
      remedyFor(aSnapshot(dualStack)),
      /^Create a new private cluster\..*dual-stack cluster permanently/,
    )
    const encrypted = aByoSnapshot(
      {},
      {
        cluster: byo,
        virtualNetworks: [aVirtualNetwork({ id: SUBNET.split('/subnets/')[0] ?? '', isEncrypted: true })],
      },
    )
    t.match(
      remedyFor(encrypted),
      /^Create a new private cluster\..*does not support an encrypted virtual network/,
    )
  },
)

t.test('a service principal is migrated before the artifact source is set', async (t) => {
  const stepsFor = (servicePrincipalClientId: string | null) => {
    const cluster = { servicePrincipalClientId, artifactSource: null }
    const facts = findingFor('ISO_NOT_NETWORK_ISOLATED', aSnapshot({ cluster }), 'none')?.facts
    return ((facts?.sequence ?? []) as { step: string }[]).map(({ step }) => step)
  }
  t.strictSame(stepsFor('00000000-0000-0000-0000-0000000000bb'), ['identity', 'cache', 'reimage', 'none'])
  t.strictSame(stepsFor(null), ['cache', 'reimage', 'none'])
})

t.test('a cluster without egress loses none', async (t) => {
  const lost = ['ISO_WORKLOADS_LOSE_INTERNET', 'ISO_MONITORING']
  const codesFor = (outboundType: string, target: 'none' | 'block') => {
    const cluster = { outboundType, features: features({ monitoring: ['addonProfiles.omsagent'] }) }
    return codesOf(planFor(aSnapshot({ cluster }), target)).filter((code) => lost.includes(code))
  }
  t.strictSame(codesFor('block', 'none'), [])
  t.strictSame(codesFor('loadBalancer', 'none').sort(), lost.toSorted())
  t.strictSame(codesFor('loadBalancer', 'block').sort(), lost.toSorted())
})

t.test('isolation is blocked for Windows node pools, however ARM spells the operating system', async (t) => {
  for (const osType of ['Windows', 'windows', 'WINDOWS']) {
    const cluster = { agentPools: [aPool(), aPool({ name: 'npwin', osType })] }
    for (const target of ['none', 'block'] as const)
      t.ok(codesOf(planFor(aSnapshot({ cluster }), target), 'blocker').includes('ISO_WINDOWS'), osType)
  }
})
