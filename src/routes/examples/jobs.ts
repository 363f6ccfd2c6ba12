import type { Approval, PlanApprovals } from '../../contract/approval.ts'
import type { AuditRecord } from '../../contract/audit.ts'
import type { Job, JobLogEntry, JobStep } from '../../contract/job.ts'
import { GENESIS_HASH } from '../../core/audit/audit.ts'
import { EXAMPLE_PLAN } from './plans.ts'

const STARTED = '2026-09-01T00:05:01.000Z'

function step(key: JobStep['key'], title: string, status: JobStep['status']): JobStep {
  const isBegun = status !== 'Pending'
  return {
    key,
    title,
    status,
    startedAt: isBegun ? STARTED : null,
    finishedAt: status === 'Succeeded' ? STARTED : null,
    attempts: isBegun ? 1 : 0,
  }
}

/** A job in the middle of its work. */
export const EXAMPLE_JOB: Job = {
  id: '01990000-0000-7000-8000-000000000002',
  planId: '01990000-0000-7000-8000-000000000001',
  cluster: {
    id: '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg-demo/providers/Microsoft.ContainerService/managedClusters/lb-byo-nat-attached',
    subscriptionId: '11111111-1111-1111-1111-111111111111',
    resourceGroup: 'rg-demo',
    name: 'lb-byo-nat-attached',
  },
  status: 'Running',
  azure: 'simulated',
  createdBy: 'anonymous',
  reason: 'CHG-1234',
  approvals: [],
  progress: { done: 1, total: 4 },
  currentStep: 'change-outbound-type',
  steps: [
    step('check-freshness', 'Check that the cluster is still as the plan saw it', 'Succeeded'),
    step(
      'change-outbound-type',
      'Change the outbound type from loadBalancer to userAssignedNATGateway',
      'Running',
    ),
    step('verify', 'Read the cluster back and compare it with the target', 'Pending'),
    step('discover-egress-ips', 'Read the egress addresses that the cluster has now', 'Pending'),
  ],
  timestamps: {
    acceptedAt: '2026-09-01T00:05:00.000Z',
    startedAt: STARTED,
    finishedAt: null,
    cancelRequestedAt: null,
  },
  error: null,
  warnings: [],
  onFailure: 'stop',
  schedule: null,
  hold: null,
  rollback: null,
  preparedAddresses: [],
  result: null,
  actions: { cancel: true, release: false, rollbackPlan: false, cleanUpPlan: false },
}

export const EXAMPLE_JOB_LOG_ENTRY: JobLogEntry = {
  sequence: 1,
  at: '2026-09-01T00:05:00.000Z',
  type: 'accepted',
  step: null,
  message: 'The job was accepted.',
}

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
  previousHash: GENESIS_HASH,
  hash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
}

export const APPROVAL_REQUEST_EXAMPLES = {
  changeNumber: { summary: 'An approval with the number of the change', value: { reason: 'CHG-1234' } },
}
