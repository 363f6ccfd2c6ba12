import type { TSchema } from 'typebox'
import { AllowListImpactSchema, AllowListsPlanSchema, ConsumerSchema } from './allow-lists.ts'
import { ApprovalRequestSchema, ApprovalSchema, PlanApprovalsSchema } from './approval.ts'
import { AuditRecordSchema } from './audit.ts'
import { ConsumerRequestSchema } from './consumer-request.ts'
import { EgressReportSchema } from './egress-report.ts'
import { FindingSchema } from './finding.ts'
import { HandoffSchema } from './handoff.ts'
import { IpChangeSchema, IpChangesSchema } from './ip-changes.ts'
import { JOB_PARTS, JobLogEntrySchema, JobRequestSchema, JobSchema } from './job.ts'
import { PlanSchema, PlanSummarySchema } from './plan.ts'
import {
  AuthorizedRangesPlanSchema,
  ClusterRefSchema,
  DisruptionSchema,
  EgressIpChangeSchema,
  PathChangeSchema,
  PlanFromSchema,
  PlanTransitionSchema,
  ResourceChangeSchema,
  RollbackOutlookSchema,
} from './plan-parts.ts'
import { PlanRequestSchema, RequestedTargetSchema } from './plan-request.ts'
import { PreflightSchema } from './preflight.ts'
import { PreparationSchema } from './preparation.ts'
import { FaultSchema, ProblemKindSchema, ProblemSchema } from './problem.ts'
import { RequiredEndpointSchema, RequiredEndpointsSchema, SubnetRoutingSchema } from './routing.ts'
import { SnatSchema, SnatSideSchema } from './snat.ts'
import { FieldChangeSchema, StepActionSchema, StepSchema } from './step.ts'
import { TargetSchema } from './target.ts'
import { TransitionSchema } from './transition.ts'
import { WEBHOOK_PARTS } from './webhook.ts'
import { WEBHOOK_REQUESTS } from './webhook-request.ts'
import { ZoneResilienceSchema, ZoneSideSchema } from './zone-resilience.ts'

/** Every schema with a name of its own, as the OpenAPI document lists it under `components`. */
export const SHARED_SCHEMAS: readonly TSchema[] = [
  ApprovalRequestSchema,
  ApprovalSchema,
  AuditRecordSchema,
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
  IpChangeSchema,
  IpChangesSchema,
  JobLogEntrySchema,
  ...JOB_PARTS,
  JobRequestSchema,
  JobSchema,
  PathChangeSchema,
  PlanApprovalsSchema,
  PlanFromSchema,
  PlanRequestSchema,
  PlanSchema,
  PlanSummarySchema,
  PlanTransitionSchema,
  PreflightSchema,
  ProblemKindSchema,
  ProblemSchema,
  PreparationSchema,
  RequestedTargetSchema,
  RequiredEndpointSchema,
  RequiredEndpointsSchema,
  ResourceChangeSchema,
  RollbackOutlookSchema,
  SnatSchema,
  SnatSideSchema,
  FieldChangeSchema,
  StepActionSchema,
  StepSchema,
  SubnetRoutingSchema,
  TargetSchema,
  TransitionSchema,
  ...WEBHOOK_PARTS,
  ...WEBHOOK_REQUESTS,
  ZoneResilienceSchema,
  ZoneSideSchema,
]
