import t from 'tap'
import type { Static } from 'typebox'
import type {
  AllowListCoverage,
  AllowListImpact,
  AllowListImpactSchema,
  AllowListsPlan,
  AllowListsPlanSchema,
  AllowListUnread,
  Consumer,
  ConsumerRequestSchema,
  ConsumerSchema,
} from '../../src/contract/allow-lists.ts'
import type {
  AuthorizedRangesPlan,
  EgressIpChange,
  Snat,
  SnatSchema,
  SnatSide,
  SnatSideSchema,
  ZoneResilience,
  ZoneResilienceSchema,
  ZoneSide,
  ZoneSideSchema,
} from '../../src/contract/egress.ts'
import type {
  EgressReport,
  EgressReportSchema,
  IpChange,
  IpChangeSchema,
  IpChangesReport,
  IpChangesSchema,
} from '../../src/contract/egress-report.ts'
import type { Job, JobError, JobHold, JobLogEntry, JobResult, JobStep } from '../../src/contract/job.ts'
import type { JobLogEntrySchema, JobSchema } from '../../src/contract/job-requests.ts'
import type * as parts from '../../src/contract/plan.ts'
import type { PlanSchema, PlanSummarySchema } from '../../src/contract/plan.ts'
import type {
  AzureMode,
  Disruption,
  Finding,
  FindingSchema,
  Handoff,
  HandoffSchema,
  Plan,
  PlanFrom,
  PlanStatus,
  PlanTransition,
  ResourceChange,
  RollbackOutlook,
  TransitionSchema,
} from '../../src/contract/plan-parts.ts'
import { AZURE_MODES, PLAN_STATUSES } from '../../src/contract/plan-parts.ts'
import type {
  ClusterRef,
  ConsumerRequest,
  RequestedTarget,
  RequestedTargetSchema,
  Target,
  TargetSchema,
} from '../../src/contract/plan-request.ts'
import type {
  LockCheck,
  PermissionCheck,
  PolicyCheck,
  Preflight,
  PreflightSchema,
  QuotaCheck,
} from '../../src/contract/preflight.ts'
import type {
  RequiredEndpoint,
  RequiredEndpointSchema,
  RequiredEndpoints,
  RequiredEndpointsSchema,
  SubnetRouting,
  SubnetRoutingSchema,
} from '../../src/contract/routing.ts'
import type { Step, StepSchema } from '../../src/contract/steps.ts'
import type { Attempt, Delivery, Webhook } from '../../src/contract/webhook.ts'
import type {
  DeliverySchema,
  DeliveryWithPayloadSchema,
  WebhookMessageSchema,
  WebhookSchema,
  WebhookWithSecretSchema,
} from '../../src/contract/webhook-messages.ts'

import type { TransitionRow } from '../../src/core/support-matrix/transitions.ts'
import type { JobMessage } from '../../src/core/webhooks/job-messages.ts'
import type { PlanSummary, StoredPlan } from '../../src/planning/planning.ts'

import type { DeliveryWithPayload, WebhookWithSecret } from '../../src/webhooks/webhooks.ts'

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
  Tied<Same<Static<typeof WebhookWithSecretSchema>, WebhookWithSecret>>,
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
