import t from 'tap'
import type { ApprovalStatus } from '../../../src/contract/approval.ts'
import { htmlReport, markdownReport } from '../../../src/reports/plan-report.ts'
import { EXAMPLE_APPROVAL, EXAMPLE_PLAN } from '../../../src/routes/examples/jobs.ts'

const AT = '2026-09-02T00:00:00.000Z'

t.test('the verdict and the summary of a report state the approval', async (t) => {
  const table: [ApprovalStatus | null, verdict: RegExp, summary: RegExp | null][] = [
    [
      'pending',
      /requires an approval.*After a second person approves the plan, a job can change/s,
      /Approval:.*pending.*The approval can be given until.*2026/s,
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
      const unread = report({ ...plan, approval, acknowledgementsRequired: [] })
      t.equal(/None\. To execute the plan, send/.test(unread), approval === 'approved' || approval === null)
      t.equal(text.includes('POST /v1/jobs'), approval !== 'required', 'the request for the job')
      t.equal(text.includes('Executable until'), approval !== 'required')
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

t.test('the summary names an approval that was withdrawn', async (t) => {
  const eve = { id: 'eve', name: 'eve@example.com' }
  const approvals = [{ ...EXAMPLE_APPROVAL, by: eve, withdrawnAt: AT, withdrawnBy: eve }]
  const withdrawn =
    'The approval of `eve@example.com` was withdrawn by `eve@example.com` at 2026-09-02 00:00 UTC.'
  const summaryOf = (approval: ApprovalStatus | null) =>
    markdownReport({ ...EXAMPLE_PLAN, status: 'executed', approval, approvals })
  t.match(summaryOf(null), `**Approval:** withdrawn. ${withdrawn}`)
  t.match(
    summaryOf('pending'),
    `**Approval:** pending. A second person must approve the plan before a job can execute it.`,
  )
  t.match(summaryOf('pending'), withdrawn)
  t.match(summaryOf('required'), withdrawn)
})

t.test('the verdict says that another job of the cluster has to end first', async (t) => {
  const activeJob = { id: 'job-9', status: 'Running', beginsAt: null, isHeld: false } as const
  const text = markdownReport({ ...EXAMPLE_PLAN, status: 'applicable', approval: null, activeJob })
  t.match(text, /Ready after another job\.\*\*/)
  t.match(
    text,
    /the job `job-9` of this cluster had not ended\. This plan can be executed only after that job ends\./,
  )
})
