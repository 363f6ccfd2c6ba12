import t from 'tap'
import { clusterPath, codesIn, editByArm, findingOf } from '../support/arm-edits.ts'
import { makePlan, planFor } from '../support/requests.ts'
import { service } from '../support/service.ts'

/** N22: default outbound access and static egress gateways are spoken of only where it is true. */

const planner = await service(t)
const NOTES = ['DEFAULT_OUTBOUND_LEAK', 'SEG_PRESENT', 'SEG_LIMITS', 'NODEIP_POOL_DEFAULT_OUTBOUND']

t.test('N22: ordinary clusters hear nothing of either', async (t) => {
  for (const [name, target] of [
    ['lb-managed', 'managedNATGateway'],
    ['lb-managed', 'managedNATGatewayV2'],
    ['lb-byo-nat-attached', 'userAssignedNATGateway'],
    ['lb-byo-udr-ready', 'userDefinedRouting'],
    ['nat-byo', 'loadBalancer'],
  ] as const) {
    const plan = await makePlan(planner, planFor(name, target))
    t.strictSame(
      codesIn(plan).filter((code) => NOTES.includes(code)),
      [],
      `${name} to ${target}`,
    )
  }
})

t.test('N22: none on a subnet of the user without explicit egress is not isolation', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo', 'none'))
  t.match(findingOf(plan, 'DEFAULT_OUTBOUND_LEAK'), { severity: 'warning', facts: { subnets: ['nodes'] } })
  const routed = await makePlan(planner, planFor('lb-byo-udr-ready', 'none'))
  t.equal(findingOf(routed, 'DEFAULT_OUTBOUND_LEAK'), undefined, 'a default route is explicit egress')
})

t.test(
  'N22: a static egress gateway is an addition: it is named, and its own addresses are not in the ledger',
  async (t) => {
    const before = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    await editByArm(planner, clusterPath('lb-managed'), (body) => {
      Object.assign(body.properties?.networkProfile ?? {}, { staticEgressGatewayProfile: { enabled: true } })
    })
    const plan = await makePlan(planner, planFor('lb-managed', 'managedNATGateway'))
    t.match(findingOf(plan, 'SEG_PRESENT'), { severity: 'warning', message: /addition to the outbound type/ })
    t.strictSame(plan.egressIps, before.egressIps)
    t.match(findingOf(plan, 'ASK_BEFOREHAND'), {
      facts: { questions: [{ rule: 'SNAT_NAT_SIZING' }, { rule: 'SEG_PRIVATE_MODE' }] },
    })
  },
)
