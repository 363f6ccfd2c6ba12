import t from 'tap'
import { PLAN_STATUSES, type PlanStatus } from '../../../src/contract/plan-status.ts'
import { approvalStatus } from '../../../src/core/access/approvals.ts'

t.test(
  'the approval of a plan follows from its status, the policy, its approvals, and the window',
  async (t) => {
    const whenMissing: Record<PlanStatus, [open: string | null, closed: string | null]> = {
      applicable: ['pending', 'required'],
      blocked: ['required', 'required'],
      discarded: ['required', 'required'],
      expired: ['required', 'required'],
      stale: ['required', 'required'],
      executed: [null, null],
      noChange: [null, null],
    }
    for (const status of PLAN_STATUSES)
      for (const isWindowOpen of [true, false])
        for (const isRequired of [true, false]) {
          const plan = { status, isWindowOpen, isRequired }
          const missing = isRequired ? whenMissing[status][isWindowOpen ? 0 : 1] : null
          t.equal(approvalStatus({ ...plan, isGiven: false }), missing, JSON.stringify(plan))
          t.equal(approvalStatus({ ...plan, isGiven: true }), 'approved', JSON.stringify(plan))
        }
  },
)
