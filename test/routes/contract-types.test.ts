import t from 'tap'
import type { Static } from 'typebox'
import type { AllowListUnread } from '../../src/core/allow-lists/facts.ts'
import type {
  AllowListCoverage,
  AllowListImpact,
  AllowListsPlan,
  Consumer,
} from '../../src/core/allow-lists/plan-allow-lists.ts'
import type { EgressReport } from '../../src/core/egress-report.ts'
import type { RequiredEndpoint, RequiredEndpoints } from '../../src/core/endpoints/required-endpoint.ts'
import type { Job, JobError, JobHold, JobLogEntry, JobResult, JobStep } from '../../src/core/job/job.ts'
import type {
  AzureMode,
  Disruption,
  Finding,
  Handoff,
  Plan,
  PlanFrom,
  PlanStatus,
  PlanTransition,
  ResourceChange,
  RollbackOutlook,
} from '../../src/core/plan.ts'
import type {
  AuthorizedRangesPlan,
  EgressIpChange,
  Snat,
  SnatSide,
  ZoneResilience,
  ZoneSide,
} from '../../src/core/plan-egress.ts'
import type {
  LockCheck,
  PermissionCheck,
  PolicyCheck,
  Preflight,
  QuotaCheck,
} from '../../src/core/plan-preflight.ts'
import type { Step } from '../../src/core/plan-steps.ts'
import type { SubnetRouting } from '../../src/core/subnet-routing.ts'
import type { ClusterRef, ConsumerRequest, RequestedTarget, Target } from '../../src/core/target.ts'
import type { TransitionRow } from '../../src/core/transitions.ts'
import type { JobMessage } from '../../src/core/webhooks/job-messages.ts'
import type { Attempt, Delivery, Webhook } from '../../src/core/webhooks/webhook.ts'
import type { PlanSummary, StoredPlan } from '../../src/planning/planning.ts'
import type { IpChange, IpChangesReport } from '../../src/reports/ip-changes-report.ts'
import type {
  AllowListImpactSchema,
  AllowListsPlanSchema,
  ConsumerSchema,
} from '../../src/routes/schemas/allow-lists.ts'
import type { ConsumerRequestSchema } from '../../src/routes/schemas/consumer-request.ts'
import type { EgressReportSchema } from '../../src/routes/schemas/egress-report.ts'
import type { FindingSchema } from '../../src/routes/schemas/finding.ts'
import type { HandoffSchema } from '../../src/routes/schemas/handoff.ts'
import type { IpChangeSchema, IpChangesSchema } from '../../src/routes/schemas/ip-changes.ts'
import type { JobLogEntrySchema, JobSchema } from '../../src/routes/schemas/job.ts'
import {
  AZURE_MODES,
  PLAN_STATUSES,
  type PlanSchema,
  type PlanSummarySchema,
} from '../../src/routes/schemas/plan.ts'
import type * as parts from '../../src/routes/schemas/plan-parts.ts'
import type { RequestedTargetSchema } from '../../src/routes/schemas/plan-request.ts'
import type { PreflightSchema } from '../../src/routes/schemas/preflight.ts'
import type {
  RequiredEndpointSchema,
  RequiredEndpointsSchema,
  SubnetRoutingSchema,
} from '../../src/routes/schemas/routing.ts'
import type { SnatSchema, SnatSideSchema } from '../../src/routes/schemas/snat.ts'
import type { StepSchema } from '../../src/routes/schemas/step.ts'
import type { TargetSchema } from '../../src/routes/schemas/target.ts'
import type { TransitionSchema } from '../../src/routes/schemas/transition.ts'
import type {
  DeliverySchema,
  DeliveryWithPayloadSchema,
  WebhookMessageSchema,
  WebhookSchema,
  WebhookWithSecretSchema,
} from '../../src/routes/schemas/webhook.ts'
import type { ZoneResilienceSchema, ZoneSideSchema } from '../../src/routes/schemas/zone-resilience.ts'

import type { DeliveryWithPayload, NewSecret } from '../../src/webhooks/webhooks.ts'

/**
 * Ties each schema to the core's type, by the compiler: the same keys, and each assignable to the other.
 * Assignability alone would let a new optional field pass unseen.
 */
type Same<A, B> = [A] extends [B]
  ? [B] extends [A]
    ? [Keys<A>] extends [Keys<B>]
      ? [Keys<B>] extends [Keys<A>]
        ? true
        : ['the schema lacks', Exclude<Keys<B>, Keys<A>>]
      : ['the core lacks', Exclude<Keys<A>, Keys<B>>]
    : 'the core has more values than the schema'
  : 'the schema has more values than the core'
/** Of a union the keys of all its members. */
type Keys<T> = T extends unknown ? keyof T : never

/** Does not compile for anything but `true`. */
type Tied<T extends true> = T

/** Where a plan repeats a request: the core's type admits null in it, a request does not, so the parts are tied alone. */
type Requested = 'request' | 'rollback'
type Values<K extends 'natGateway' | 'loadBalancer'> = {
  [P in keyof Required<RequestedTarget>[K]]?: NonNullable<Required<RequestedTarget>[K][P]>
}

