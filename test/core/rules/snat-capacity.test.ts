import t from 'tap'
import { aByoSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { onGateway } from '../../support/own-network.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './snat-capacity-cases.ts'

testTopic('snat-capacity', CASES)

t.test('names another plan for more ports after a cleanup, which takes no target', async (t) => {
  const remedyOf = (snapshot = aByoSnapshot(...onGateway)) => {
    const cleanUp = { detach: true, narrow: [], delete: [] }
    const { findings } = planFor(snapshot, 'loadBalancer', { cleanUp })
    return findings.find(({ code }) => code === 'SNAT_DROPS')?.remedy
  }
  t.match(
    remedyOf(),
    /^Execute a plan for the current outbound type before the cleanup\. In that plan, (set|request) .* so that each node has at least [\d,]+ SNAT ports\.$/,
  )
})
