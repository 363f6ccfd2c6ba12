import type { TSchema } from 'typebox'
import { AllowListImpactSchema, AllowListsPlanSchema, ConsumerSchema } from './allow-lists.ts'
import { ConsumerRequestSchema } from './consumer-request.ts'
import { EgressReportSchema } from './egress-report.ts'
import { FindingSchema } from './finding.ts'
import { HandoffSchema } from './handoff.ts'
import { JOB_PARTS, JobLogEntrySchema, JobRequestSchema, JobSchema } from './job.ts'
import { PlanSchema, PlanSummarySchema } from './plan.ts'
import {
  AuthorizedRangesPlanSchema,
  ClusterRefSchema,
  DisruptionSchema,
  EgressIpChangeSchema,
  PlanFromSchema,
  PlanTransitionSchema,
  ResourceChangeSchema,
  RollbackOutlookSchema,
} from './plan-parts.ts'
import { PlanRequestSchema, RequestedTargetSchema } from './plan-request.ts'
import { FaultSchema, ProblemKindSchema, ProblemSchema } from './problem.ts'
import { SnatSchema, SnatSideSchema } from './snat.ts'
import { StepSchema } from './step.ts'
import { TargetSchema } from './target.ts'
import { TransitionSchema } from './transition.ts'

/** Every schema with a name of its own, as the OpenAPI document lists it under `components`. */
export const SHARED_SCHEMAS: readonly TSchema[] = [
  AllowListImpactSchema,
  AllowListsPlanSchema,
  AuthorizedRangesPlanSchema,
  ClusterRefSchema,
  ConsumerRequestSchema,
  ConsumerSchema,
  DisruptionSchema,
  EgressIpChangeSchema,
  EgressReportSchema,
  FaultSchema,
  FindingSchema,
  HandoffSchema,
  JobLogEntrySchema,
  ...JOB_PARTS,
  JobRequestSchema,
  JobSchema,
  PlanFromSchema,
  PlanRequestSchema,
  PlanSchema,
  PlanSummarySchema,
  PlanTransitionSchema,
  ProblemKindSchema,
  ProblemSchema,
  RequestedTargetSchema,
  ResourceChangeSchema,
  RollbackOutlookSchema,
  SnatSchema,
  SnatSideSchema,
  StepSchema,
  TargetSchema,
  TransitionSchema,
]
