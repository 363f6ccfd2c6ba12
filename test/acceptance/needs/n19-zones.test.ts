import t from 'tap'
import { findingOf, onlyCluster } from '../support/arm-edits.ts'
import { makePlan, planFor } from '../support/requests.ts'
import { service } from '../support/service.ts'

/** N19: zones. */

const planner = await service(t)

t.test(
  'N19: a Standard gateway under pools of three zones is warned of, with StandardV2 as the remedy',
  async (t) => {
    const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    t.match(findingOf(plan, 'NATV1_SINGLE_ZONE'), {
      severity: 'warning',
      facts: { zones: ['1', '2', '3'] },
      remedy: /StandardV2/,
    })
    t.match(plan.zoneResilience, {
      poolZones: ['1', '2', '3'],
      before: { kind: 'zoneRedundant' },
      after: { kind: 'zonal' },
    })
  },
)

t.test('N19: StandardV2 keeps the egress through the loss of a zone', async (t) => {
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGatewayV2'))
  t.equal(findingOf(plan, 'NATV1_SINGLE_ZONE'), undefined)
  t.equal(plan.zoneResilience?.after?.kind, 'zoneRedundant')
})

t.test('N19: an own Standard gateway is warned of as well', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.match(findingOf(plan, 'UANAT_SINGLE_ZONE'), { severity: 'warning', remedy: /StandardV2/ })
})

t.test('N19: StandardV2 in a region that has none is blocked', async (t) => {
  await onlyCluster(planner, 'lb-managed', (cluster) => Object.assign(cluster, { location: 'canadaeast' }))
  const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGatewayV2'))
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'NATV2_REGION'), { severity: 'blocker', facts: { location: 'canadaeast' } })
})
