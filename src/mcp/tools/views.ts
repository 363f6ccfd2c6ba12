import { type TObject, Type } from 'typebox'
import { ComparisonSchema } from '../../contract/comparison.ts'
import { EgressReportSchema } from '../../contract/egress-report.ts'
import { FindingKindSchema } from '../../contract/finding.ts'
import { InventoryClusterSchema } from '../../contract/inventory.ts'
import { JobSchema } from '../../contract/job.ts'
import { pageOf } from '../../contract/parameters.ts'
import { PlanSchema } from '../../contract/plan.ts'
import type { View } from '../schemas.ts'

/** A page of the inventory. */
export const CLUSTERS_VIEW: View = {
  root: 'clusters',
  schema: pageOf(InventoryClusterSchema) as unknown as TObject,
  summary: ['next', 'items'],
  briefs: {
    items: [
      'subscriptionId',
      'resourceGroup',
      'name',
      'location',
      'declared',
      'effective',
      'addresses',
      'isComplete',
      'flags',
      'asOf',
    ],
  },
  always: ['next', 'items'],
}

export const EGRESS_VIEW: View = {
  root: 'egress',
  schema: EgressReportSchema as unknown as TObject,
  summary: ['cluster', 'asOf', 'declared', 'effective', 'egressIps', 'authorizedRanges', 'targets', 'unread'],
  briefs: {},
}

export const COMPARISON_VIEW: View = {
  root: 'comparison',
  schema: ComparisonSchema as unknown as TObject,
  summary: ['cluster', 'asOf', 'declared', 'targets', 'unread'],
  briefs: { targets: ['target', 'rank', 'verdict', 'support', 'why', 'reasons', 'addresses'] },
}

export const PLAN_VIEW: View = {
  root: 'plan',
  schema: PlanSchema as unknown as TObject,
  summary: [
    'id',
    'status',
    'jobId',
    'approval',
    'approvableUntil',
    'expiresAt',
    'azure',
    'cluster',
    'acknowledgementsRequired',
    'transition',
    'findings',
    'cutOver',
    'egressIps',
    'steps',
    'disruption',
    'activeJob',
  ],
  briefs: {
    findings: ['code', 'severity', 'confidence', 'message', 'remedy'],
    egressIps: ['address', 'change', 'recoverable'],
    steps: ['key', 'title'],
  },
}

export const JOB_VIEW: View = {
  root: 'job',
  schema: JobSchema as unknown as TObject,
  summary: [
    'id',
    'planId',
    'status',
    'azure',
    'cluster',
    'progress',
    'currentStep',
    'hold',
    'error',
    'rollback',
    'actions',
    'beginsAt',
    'preparedAddresses',
    'result',
    'warnings',
    'steps',
  ],
  briefs: { steps: ['key', 'title', 'status'] },
}

/** The job of a plan. An agent executes a plan once, so a repeated call returns the same job with a notice. */
export const EXECUTE_VIEW: View = {
  ...JOB_VIEW,
  schema: Type.Object({ ...JobSchema.properties, alreadyExecuted: Type.String() }) as unknown as TObject,
  summary: ['alreadyExecuted', ...JOB_VIEW.summary],
  always: ['alreadyExecuted'],
}

export const FINDING_VIEW: View = {
  root: 'finding',
  schema: FindingKindSchema as unknown as TObject,
  summary: ['code', 'severity', 'confidence', 'sample', 'sources', 'instead'],
  briefs: {},
}
