import type { TSchema } from 'typebox'
import {
  AllowListImpactSchema,
  AllowListsPlanSchema,
  ConsumerRequestSchema,
  ConsumerSchema,
} from './allow-lists.ts'
import { ApprovalRequestSchema, ApprovalSchema, PlanApprovalsSchema } from './approval.ts'
import { AuditRecordSchema } from './audit.ts'
import { SnatSchema, SnatSideSchema, ZoneResilienceSchema, ZoneSideSchema } from './egress.ts'
import { EgressReportSchema, IpChangeSchema, IpChangesSchema } from './egress-report.ts'
import { JOB_PART_SCHEMAS, JobLogEntrySchema, JobRequestSchema, JobSchema } from './job-requests.ts'
import {
  AuthorizedRangesPlanSchema,
  ClusterRefSchema,
  DisruptionSchema,
  EgressIpChangeSchema,
  PathChangeSchema,
  PlanFromSchema,
  PlanSchema,
  PlanSummarySchema,
  PlanTransitionSchema,
  ResourceChangeSchema,
  RollbackOutlookSchema,
} from './plan.ts'
import { FindingSchema, HandoffSchema, TransitionSchema } from './plan-parts.ts'
import { PlanRequestSchema, RequestedTargetSchema, TargetSchema } from './plan-request.ts'
import { PreflightSchema } from './preflight.ts'
import { PreparationSchema } from './preparation.ts'
import { FaultSchema, ProblemKindSchema, ProblemSchema } from './problem.ts'
import { RequiredEndpointSchema, RequiredEndpointsSchema, SubnetRoutingSchema } from './routing.ts'
import { FieldChangeSchema, StepActionSchema, StepSchema } from './steps.ts'
import { WEBHOOK_REQUEST_SCHEMAS } from './webhook.ts'
import { WEBHOOK_SCHEMAS } from './webhook-messages.ts'

/** Every schema with a name of its own, as the OpenAPI document lists it under `components`. */
export const COMPONENT_SCHEMAS: readonly TSchema[] = [
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
  ...JOB_PART_SCHEMAS,
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
  ...WEBHOOK_SCHEMAS,
  ...WEBHOOK_REQUEST_SCHEMAS,
  ZoneResilienceSchema,
  ZoneSideSchema,
]
