import t from 'tap'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { aByoSnapshot, aSnapshot } from '../../support/a-cluster.ts'
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
    sectionOf(markdownReport(plan), 'Rollback').match(/stay attached|does not detach the resources/g)?.length,
    1,
  )
})

t.test('lists only those paths of a rollback that the cluster does not exclude', async (t) => {
  const sectionFor = (plan: ReturnType<typeof planFor>) => sectionOf(markdownReport(plan), 'Rollback')
  const plan = planFor(aSnapshot(), 'managedNATGateway')
  t.match(plan.rollback, { isNetworkIsolated: false, routes: [/none/, /block/] })
  t.match(sectionFor(plan), /`none` and `block` are not possible: .* this cluster is not network-isolated\./)
  t.notMatch(sectionFor(plan), /possible in theory|→/)

  const isolated = planFor(aSnapshot({ cluster: { artifactSource: 'cache' } }), 'managedNATGateway')
  t.equal(isolated.rollback.isNetworkIsolated, true)
  t.match(sectionFor(isolated), /`managedNATGateway` → `none` → `loadBalancer`[\s\S]*own prerequisites\.\n/)
  t.notMatch(sectionFor(isolated), /network-isolated/)

  const { isNetworkIsolated: _, ...former } = plan.rollback
  t.match(sectionFor({ ...plan, rollback: former }), /→[\s\S]*are only for network-isolated clusters\./)
})

t.test('calls a rollback indirect only if the cluster has an indirect path', async (t) => {
  const plan = planFor(aSnapshot(), 'managedNATGateway')
  const unsupported = { support: 'unsupported' as const, plan: null, target: null }
  const reportFor = (isNetworkIsolated: boolean) =>
    markdownReport({ ...plan, rollback: { ...plan.rollback, ...unsupported, isNetworkIsolated } })
  t.match(reportFor(false), /Rollback:\*\* not supported by AKS\./)
  t.match(reportFor(false), /AKS does not support a rollback\./)
  t.match(reportFor(true), /Rollback:\*\* not directly supported by AKS\./)
  t.match(reportFor(true), /AKS does not support a direct rollback\./)
})
