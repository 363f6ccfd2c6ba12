import { type Static, Type } from 'typebox'
import { AllowListsPlanSchema } from './allow-lists.ts'
import { APPROVAL_MEMBERS } from './approval.ts'
import { AZURE_MODES, ClusterRefSchema } from './cluster.ts'
import { OptionalCost } from './cost.ts'
import { AuthorizedRangesPlanSchema, EgressIpChangeSchema, PathChangeSchema, SnatSchema } from './egress.ts'
import { dateTime, enumOf, nullable, ref, string, strings, uuid } from './fields.ts'
import { CONFIDENCES, FindingSchema } from './finding.ts'
import { HandoffSchema } from './handoff.ts'
import { ActiveJobSchema } from './job.ts'
import { anyJson, openObject } from './json.ts'
import { labelsOf } from './labels.ts'
import { PlannedMaintenanceSchema } from './maintenance.ts'
import { NameResolutionSchema } from './name-resolution.ts'
import { CLUSTER_IDENTITY, PlanTransitionSchema, SUPPORTS, TYPE_KEYS } from './outbound-type.ts'
import { PlanCountsSchema, PlanStatusSchema } from './plan-status.ts'
import { PreflightSchema } from './preflight.ts'
import { PreparationSchema } from './preparation.ts'
import { RequiredEndpointsSchema, SubnetRoutingSchema } from './routing.ts'
import { StepSchema, stepKey } from './steps.ts'
import { PlanFromSchema, RequestedTargetSchema, TargetSchema } from './target.ts'
import { ZoneResilienceSchema } from './zone-resilience.ts'

export const CHANGE_ACTIONS = ['create', 'update', 'delete', 'attach', 'detach', 'retain'] as const
export type ChangeAction = (typeof CHANGE_ACTIONS)[number]

export const ResourceChangeSchema = Type.Object(
  {
    action: enumOf(CHANGE_ACTIONS),
    type: string('The ARM resource type.'),
    id: nullable(Type.String()),
    name: nullable(Type.String()),
    owner: enumOf(['aks', 'user'], { description: 'The party that makes the change: AKS or the user.' }),
    // More than 1 only for resources that do not exist yet.
    count: Type.Integer(),
    knownAt: enumOf(['plan', 'apply'], {
      description: '`plan`: the change is known now. `apply`: Azure determines it during the change.',
    }),
    because: string(),
    confidence: enumOf(CONFIDENCES),
    properties: Type.Array(
      Type.Object({
        path: string(),
        before: anyJson('The value before the change.'),
        after: anyJson('The value after the change.'),
      }),
    ),
  },
  { $id: 'ResourceChange' },
)
export type ResourceChange = Static<typeof ResourceChangeSchema>

export const DisruptionSchema = Type.Object(
  {
    existingConnections: enumOf(['dropped', 'unchanged']),
    // Plans of earlier versions have findings instead of the optional members.
    movesTraffic: Type.Optional(
      Type.Boolean({ description: 'Whether traffic moves to another egress path or to other addresses.' }),
    ),
    downtime: Type.Optional(string('The interruption while traffic moves, and who notices it.')),
    newPath: Type.Optional(
      string('How the new egress path treats connections differently, if there is a difference.'),
    ),
    idleTimeoutInMinutes: Type.Object({
      before: nullable(Type.Integer()),
      after: nullable(Type.Integer()),
    }),
    ingress: string(),
    nodeImageUpgrade: string(
      'Whether node pools need a node image upgrade after the change, and who performs it.',
    ),
  },
  { $id: 'Disruption' },
)
export type Disruption = Static<typeof DisruptionSchema>

/** When traffic moves to the new path: often when a gateway or route is attached, and not at the AKS call. */
function cutover(description: string) {
  return Type.Object({ step: nullable(stepKey()), because: string() }, { description })
}

export const RollbackOutlookSchema = Type.Object(
  {
    supported: Type.Boolean(),
    support: nullable(enumOf(SUPPORTS), {
      description:
        'Whether AKS supports the change back to the former outbound type. Null if the support matrix does not list this type.',
    }),
    target: nullable(ref(RequestedTargetSchema)),
    // The NAT gateway that the plan replaces on all subnets, as a rollback plan attaches it again.
    prepare: Type.Optional(ref(PreparationSchema)),
    lost: strings(
      'What a rollback cannot restore. For a cleanup, which has no rollback: the egress addresses that the plan deletes. Otherwise empty if no rollback is available.',
    ),
    routes: Type.Array(Type.Array(enumOf(TYPE_KEYS))),
    isNetworkIsolated: Type.Optional(
      Type.Boolean({
        description:
          'Whether the cluster is network-isolated (`bootstrapProfile.artifactSource` is `Cache`). AKS supports the outbound types `none` and `block` in `routes` only for such clusters. Omitted if `routes` is empty, and in plans of earlier versions.',
      }),
    ),
    plan: nullable(
      Type.Object({
        status: enumOf(['applicable', 'blocked']),
        steps: Type.Array(Type.Object({ key: stepKey(), title: string() })),
        cutOver: cutover('The cutover of the rollback plan. `step` is null if no step moves traffic.'),
        blockers: strings('Codes of findings.'),
        acknowledgements: strings('Codes of findings.'),
      }),
      {
        description:
          'A preview of a rollback plan that is created directly after the change. The rollback plan that you create later can have further blockers and acknowledgements. It also checks permissions, locks, and allow lists, and it uses the state of the cluster at that time. Null if no rollback is available.',
      },
    ),
  },
  { $id: 'RollbackOutlook' },
)
export type RollbackOutlook = Static<typeof RollbackOutlookSchema>
export type RollbackPreview = NonNullable<RollbackOutlook['plan']>

