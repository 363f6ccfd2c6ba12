import { type Static, Type } from 'typebox'
import { AllowListsPlanSchema } from './allow-lists.ts'
import { AZURE_MODES, ClusterRefSchema } from './cluster.ts'
import {
  AuthorizedRangesPlanSchema,
  EgressIpChangeSchema,
  PathChangeSchema,
  SnatSchema,
  ZoneResilienceSchema,
} from './egress.ts'
import { dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import { CONFIDENCES, FindingSchema } from './finding.ts'
import { anyJson, armBody, openObject } from './json.ts'
import { PlanTransitionSchema, SUPPORTS, TYPE_KEYS, VNET_KINDS } from './outbound-type.ts'
import { PreflightSchema } from './preflight.ts'
import { PreparationSchema } from './preparation.ts'
import { RequiredEndpointsSchema, SubnetRoutingSchema } from './routing.ts'
import { StepSchema, stepKey } from './steps.ts'
import { PlanFromSchema, RequestedTargetSchema, TargetSchema } from './target.ts'

/** The result of planning. */
export const PLAN_VERDICTS = ['applicable', 'blocked', 'noChange'] as const
export type PlanVerdict = (typeof PLAN_VERDICTS)[number]

/** The status of a plan: the result of planning, until the plan is used or can no longer be used. */
export const PLAN_STATUSES = [...PLAN_VERDICTS, 'executed', 'discarded', 'expired', 'stale'] as const
export type PlanStatus = (typeof PLAN_STATUSES)[number]

export const PlanStatusSchema = enumOf(PLAN_STATUSES, {
  description:
    '`applicable`: can be executed. `blocked`: its blockers say why not. `noChange`: the cluster is as wanted. The others say what became of it.',
})

export const CHANGE_ACTIONS = ['create', 'update', 'delete', 'attach', 'detach', 'retain'] as const
export type ChangeAction = (typeof CHANGE_ACTIONS)[number]

export const ResourceChangeSchema = Type.Object(
  {
    action: enumOf(CHANGE_ACTIONS),
    type: string('ARM resource type.'),
    id: nullable(Type.String()),
    name: nullable(Type.String()),
    owner: enumOf(['aks', 'user'], { description: 'Who makes the change.' }),
    // More than 1 only for resources that do not exist yet.
    count: Type.Integer(),
    knownAt: enumOf(['plan', 'apply'], { description: '`apply`: Azure decides it when the change is made.' }),
    because: string(),
    confidence: enumOf(CONFIDENCES),
    properties: Type.Array(
      Type.Object({
        path: string(),
        before: anyJson('The value as it is.'),
        after: anyJson('The value as it will be.'),
      }),
    ),
  },
  { $id: 'ResourceChange' },
)
export type ResourceChange = Static<typeof ResourceChangeSchema>

export const DisruptionSchema = Type.Object(
  {
    existingConnections: enumOf(['dropped', 'unchanged']),
    idleTimeoutInMinutes: Type.Object({
      before: nullable(Type.Integer()),
      after: nullable(Type.Integer()),
    }),
    ingress: string(),
    nodeImageUpgrade: string(),
  },
  { $id: 'Disruption' },
)
export type Disruption = Static<typeof DisruptionSchema>

/** When packets take their new path: often when a gateway or route is attached, and not at the AKS call. */
function cutover(description: string) {
  return Type.Object({ step: nullable(stepKey()), because: string() }, { description })
}

export const RollbackOutlookSchema = Type.Object(
  {
    supported: Type.Boolean(),
    support: nullable(enumOf(SUPPORTS), { description: 'Null where no edition knows the way back.' }),
    target: nullable(ref(RequestedTargetSchema)),
    lost: strings('What does not come back.'),
    routes: Type.Array(Type.Array(enumOf(TYPE_KEYS))),
    plan: nullable(
      Type.Object({
        status: enumOf(['applicable', 'blocked']),
        steps: Type.Array(Type.Object({ key: stepKey(), title: string() })),
        cutOver: cutover('When the plan back moves packets. Null where it moves none by itself.'),
        blockers: strings('Codes of findings.'),
        acknowledgements: strings('Codes of findings.'),
      }),
      { description: 'What a plan back would say today; null where there is none.' },
    ),
  },
  { $id: 'RollbackOutlook' },
)
export type RollbackOutlook = Static<typeof RollbackOutlookSchema>
export type RollbackPreview = NonNullable<RollbackOutlook['plan']>

/** The end state for infrastructure as code, and for a manual change. */
export const HandoffSchema = Type.Object(
  {
    azureCli: nullable(Type.String(), {
      description: 'One command; null where the Azure CLI cannot express the target.',
    }),
    azureCliVersion: nullable(Type.String(), { description: 'The least version that the command needs.' }),
    arm: armBody("The part of the managed cluster's ARM body that the target decides."),
    bicep: string(),
    terraform: nullable(Type.String(), {
      description: 'For `azurerm_kubernetes_cluster`; null where the provider cannot express the target.',
    }),
    terraformAzapi: string(),
  },
  { $id: 'Handoff', description: 'The end state for whoever keeps the cluster in code.' },
)
export type Handoff = Static<typeof HandoffSchema>

/**
 * A plan: immutable except for its status, made from one snapshot and one request, and complete. Its execution has
 * nothing left to decide.
 */
export const PlanSchema = Type.Object(
  {
    id: uuid('The plan.'),
    status: PlanStatusSchema,
    createdAt: dateTime(),
    expiresAt: dateTime('After this the plan is no longer accepted.'),
    createdBy: string(),
    reason: nullable(Type.String()),
    azure: enumOf(AZURE_MODES, { description: 'Whether real clusters or the simulated fleet were read.' }),
    cluster: Type.Object({
      id: string(),
      subscriptionId: string(),
      resourceGroup: string(),
      name: string(),
      location: string(),
      vnet: enumOf(VNET_KINDS),
      etag: nullable(Type.String()),
    }),
    request: ref(RequestedTargetSchema),
    prepare: nullable(ref(PreparationSchema)),
    upgradeNodeImages: Type.Boolean(),
    from: ref(PlanFromSchema),
    to: ref(TargetSchema),
    transition: ref(PlanTransitionSchema),
    findings: Type.Array(ref(FindingSchema)),
    acknowledgementsRequired: strings('Codes that a job must name in `acknowledge`.'),
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
    cutOver: cutover('When packets take their new path. Null where no step moves them.'),
    preflight: ref(PreflightSchema),
    rollback: ref(RollbackOutlookSchema),
    handoff: nullable(ref(HandoffSchema), { description: 'Null where the change cannot be made.' }),
    // Where the API shows no ETag, the facts alone tell whether the plan is stale. Keys are JSON-pointer-like names.
    basis: Type.Object({
      etag: nullable(Type.String()),
      facts: openObject('The facts that the plan rests on; a job compares them before it changes anything.'),
    }),
  },
  { $id: 'Plan' },
)
export type Plan = Static<typeof PlanSchema>
export type Cutover = Plan['cutOver']

export const PlanSummarySchema = Type.Object(
  {
    id: uuid('The plan.'),
    status: PlanStatusSchema,
    createdAt: dateTime(),
    expiresAt: dateTime(),
    createdBy: string(),
    cluster: ref(ClusterRefSchema),
    from: string(),
    to: string(),
  },
  { $id: 'PlanSummary' },
)
export type PlanSummary = Static<typeof PlanSummarySchema>
