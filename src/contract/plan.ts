import { Type } from 'typebox'
import { AllowListsPlanSchema } from './allow-lists.ts'
import { EFFECTIVE_PATHS, SnatSchema, ZoneResilienceSchema } from './egress.ts'
import { anyJson, dateTime, enumOf, nullable, openObject, ref, string, strings, uuid } from './fields.ts'
import { SUPPORTS, TYPE_KEYS, VNET_KINDS } from './outbound-type.ts'
import {
  AZURE_MODES,
  CHANGE_ACTIONS,
  CONFIDENCES,
  FindingSchema,
  HandoffSchema,
  PLAN_STATUSES,
} from './plan-parts.ts'
import { RequestedTargetSchema, TargetSchema } from './plan-request.ts'
import { PreflightSchema } from './preflight.ts'
import { PreparationSchema } from './preparation.ts'
import { RequiredEndpointsSchema, SubnetRoutingSchema } from './routing.ts'
import { StepSchema, stepKey } from './steps.ts'

const knownAt = enumOf(['plan', 'apply'], {
  description: '`apply`: Azure decides it when the change is made.',
})

export const ClusterRefSchema = Type.Object(
  { subscriptionId: string(), resourceGroup: string(), name: string() },
  { $id: 'ClusterRef' },
)

export const PlanFromSchema = Type.Object(
  {
    outboundType: string('As ARM spells it; what the cluster says, not what its subnets do.'),
    natGatewaySku: nullable(Type.String()),
    effective: enumOf(EFFECTIVE_PATHS, { description: 'The path that packets really take.' }),
    loadBalancer: nullable(
      Type.Object({
        managedOutboundIpCount: nullable(Type.Integer()),
        managedOutboundIpv6Count: nullable(Type.Integer()),
        outboundIpIds: strings(),
        outboundIpPrefixIds: strings(),
        allocatedOutboundPorts: nullable(Type.Integer()),
        idleTimeoutInMinutes: nullable(Type.Integer()),
      }),
    ),
    natGateway: nullable(
      Type.Object({
        managedOutboundIpCount: nullable(Type.Integer()),
        managedOutboundIpv6Count: nullable(Type.Integer()),
        outboundIpIds: strings(),
        outboundIpPrefixIds: strings(),
        idleTimeoutInMinutes: nullable(Type.Integer()),
      }),
    ),
  },
  { $id: 'PlanFrom' },
)

export const PlanTransitionSchema = Type.Object(
  {
    vnet: enumOf(VNET_KINDS),
    from: nullable(enumOf(TYPE_KEYS), { description: 'Null when ARM shows a type that no edition knows.' }),
    to: enumOf(TYPE_KEYS),
    support: enumOf(SUPPORTS),
    editions: Type.Array(Type.Object({ edition: string(), verdict: string() })),
    reversible: Type.Boolean(),
    reason: string(),
    alternatives: Type.Array(Type.Object({ target: enumOf(TYPE_KEYS), support: enumOf(SUPPORTS) }), {
      description: 'Targets that can be reached from here instead.',
    }),
    routes: Type.Array(Type.Array(enumOf(TYPE_KEYS)), {
      description: 'Ways over other types, where the direct one is closed.',
    }),
  },
  { $id: 'PlanTransition' },
)

export const ResourceChangeSchema = Type.Object(
  {
    action: enumOf(CHANGE_ACTIONS),
    type: string('ARM resource type.'),
    id: nullable(Type.String()),
    name: nullable(Type.String()),
    owner: enumOf(['aks', 'user'], { description: 'Who makes the change.' }),
    count: Type.Integer(),
    knownAt,
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

const PathSideSchema = Type.Object({
  path: enumOf(EFFECTIVE_PATHS),
  via: nullable(Type.String(), {
    description: 'What carries the packets: an ARM id, or the private address of an appliance.',
  }),
  addresses: strings('Public addresses and CIDRs that the packets carry outside.'),
  toCome: Type.Integer({ description: 'Addresses beside them that do not exist yet.' }),
  isComplete: Type.Boolean({ description: 'Whether these are all of them.' }),
})

export const PathChangeSchema = Type.Object(
  { subnetId: string(), pools: strings(), before: PathSideSchema, after: PathSideSchema },
  { $id: 'PathChange' },
)

export const EgressIpChangeSchema = Type.Object(
  {
    address: nullable(Type.String(), { description: 'Null when it does not exist before the change.' }),
    family: enumOf(['IPv4', 'IPv6']),
    change: enumOf(['kept', 'added', 'lost', 'unknown']),
    resourceId: nullable(Type.String()),
    knownAt: enumOf(['plan', 'prepare', 'apply'], {
      description:
        '`plan`: known now. `prepare`: the plan makes it, so it is known before the cut-over. `apply`: known only after the change.',
    }),
    recoverable: Type.Boolean({ description: 'Whether a lost address can be had again.' }),
  },
  { $id: 'EgressIpChange' },
)

export const AuthorizedRangesPlanSchema = Type.Object(
  {
    mode: enumOf(['off', 'enforced', 'notApplicable', 'nodesPrivate']),
    current: strings(),
    missing: strings('Addresses of the new egress that no entry covers.'),
    add: strings('What the plan adds before the switch.'),
    addPrepared: strings(
      'Ids of public IPs and prefixes that the plan makes and whose addresses it adds then.',
    ),
    removeLater: strings('Entries that only the former egress needed; never removed by this plan.'),
    count: Type.Integer({ description: 'Entries when old and new stand together.' }),
    limit: Type.Integer(),
  },
  { $id: 'AuthorizedRangesPlan' },
)

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
        cutOver: Type.Object(
          { step: nullable(stepKey()), because: string() },
          { description: 'When the plan back moves packets. Null where it moves none by itself.' },
        ),
        blockers: strings('Codes of findings.'),
        acknowledgements: strings('Codes of findings.'),
      }),
      { description: 'What a plan back would say today; null where there is none.' },
    ),
  },
  { $id: 'RollbackOutlook' },
)

export const PlanStatusSchema = enumOf(PLAN_STATUSES, {
  description:
    '`applicable`: can be executed. `blocked`: its blockers say why not. `noChange`: the cluster is as wanted. The others say what became of it.',
})

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
    cutOver: Type.Object(
      { step: nullable(stepKey()), because: string() },
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
