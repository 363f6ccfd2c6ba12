import t from 'tap'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { aByoSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { sectionOf } from '../support/markup.ts'

t.test('a report promises no complete rollback if blockers would prevent the rollback plan', async (t) => {
  const cluster = { outboundType: 'none', loadBalancerProfile: null, artifactSource: 'Direct' } as const
  const plan = planFor(aByoSnapshot({ defaultOutboundAccess: false }, { cluster }), 'loadBalancer')
  t.match(plan.rollback, { supported: true, lost: [], plan: { status: 'blocked' } })
  const report = markdownReport(plan)
  t.notMatch(report, 'restores everything')
  t.match(
    sectionOf(report, 'In short'),
    /Rollback:\*\* supported by AKS, but blocked directly after the change\. See the section "Rollback"\./,
  )
  t.match(sectionOf(report, 'Rollback'), /Blockers: `ISO_NOT_NETWORK_ISOLATED`/)
})

t.test('a report states once that attached resources stay attached', async (t) => {
  const plan = planFor(aByoSnapshot(), 'userAssignedNATGateway', { prepare: { natGateway: {} } })
  t.equal(
    sectionOf(markdownReport(plan), 'Rollback').match(/stays attached|does not detach the resources/g)
      ?.length,
    1,
  )
})
