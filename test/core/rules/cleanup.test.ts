import t from 'tap'
import { aByoSnapshot, aPool, aReadyGateway, aSnapshot, keyed, SUBNET } from '../../support/a-cluster.ts'
import { codesOf, has, planFor } from '../../support/a-plan.ts'
import { GATEWAY } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './cleanup-cases.ts'

testTopic('cleanup', CASES)

t.test('narrowing the authorized ranges does not deny an address that no range allows', async (t) => {
  const withRanges = (...authorizedIPRanges: string[]) => aSnapshot({ cluster: { authorizedIPRanges } })
  const cleanUp = { narrow: ['192.0.2.0/24'], detach: false, delete: [] }
  const [address] = planFor(aSnapshot(), 'managedNATGateway').egressIps
  const isDenied = (...ranges: string[]) =>
    has('NARROWING_CUTS_OFF', withRanges(...ranges), 'loadBalancer', { cleanUp })
  t.ok(address?.address)
  t.notOk(isDenied('192.0.2.0/24', '203.0.113.0/24'), 'AKS allows its load balancer implicitly')
  t.notOk(isDenied('192.0.2.0/24', `${address?.address}/32`), 'another range still allows it')
})

t.test('a range may be removed if the same plan adds another one first', async (t) => {
  const gateway = aReadyGateway('20.9.0.1')
  const snapshot = aByoSnapshot(
    { natGatewayId: gateway.id },
    {
      cluster: { agentPools: [aPool({ vnetSubnetId: SUBNET })], authorizedIPRanges: ['192.0.2.0/24'] },
      natGateways: [gateway.gateway],
      publicIps: [gateway.publicIp],
    },
  )
  const cleanUp = { narrow: ['192.0.2.0/24'], detach: false, delete: [] }
  const plan = planFor(snapshot, 'loadBalancer', { cleanUp })
  t.strictSame(plan.authorizedRanges.add, ['20.9.0.1/32'])
  t.notOk(codesOf(plan).includes('NARROWING_CUTS_OFF'))
})

t.test('only a StandardV2 gateway on an empty subnet is not safe to detach', async (t) => {
  const { snapshot } = CASES.CLEAN_UP_V2_EMPTY_SUBNET!
  const isReported = (changed: Partial<typeof snapshot>, detach = true) =>
    codesOf(
      planFor({ ...snapshot, ...changed }, 'loadBalancer', { cleanUp: { narrow: [], detach, delete: [] } }),
    ).includes('CLEAN_UP_V2_EMPTY_SUBNET')
  const subnets = snapshot.subnets.map((subnet) => ({ ...subnet, occupantGroups: ['/rg-others'] }))
  t.ok(isReported({}))
  t.notOk(isReported({}, false), 'nothing is detached')
  t.notOk(isReported({ subnets }), 'a machine of another owner is in the subnet')
  t.notOk(isReported({ natGateways: keyed([GATEWAY.gateway]) }), 'a Standard gateway')
})
