import t from 'tap'
import { aSnapshot } from '../../support/a-cluster.ts'
import { has, planFor } from '../../support/a-plan.ts'
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
