import type { Approval } from '../../core/access/approval.ts'
import { NO_HASH } from '../../core/audit/audit.ts'
import type { AuditRecord } from '../../database/audit.ts'
import type { PlanApprovals } from '../../jobs/approvals.ts'
import { EXAMPLE_JOB } from './job.ts'
import { EXAMPLE_PLAN } from './plan.ts'

const APPROVER = { id: '44444444-4444-4444-4444-444444444444', name: 'second.person@example.com' }

export const EXAMPLE_APPROVAL: Approval = {
  id: '01990000-0000-7000-8000-000000000003',
  planId: EXAMPLE_PLAN.id,
  at: '2026-09-01T00:04:00.000Z',
  by: APPROVER,
  reason: 'CHG-1234',
  withdrawnAt: null,
  withdrawnBy: null,
}

export const EXAMPLE_APPROVALS: PlanApprovals = {
  planId: EXAMPLE_PLAN.id,
  required: true,
  given: true,
  expiresAt: EXAMPLE_PLAN.expiresAt,
  items: [EXAMPLE_APPROVAL],
}

export const EXAMPLE_AUDIT_RECORD: AuditRecord = {
  sequence: 1,
  id: '01990000-0000-7000-8000-000000000004',
  at: '2026-09-01T00:05:00.000Z',
  actor: {
    id: '55555555-5555-5555-5555-555555555555',
    kind: 'user',
    name: 'first.person@example.com',
    appId: '66666666-6666-6666-6666-666666666666',
  },
  operation: 'createJob',
  outcome: 'allowed',
  code: null,
  clusterId: EXAMPLE_JOB.cluster.id.toLowerCase(),
  planId: EXAMPLE_PLAN.id,
  jobId: EXAMPLE_JOB.id,
  webhookId: null,
  reason: 'CHG-1234',
  address: '192.0.2.7',
  userAgent: 'portal/4.2',
  requestId: '5d0f3c1e-6c0b-4f43-9a53-0b2a5a0f7c11',
  armRequestIds: ['7b1c1f5e-2f63-4c0a-9d0b-0a2d3f9b6f10'],
  previousHash: NO_HASH,
  hash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
}

export const APPROVAL_REQUEST_EXAMPLES = {
  changeNumber: { summary: 'An approval with the number of the change', value: { reason: 'CHG-1234' } },
}
