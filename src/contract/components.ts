import type { TSchema } from 'typebox'
import { AllowListImpactSchema, AllowListsPlanSchema, ConsumerSchema } from './allow-lists.ts'
import { ApprovalRequestSchema, ApprovalSchema, PlanApprovalsSchema } from './approval.ts'
import { AuditRecordSchema } from './audit.ts'
import { ClusterRefSchema } from './cluster.ts'
import {
  AttemptSchema,
  DeliverySchema,
  DeliveryWithPayloadSchema,
  ReplayedSchema,
  ReplayRequestSchema,
  WebhookMessageSchema,
} from './delivery.ts'
import {
  AuthorizedRangesPlanSchema,
  EgressIpChangeSchema,
  IpChangeSchema,
  IpChangesSchema,
  PathChangeSchema,
  SnatSchema,
  SnatSideSchema,
  ZoneResilienceSchema,
  ZoneSideSchema,
} from './egress.ts'
import { EgressReportSchema } from './egress-report.ts'
import { FindingSchema } from './finding.ts'
import {
  JobErrorSchema,
  JobHoldSchema,
  JobLogEntrySchema,
  JobResultSchema,
  JobSchema,
  JobStepSchema,
  MaintenanceWindowSchema,
  ScheduleSchema,
} from './job.ts'
import { CancelRequestSchema, JobRequestSchema, ReleaseRequestSchema } from './job-requests.ts'
import { PlanTransitionSchema, TransitionSchema } from './outbound-type.ts'
import {
  DisruptionSchema,
  HandoffSchema,
  PlanSchema,
  PlanSummarySchema,
  ResourceChangeSchema,
  RollbackOutlookSchema,
} from './plan.ts'
import { ConsumerRequestSchema, PlanRequestSchema } from './plan-request.ts'
import { PreflightSchema } from './preflight.ts'
import { PreparationSchema } from './preparation.ts'
import { FaultSchema, ProblemKindSchema, ProblemSchema } from './problem.ts'
import { RequiredEndpointSchema, RequiredEndpointsSchema, SubnetRoutingSchema } from './routing.ts'
import { FieldChangeSchema, StepActionSchema, StepSchema } from './steps.ts'
import { PlanFromSchema, RequestedTargetSchema, TargetSchema } from './target.ts'
import {
  ClusterPatternSchema,
  JobWebhookSchema,
  SecretRotationSchema,
  WebhookRequestSchema,
  WebhookSchema,
  WebhookUpdateSchema,
  WebhookWithSecretSchema,
} from './webhook.ts'

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
  CancelRequestSchema,
  ReleaseRequestSchema,
  MaintenanceWindowSchema,
  ScheduleSchema,
  JobStepSchema,
  JobErrorSchema,
  JobHoldSchema,
  JobResultSchema,
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
  WebhookMessageSchema,
  ClusterPatternSchema,
  WebhookSchema,
  WebhookWithSecretSchema,
  AttemptSchema,
  DeliverySchema,
  DeliveryWithPayloadSchema,
  ReplayedSchema,
  WebhookRequestSchema,
  WebhookUpdateSchema,
  SecretRotationSchema,
  ReplayRequestSchema,
  JobWebhookSchema,
  ZoneResilienceSchema,
  ZoneSideSchema,
]
