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
  PathChangeSchema,
  PlanFromSchema,
  PlanTransitionSchema,
  ResourceChangeSchema,
  RollbackOutlookSchema,
} from './plan-parts.ts'
import { RequestedTargetSchema } from './plan-request.ts'
import { PreflightSchema } from './preflight.ts'
import { PreparationSchema } from './preparation.ts'
import { RequiredEndpointsSchema, SubnetRoutingSchema } from './routing.ts'
import { SnatSchema } from './snat.ts'
import { StepSchema, stepKey } from './step.ts'
import { TargetSchema } from './target.ts'
import { ZoneResilienceSchema } from './zone-resilience.ts'

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
    prepare: nullable(ref(PreparationSchema)),
    upgradeNodeImages: Type.Boolean(),
    from: ref(PlanFromSchema),
    to: ref(TargetSchema),
    transition: ref(PlanTransitionSchema),
    findings: Type.Array(ref(FindingSchema)),
    acknowledgementsRequired: texts('Codes that a job must name in `acknowledge`.'),
    resourceChanges: Type.Array(ref(ResourceChangeSchema)),
    paths: Type.Array(ref(PathChangeSchema), {
      description: 'The effective egress of every subnet and pool, before and after.',
    }),
    egressIps: Type.Array(ref(EgressIpChangeSchema)),
    authorizedRanges: ref(AuthorizedRangesPlanSchema),
    allowLists: ref(AllowListsPlanSchema),
    snat: ref(SnatSchema),
    zoneResilience: ref(ZoneResilienceSchema),
    disruption: ref(DisruptionSchema),
    routing: Type.Array(ref(SubnetRoutingSchema), {
      description: "How every subnet is routed once the plan's own preparation is done.",
    }),
    requiredEndpoints: nullable(ref(RequiredEndpointsSchema), {
      description:
        'What nodes must reach, where they will leave by an appliance: the target userDefinedRouting, or an image upgrade behind one. Null otherwise.',
    }),
    steps: Type.Array(ref(StepSchema)),
    cutOver: Type.Object(
      { step: nullable(stepKey()), because: text() },
      { description: 'When packets take their new path. Null where no step moves them.' },
    ),
    preflight: ref(PreflightSchema),
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
