import t from 'tap'
import { clusterPath, codesIn, editByArm, findingOf } from '../support/arm-edits.ts'
import { makePlan, planFor } from '../support/requests.ts'
import { type Loose, listOf, service } from '../support/service.ts'

/** N20: Windows OutboundNAT. */

const planner = await service(t)
const NAME = 'windows-nat'
const edit = (change: (body: Loose) => void) => editByArm(planner, clusterPath(NAME), change)

t.test('N20: loadBalancer is closed while a Windows pool has OutboundNAT disabled', async (t) => {
  const plan = await makePlan(planner, planFor(NAME, 'loadBalancer'))
  t.equal(plan.status, 'blocked')
  t.match(findingOf(plan, 'LB_WINDOWS_OUTBOUNDNAT_DISABLED'), {
    severity: 'blocker',
    facts: { pools: ['win'] },
  })
  t.equal(findingOf(plan, 'WINDOWS_NEW_OPTION'), undefined)
})

t.test(
  'N20: from loadBalancer to a NAT gateway, ordinary Windows pools hear that only new ones can disable it',
  async (t) => {
    await edit((body) => {
      for (const pool of listOf(body.properties?.agentPoolProfiles))
        if (String(pool.osType) === 'Windows')
          Object.assign(pool, { windowsProfile: { disableOutboundNat: false } })
    })
    t.ok(
      !codesIn(await makePlan(planner, planFor(NAME, 'loadBalancer'))).includes(
        'LB_WINDOWS_OUTBOUNDNAT_DISABLED',
      ),
    )
    await edit((body) =>
      Object.assign(body.properties?.networkProfile ?? {}, { outboundType: 'loadBalancer' }),
    )
    const plan = await makePlan(planner, planFor(NAME, 'userAssignedNATGateway'))
    t.equal(plan.status, 'applicable')
    t.match(findingOf(plan, 'WINDOWS_NEW_OPTION'), {
      severity: 'info',
      facts: { pools: ['win'] },
      message: /on new ones only/,
    })
  },
)

t.test('N20: a cluster without Windows pools hears nothing of it', async (t) => {
  const plan = await makePlan(planner, planFor('lb-byo-nat-attached', 'userAssignedNATGateway'))
  t.notOk(codesIn(plan).some((code) => code.startsWith('WINDOWS_')))
})
