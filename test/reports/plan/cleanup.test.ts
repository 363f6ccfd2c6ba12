import t from 'tap'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { sectionOf } from '../support/markup.ts'

const CLUSTER = { authorizedIPRanges: ['20.1.0.1/32', '20.50.0.0/24', '20.9.9.9/32'] }
const cleanupOf = (narrow: string[]) =>
  planFor(aSnapshot({ cluster: CLUSTER }), 'loadBalancer', {
    cleanUp: { detach: true, narrow, delete: [] },
  })

t.test('the report of a cleanup shows the ranges that it removes, and claims no change', async (t) => {
  const plan = cleanupOf(['20.9.9.9/32'])
  t.match(plan, { status: 'applicable', disruption: { existingConnections: 'unchanged' } })
  t.match(plan.rollback, { supported: false, support: null, plan: null })
  const report = markdownReport(plan)
  t.match(report, /^# Egress of demo: cleanup of an earlier job$/m)
  t.match(
    report,
    /A job can clean up the resources, attachments and ranges that an earlier job left on demo\./,
  )
  const summary = sectionOf(report, 'In short')
  t.match(summary, /API server:\*\* the plan removes 1 authorized IP range: 20\.9\.9\.9\/32\./)
  t.match(summary, /Open connections:\*\* not affected/)
  t.match(summary, /Rollback:\*\* not applicable to a cleanup\. The job steps state how to undo each step\./)
  const ranges = sectionOf(report, 'API server: authorized IP ranges')
  t.match(ranges, /The plan removes the ranges that are no longer needed\./)
  t.match(ranges, /`20\.9\.9\.9\/32` \| − removed by the plan/)
  t.match(ranges, /`20\.1\.0\.1\/32` \| kept/)
  t.match(ranges, /During the change, the authorized IP ranges have 3 of at most 200 entries\./)
  t.notMatch(report, /with new parameters|does not change the ranges|rollback restores everything/)
})

t.test('the report of a cleanup that finds nothing does not describe a change', async (t) => {
  const report = markdownReport(cleanupOf([]))
  t.match(report, /^# Egress of demo: cleanup of an earlier job$/m)
  t.match(report, /A cleanup of demo would remove nothing\. The findings of this plan state why\./)
  t.notMatch(report, /with the requested parameters/)
})
