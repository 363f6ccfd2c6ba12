import t from 'tap'
import { aPool, aSnapshot } from '../../support/a-cluster.ts'
import { codesOf, planFor } from '../../support/a-plan.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './node-pools-cases.ts'

testTopic('node-pools', CASES)

t.test('a pool that shows no provisioning state is not reported as failed', async (t) => {
  const blockers = (provisioningState: string | null) => {
    const cluster = { agentPools: [aPool(), aPool({ name: 'other', provisioningState })] }
    return codesOf(planFor(aSnapshot({ cluster }), 'managedNATGateway'), 'blocker')
  }
  t.strictSame(blockers(null), [])
  for (const state of ['Succeeded', 'succeeded']) t.strictSame(blockers(state), [], state)
  for (const state of ['Failed', 'Updating', 'AStateOfTheNextApiVersion'])
    t.strictSame(blockers(state), ['POOL_NOT_SUCCEEDED'], state)
})
