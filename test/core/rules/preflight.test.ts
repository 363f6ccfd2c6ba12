import t from 'tap'
import type { AuthorizationFacts } from '../../../src/core/snapshot/authorization-facts.ts'
import { aByoSnapshot, SUBSCRIPTION } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { onGateway } from '../../support/own-network.ts'
import { CLUSTER_ID, denied, withRights } from '../../support/permissions.ts'
import { testTopic } from '../../support/test-topic.ts'
import { CASES } from './preflight-cases.ts'

testTopic('preflight', CASES)

t.test('names the scope at which this service needs the Reader role', async (t) => {
  const remedyOf = (given: Partial<AuthorizationFacts>) =>
    planFor(
      aByoSnapshot(onGateway[0], { ...onGateway[1], surroundings: withRights(given) }),
      'userAssignedNATGateway',
    ).findings.find(({ code }) => code === 'PERM_NOT_CHECKED')?.remedy
  const id = CLUSTER_ID.toLowerCase()
  t.match(
    remedyOf({ callerPermissions: { [id]: denied('x') } }),
    /this service on the scope that this section shows\./,
  )
  t.match(
    remedyOf({ roleAssignments: { [SUBSCRIPTION]: denied('x') } }),
    /this service on the subscription of the scope that this section shows\./,
  )
})