/** Of plans and plan summaries. */
const JOB_MEMBER = {
  // Absent in responses that earlier versions of the service have stored for a repeated request.
  jobId: Type.Optional(
    nullable(uuid('The ID of the job.'), {
      description:
        'The job that executes or has executed the plan. Null if there is none. A job that is canceled before it begins frees the plan, which can then be executed again until it expires.',
    }),
  ),
}

/**
 * A plan: complete, created from one snapshot and one request, and immutable except for its status and its approval. Its execution makes
 * no further decisions.
 */
export const PlanSchema = Type.Object(
  {
    id: uuid('The ID of the plan.'),
    status: PlanStatusSchema,
    ...JOB_MEMBER,
    ...APPROVAL_MEMBERS,
    createdAt: dateTime(),
    expiresAt: dateTime('The expiry time. The plan cannot be executed after this time.'),
    createdBy: string(),
    reason: nullable(Type.String()),
    labels: Type.Optional(labelsOf('The labels of the request. Absent if there are none.')),
    azure: enumOf(AZURE_MODES, {
      description: '`azure`: the plan is based on a real cluster. `simulated`: it is based on the simulator.',
    }),
    cluster: Type.Object({
      ...CLUSTER_IDENTITY,
      etag: nullable(Type.String()),
    }),
    request: ref(RequestedTargetSchema),
    prepare: nullable(ref(PreparationSchema)),
    upgradeNodeImages: Type.Boolean(),
    from: ref(PlanFromSchema),
    to: ref(TargetSchema),
    transition: ref(PlanTransitionSchema),
    findings: Type.Array(ref(FindingSchema)),
    acknowledgementsRequired: strings('Codes that the job request must list in `acknowledge`.'),
    resourceChanges: Type.Array(ref(ResourceChangeSchema)),
    paths: Type.Array(ref(PathChangeSchema), {
      description: 'The egress path of every subnet and pool, before and after the change.',
    }),
    egressIps: Type.Array(ref(EgressIpChangeSchema)),
    authorizedRanges: ref(AuthorizedRangesPlanSchema),
    allowLists: ref(AllowListsPlanSchema),
    snat: ref(SnatSchema),
    cost: OptionalCost,
    nameResolution: Type.Optional(ref(NameResolutionSchema)),
    zoneResilience: ref(ZoneResilienceSchema),
    disruption: ref(DisruptionSchema),
    routing: Type.Array(ref(SubnetRoutingSchema), {
      description: 'The routing of every subnet after the preparation steps of the plan.',
    }),
    requiredEndpoints: nullable(ref(RequiredEndpointsSchema), {
      description:
        'The endpoints that nodes must reach through an appliance. Present for the target `userDefinedRouting`, and for a node image upgrade behind an appliance. Null otherwise.',
    }),
    steps: Type.Array(ref(StepSchema)),
    cutOver: cutover(
      'The cutover: the step at which traffic moves to the new path. `step` is null if no step moves traffic.',
    ),
    preflight: ref(PreflightSchema),
    rollback: ref(RollbackOutlookSchema),
    handoff: nullable(ref(HandoffSchema), {
      description: 'The end state for infrastructure as code. Null if the plan is blocked.',
    }),
    maintenance: Type.Optional(ref(PlannedMaintenanceSchema)),
    activeJob: Type.Optional(nullable(ref(ActiveJobSchema))),
    // If the API shows no ETag, only the facts show whether the plan is stale. Keys resemble JSON pointers.
    basis: Type.Object({
      etag: nullable(Type.String()),
      facts: openObject(
        'The facts that the plan is based on. A job compares them with the cluster before it changes anything.',
      ),
    }),
  },
  { $id: 'Plan' },
)
export type Plan = Static<typeof PlanSchema>
export type Cutover = Plan['cutOver']

export const PlanSummarySchema = Type.Object(
  {
    id: uuid('The ID of the plan.'),
    status: PlanStatusSchema,
    ...JOB_MEMBER,
    ...APPROVAL_MEMBERS,
    createdAt: dateTime(),
    expiresAt: dateTime(),
    createdBy: string(),
    cluster: ref(ClusterRefSchema),
    from: string(),
    to: string(),
    labels: Type.Optional(labelsOf('The labels of the plan. Absent if there are none.')),
    counts: Type.Optional(ref(PlanCountsSchema)),
  },
  { $id: 'PlanSummary' },
)
export type PlanSummary = Static<typeof PlanSummarySchema>
