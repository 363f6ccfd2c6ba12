import t from 'tap'
import { aByoSnapshot, aSnapshot, features } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './manual-checks-cases.ts'

testTopic('manual-checks', CASES)

t.test('asks only the questions that apply to the change', async (t) => {
  const askedRules = (...planned: Parameters<typeof planFor>) => {
    const finding = planFor(...planned).findings.find(({ code }) => code === 'ASK_BEFOREHAND')
    return (finding?.facts.questions as { rule: string }[] | undefined)?.map(({ rule }) => rule) ?? []
  }
  t.strictSame(askedRules(aByoSnapshot(...onGateway), 'userAssignedNATGateway'), [])
  t.strictSame(askedRules(aByoSnapshot(), 'userAssignedNATGateway'), ['UANAT_FAILED_NIC'])
  const shared = aByoSnapshot({ occupantGroups: ['/subscriptions/s/resourcegroups/rg-others'] })
  t.strictSame(askedRules(shared, 'userAssignedNATGateway'), ['UANAT_BASIC_NEIGHBOURS', 'UANAT_FAILED_NIC'])
  const registry = features({ bootstrapRegistryId: '/registry' })
  t.strictSame(askedRules(aSnapshot({ cluster: { features: registry } }), 'none'), [
    'ISO_EXTENSIONS',
    'ISO_STORAGE_CLASS',
    'ISO_ACR_SKU',
    'ISO_ACR_AUTHENTICATION',
  ])
  t.strictSame(
    askedRules(aSnapshot({ cluster: { outboundType: 'none', features: registry } }), 'loadBalancer'),
    [],
  )
  t.strictSame(
    askedRules(aSnapshot({ cluster: { staticEgressGateway: true } }), 'loadBalancer'),
    [],
    'no change',
  )
})
