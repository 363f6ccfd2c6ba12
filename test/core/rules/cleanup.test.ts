import t from 'tap'
import { aSnapshot } from '../../support/a-cluster.ts'
import { has, planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './cleanup-cases.ts'

testTopic('cleanup', CASES)

t.test('an address that no range admits is not cut off by narrowing them', async (t) => {
  const withRanges = (...authorizedIPRanges: string[]) => aSnapshot({ cluster: { authorizedIPRanges } })
  const cleanUp = { narrow: ['192.0.2.0/24'], detach: false, delete: [] }
  const [address] = planFor(aSnapshot(), 'managedNATGateway').egressIps
  const narrowed = (...ranges: string[]) =>
    has('NARROWING_CUTS_OFF', withRanges(...ranges), 'loadBalancer', { cleanUp })
  t.ok(address?.address)
  t.notOk(narrowed('192.0.2.0/24', '203.0.113.0/24'), 'AKS admits its load balancer by itself')
  t.notOk(narrowed('192.0.2.0/24', `${address?.address}/32`), 'it stays admitted')
})
