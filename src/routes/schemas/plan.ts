import { Type } from 'typebox'
import { VNET_KINDS } from '../../core/outbound-type.ts'
import { AllowListsPlanSchema } from './allow-lists.ts'
import { FindingSchema } from './finding.ts'
import { HandoffSchema } from './handoff.ts'
import { id, nullable, openObject, ref, text, texts, time, words } from './plain.ts'
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
import { RequestedTargetSchema } from './plan-request.ts'
import { SnatSchema } from './snat.ts'
import { StepSchema } from './step.ts'
import { TargetSchema } from './target.ts'

/** Tied to the core's `PlanStatus` in test/routes/contract-types.test.ts. */
export const PLAN_STATUSES = [
  'applicable',
  'blocked',
  'noChange',
  'executed',
  'discarded',
  'expired',
  'stale',
] as const

export const AZURE_MODES = ['simulated', 'azure'] as const

export const PlanStatusSchema = words(PLAN_STATUSES, {
  description:
    '`applicable`: can be executed. `blocked`: its blockers say why not. `noChange`: the cluster is as wanted. The others say what became of it.',
})

export const PlanSchema = Type.Object(
  {
    id: id('The plan.'),
    status: PlanStatusSchema,
    createdAt: time(),
    expiresAt: time('After this the plan is no longer accepted.'),
    createdBy: text(),
    reason: nullable(Type.String()),
    azure: words(AZURE_MODES, { description: 'Whether real clusters or the simulated fleet were read.' }),
    cluster: Type.Object({
      id: text(),
      subscriptionId: text(),
      resourceGroup: text(),
      name: text(),
      location: text(),
      vnet: words(VNET_KINDS),
      etag: nullable(Type.String()),
    }),
    request: ref(RequestedTargetSchema),
    from: ref(PlanFromSchema),
    to: ref(TargetSchema),
    transition: ref(PlanTransitionSchema),
    findings: Type.Array(ref(FindingSchema)),
    acknowledgementsRequired: texts('Codes that a job must name in `acknowledge`.'),
    resourceChanges: Type.Array(ref(ResourceChangeSchema)),
    egressIps: Type.Array(ref(EgressIpChangeSchema)),
    authorizedRanges: ref(AuthorizedRangesPlanSchema),
    allowLists: ref(AllowListsPlanSchema),
    snat: ref(SnatSchema),
    disruption: ref(DisruptionSchema),
    steps: Type.Array(ref(StepSchema)),
    rollback: ref(RollbackOutlookSchema),
    handoff: nullable(ref(HandoffSchema), { description: 'Null where the change cannot be made.' }),
    basis: Type.Object({
      etag: nullable(Type.String()),
      facts: openObject('The facts that the plan rests on; a job compares them before it changes anything.'),
    }),
  },
  { $id: 'Plan' },
)

export const PlanSummarySchema = Type.Object(
  {
    id: id('The plan.'),
    status: PlanStatusSchema,
    createdAt: time(),
    expiresAt: time(),
    createdBy: text(),
    cluster: ref(ClusterRefSchema),
    from: text(),
    to: text(),
  },
  { $id: 'PlanSummary' },
)