type Schemas = typeof parts
const TIES: [
  Tied<Same<keyof Static<typeof PlanSchema>, keyof StoredPlan>>,
  Tied<Same<Omit<Static<typeof PlanSchema>, Requested>, Omit<StoredPlan, Requested>>>,
  Tied<Same<Required<Static<typeof RequestedTargetSchema>>['natGateway'], Values<'natGateway'>>>,
  Tied<Same<Required<Static<typeof RequestedTargetSchema>>['loadBalancer'], Values<'loadBalancer'>>>,
  Tied<Same<keyof Static<typeof RequestedTargetSchema>, keyof RequestedTarget>>,
  Tied<Same<Static<typeof PlanSchema>['cluster'], Plan['cluster']>>,
  Tied<Same<Static<typeof PlanSchema>['basis'], Plan['basis']>>,
  Tied<Same<Static<typeof PlanSummarySchema>, PlanSummary>>,
  Tied<Same<Static<typeof FindingSchema>, Finding>>,
  Tied<Same<Static<typeof StepSchema>, Step>>,
  Tied<Same<Static<typeof StepSchema>['does'], Step['does']>>,
  Tied<Same<Static<typeof StepSchema>['expects'][number], Step['expects'][number]>>,
  Tied<Same<Static<typeof TargetSchema>, Target>>,
  Tied<Same<Static<typeof PreflightSchema>, Preflight>>,
  Tied<Same<Static<typeof PreflightSchema>['checks'][number], PermissionCheck>>,
  Tied<Same<Static<typeof PreflightSchema>['locks'][number], LockCheck>>,
  Tied<Same<Static<typeof PreflightSchema>['policies'][number], PolicyCheck>>,
  Tied<Same<NonNullable<Static<typeof PreflightSchema>['quota']>, QuotaCheck>>,
  Tied<Same<Static<Schemas['PlanFromSchema']>, PlanFrom>>,
  Tied<Same<Static<Schemas['PlanTransitionSchema']>, PlanTransition>>,
  Tied<Same<Static<Schemas['ResourceChangeSchema']>, ResourceChange>>,
  Tied<Same<Static<Schemas['EgressIpChangeSchema']>, EgressIpChange>>,
  Tied<Same<Static<Schemas['AuthorizedRangesPlanSchema']>, AuthorizedRangesPlan>>,
  Tied<Same<Static<Schemas['DisruptionSchema']>, Disruption>>,
  Tied<Same<Static<typeof SnatSchema>, Snat>>,
  Tied<Same<Static<typeof SnatSideSchema>, SnatSide>>,
  Tied<Same<Static<typeof ZoneResilienceSchema>, ZoneResilience>>,
  Tied<Same<Static<typeof ZoneSideSchema>, ZoneSide>>,
  Tied<Same<Static<typeof HandoffSchema>, Handoff>>,
  Tied<Same<Static<Schemas['ClusterRefSchema']>, ClusterRef>>,
  Tied<Same<keyof Static<Schemas['RollbackOutlookSchema']>, keyof RollbackOutlook>>,
  Tied<Same<Static<typeof JobSchema>, Job>>,
  Tied<Same<Static<typeof JobSchema>['steps'][number], JobStep>>,
  Tied<Same<NonNullable<Static<typeof JobSchema>['error']>, JobError>>,
  Tied<Same<NonNullable<Static<typeof JobSchema>['hold']>, JobHold>>,
  Tied<Same<NonNullable<Static<typeof JobSchema>['result']>, JobResult>>,
  Tied<Same<Static<typeof JobSchema>['timestamps'], Job['timestamps']>>,
  Tied<Same<Static<typeof JobLogEntrySchema>, JobLogEntry>>,
  Tied<Same<Static<typeof EgressReportSchema>, EgressReport>>,
  Tied<Same<Static<typeof EgressReportSchema>['targets'][number], EgressReport['targets'][number]>>,
  Tied<Same<Static<typeof EgressReportSchema>['subnets'][number], EgressReport['subnets'][number]>>,
  Tied<Same<Static<typeof TransitionSchema>, TransitionRow>>,
  Tied<Same<Static<typeof AllowListsPlanSchema>, AllowListsPlan>>,
  Tied<Same<Static<typeof AllowListsPlanSchema>['coverage'], AllowListCoverage>>,
  Tied<Same<Static<typeof AllowListsPlanSchema>['coverage']['unread'][number], AllowListUnread>>,
  Tied<Same<Static<typeof AllowListImpactSchema>, AllowListImpact>>,
  Tied<Same<Static<typeof ConsumerSchema>, Consumer>>,
  Tied<Same<keyof Static<typeof ConsumerRequestSchema>, keyof ConsumerRequest>>,
  Tied<Same<Static<typeof IpChangesSchema>, IpChangesReport>>,
  Tied<Same<Static<typeof IpChangeSchema>, IpChange>>,
  Tied<Same<Static<typeof SubnetRoutingSchema>, SubnetRouting>>,
  Tied<Same<Static<typeof RequiredEndpointsSchema>, RequiredEndpoints>>,
  Tied<Same<Static<typeof RequiredEndpointSchema>, RequiredEndpoint>>,
  Tied<Same<Static<typeof WebhookSchema>, Webhook>>,
  Tied<Same<Static<typeof WebhookWithSecretSchema>, NewSecret>>,
  Tied<Same<Static<typeof DeliverySchema>, Delivery>>,
  Tied<Same<Static<typeof DeliverySchema>['attempts'][number], Attempt>>,
  Tied<Same<keyof Static<typeof DeliveryWithPayloadSchema>, keyof DeliveryWithPayload>>,
  Tied<Same<keyof Static<typeof WebhookMessageSchema>, keyof JobMessage>>,
  Tied<Same<(typeof PLAN_STATUSES)[number], PlanStatus>>,
  Tied<Same<(typeof AZURE_MODES)[number], AzureMode>>,
] = Array.from({ length: 58 }, () => true) as never

t.test('every schema of the contract is tied to its core type by the compiler', async (t) => {
  t.equal(TIES.length, 58)
  t.equal(new Set(PLAN_STATUSES).size, PLAN_STATUSES.length)
  t.equal(new Set(AZURE_MODES).size, AZURE_MODES.length)
})
