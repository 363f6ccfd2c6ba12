import t from 'tap'
import type { ApprovalStatus } from '../../../src/contract/approval.ts'
import { htmlReport, markdownReport } from '../../../src/reports/plan-report.ts'
import { EXAMPLE_APPROVAL } from '../../../src/routes/examples/jobs.ts'
import { EXAMPLE_PLAN } from '../../../src/routes/examples/plans.ts'

const AT = '2026-09-02T00:00:00.000Z'

t.test('the verdict and the summary of a report state the approval', async (t) => {
  const table: [ApprovalStatus | null, verdict: RegExp, summary: RegExp | null][] = [
    [
      'pending',
      /requires an approval.*after a second person approves the plan/s,
      /Approval:.*pending.*can be given until.*2026/s,
    ],
    ['approved', /A job can change/, /Approval:.*given by a second person/s],
    ['required', /approval window has ended/, /Approval:.*required and missing/s],
    [null, /A job can change/, null],
  ]
  const plan = { ...EXAMPLE_PLAN, status: 'applicable' as const }
  for (const [approval, verdict, summary] of table)
    for (const report of [htmlReport, markdownReport]) {
      const text = report({ ...plan, approval, approvableUntil: approval === null ? null : AT })
      t.match(text, verdict, `${approval}`)
      if (summary === null) t.notMatch(text, /Approval:/)
      else t.match(text, summary, `${approval}`)
      const asks = text.includes(`POST /v1/plans/${plan.id}/approvals`)
      t.equal(asks, approval === 'pending', 'the request of the approver')
    }
})

t.test('the summary of an approved plan names every person whose approval is valid', async (t) => {
  const approval = {
    ...EXAMPLE_APPROVAL,
    by: { id: 'bob', name: 'bob@example.com' },
    reason: 'CHG-1',
    at: AT,
  }
  const withdrawn = { ...approval, by: { id: 'eve', name: 'eve@example.com' }, withdrawnAt: AT }
  const plan = { ...EXAMPLE_PLAN, status: 'applicable' as const, approval: 'approved' as const }
  const text = markdownReport({ ...plan, approvals: [withdrawn, approval] })
  t.match(text, /Approval:\*\* given by `bob@example\.com` at 2026-09-02 00:00 UTC \(`CHG-1`\)\./)
  t.notMatch(text, /eve@/)
})
