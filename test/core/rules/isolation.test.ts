import t from 'tap'
import { aSnapshot } from '../../support/a-cluster.ts'
import { has } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './isolation-cases.ts'

testTopic('isolation', CASES)

t.test('does not report ISO_REIMAGE_ORDER for an isolated cluster', async (t) => {
  const cluster = { outboundType: 'none', artifactSource: 'Cache', enablePrivateCluster: true }
  t.notOk(has('ISO_REIMAGE_ORDER', aSnapshot({ cluster }), 'block'))
  t.ok(has('ISO_REIMAGE_ORDER', aSnapshot({ cluster: { ...cluster, outboundType: 'loadBalancer' } }), 'none'))
})
