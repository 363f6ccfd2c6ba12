import t from 'tap'
import { aByoSnapshot, aSnapshot, features } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './manual-checks-cases.ts'

testTopic('manual-checks', CASES)

t.test('questions belong to the change, and a change without any asks none', async (t) => {
  const asked = (...given: Parameters<typeof planFor>) => {
    const found = planFor(...given).findings.find((each) => each.code === 'ASK_BEFOREHAND')
    return (found?.facts.questions as { rule: string }[] | undefined)?.map((each) => each.rule) ?? []
  }
  t.strictSame(asked(aByoSnapshot(...onGateway), 'userAssignedNATGateway'), [])
  t.strictSame(asked(aByoSnapshot(), 'userAssignedNATGateway'), [
    'UANAT_BASIC_NEIGHBOURS',
    'UANAT_FAILED_NIC',
  ])
  const registry = features({ bootstrapRegistryId: '/registry' })
  t.strictSame(asked(aSnapshot({ cluster: { features: registry } }), 'none'), [
    'ISO_EXTENSIONS',
    'ISO_STORAGE_CLASS',
    'ISO_ACR_SKU',
  ])
  t.strictSame(
    asked(aSnapshot({ cluster: { outboundType: 'none', features: registry } }), 'loadBalancer'),
    [],
  )
  t.strictSame(asked(aSnapshot({ cluster: { staticEgressGateway: true } }), 'loadBalancer'), [], 'no change')
})
