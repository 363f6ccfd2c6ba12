import t from 'tap'
import { markdownReport } from '../../../src/reports/plan-report.ts'
import { aSnapshot } from '../../support/a-cluster.ts'
import { planFor } from '../../support/a-plan.ts'
import { sectionOf } from '../support/markup.ts'

t.test('shows the note of a consumer, and when its new addresses become known', async (t) => {
  const consumers = [{ name: 'Bank', note: 'by *mail*' }]
  const plan = planFor(aSnapshot(), 'managedNATGateway', { consumers })
  const rowIn = (text: string) => /^\| Bank.*$/m.exec(sectionOf(text, 'Allow lists of other resources'))?.[0]
  t.match(
    rowIn(markdownReport(plan)),
    /^\| Bank; by \\\*mail\\\* \| +\| 1 unknown at plan time \| 20\.1\.0\.1 \|$/,
  )
  t.match(rowIn(markdownReport({ ...plan, stage: 'planned' })), '| 1 not known yet |')
})

t.test('does not promise that the job reports an address that Azure does not show', async (t) => {
  const plan = planFor(aSnapshot(), 'managedNATGateway', { consumers: [{ name: 'Bank' }] })
  const egressIps = plan.egressIps.map((item) =>
    item.change === 'added' ? { ...item, change: 'unknown' as const } : item,
  )
  const text = sectionOf(markdownReport({ ...plan, egressIps }), 'Allow lists of other resources')
  t.match(text, '| 1 not visible in Azure Resource Manager |')
  t.notMatch(text, /unknown at plan time|the job reports/)
})
