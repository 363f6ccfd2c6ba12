import t from 'tap'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
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
