import type { Approval } from '../../contract/approval.ts'
import type { Job, JobLogEntry, JobStep } from '../../contract/job.ts'
import type { Plan } from '../../contract/plan.ts'
import type { JobOutcome } from '../../core/job/job-outcome.ts'
import plan from './plan.json' with { type: 'json' }

/** A plan as the planner builds it, for the OpenAPI document. A test validates it against the schema. */
export const EXAMPLE_PLAN = plan as unknown as Plan

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

/** A running job. */
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
    step('check-freshness', 'Check that the plan is not stale', 'Succeeded'),
    step(
      'change-outbound-type',
      'Change the outbound type from loadBalancer to userAssignedNATGateway',
      'Running',
    ),
    step('verify', 'Verify that the cluster matches the target', 'Pending'),
    step('discover-egress-ips', 'Discover the current egress addresses', 'Pending'),
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
  message: 'Job accepted for anonymous.',
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

/** The example job after its end, with the addresses that it found. */
export const EXAMPLE_ENDED_JOB: Job = {
  ...EXAMPLE_JOB,
  status: 'Succeeded',
  progress: { done: 4, total: 4 },
  currentStep: null,
  steps: EXAMPLE_JOB.steps.map((item, index) => ({
    ...item,
    status: 'Succeeded',
    startedAt: `2026-09-01T00:0${5 + index}:10.000Z`,
    finishedAt: `2026-09-01T00:0${6 + index}:00.000Z`,
    attempts: 1,
  })),
  timestamps: { ...EXAMPLE_JOB.timestamps, finishedAt: '2026-09-01T00:09:00.000Z' },
  result: {
    outboundType: 'userAssignedNATGateway',
    natGatewaySku: 'Standard',
    egressIps: EXAMPLE_PLAN.egressIps.flatMap(({ address, family, resourceId, change }) =>
      address === null || change === 'lost' ? [] : [{ address, family, resourceId }],
    ),
    authorizedIPRanges: [],
    leftBehind: [],
  },
  actions: {
    cancel: false,
    release: false,
    rollbackPlan: true,
    cleanUpPlan: true,
    reschedule: false,
    reconcilePlan: true,
  },
}

export const EXAMPLE_OUTCOME: JobOutcome = {
  job: EXAMPLE_ENDED_JOB,
  stage: 'confirmed',
  hasMoved: true,
  confirmedBy: null,
  supersededBy: null,
  cleanups: [],
  plan: EXAMPLE_PLAN,
}
