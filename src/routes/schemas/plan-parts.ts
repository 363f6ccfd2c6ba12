import { Type } from 'typebox'
import { TYPE_KEYS, VNET_KINDS } from '../../core/outbound-type.ts'
import { CHANGE_ACTIONS, CONFIDENCES, SUPPORTS } from '../../core/plan.ts'
import { EFFECTIVE_PATHS } from '../../core/plan-egress.ts'
import { anyJson, nullable, ref, text, texts, words } from './plain.ts'
import { RequestedTargetSchema } from './plan-request.ts'
import { stepKey } from './step.ts'

const knownAt = words(['plan', 'apply'], {
  description: '`apply`: Azure decides it when the change is made.',
})

export const ClusterRefSchema = Type.Object(
  { subscriptionId: text(), resourceGroup: text(), name: text() },
  { $id: 'ClusterRef' },
)

export const PlanFromSchema = Type.Object(
  {
    outboundType: text('As ARM spells it; what the cluster says, not what its subnets do.'),
    natGatewaySku: nullable(Type.String()),
    effective: words(EFFECTIVE_PATHS, { description: 'The path that packets really take.' }),
    loadBalancer: nullable(
      Type.Object({
        managedOutboundIpCount: nullable(Type.Integer()),
        managedOutboundIpv6Count: nullable(Type.Integer()),
        outboundIpIds: texts(),
        outboundIpPrefixIds: texts(),
        allocatedOutboundPorts: nullable(Type.Integer()),
        idleTimeoutInMinutes: nullable(Type.Integer()),
      }),
    ),
    natGateway: nullable(
      Type.Object({
        managedOutboundIpCount: nullable(Type.Integer()),
        managedOutboundIpv6Count: nullable(Type.Integer()),
        outboundIpIds: texts(),
        outboundIpPrefixIds: texts(),
        idleTimeoutInMinutes: nullable(Type.Integer()),
      }),
    ),
  },
  { $id: 'PlanFrom' },
)

export const PlanTransitionSchema = Type.Object(
  {
    vnet: words(VNET_KINDS),
    from: nullable(words(TYPE_KEYS), { description: 'Null when ARM shows a type that no edition knows.' }),
    to: words(TYPE_KEYS),
    support: words(SUPPORTS),
    editions: Type.Array(Type.Object({ edition: text(), verdict: text() })),
    reversible: Type.Boolean(),
    reason: text(),
    alternatives: Type.Array(Type.Object({ target: words(TYPE_KEYS), support: words(SUPPORTS) }), {
      description: 'Targets that can be reached from here instead.',
    }),
    routes: Type.Array(Type.Array(words(TYPE_KEYS)), {
      description: 'Ways over other types, where the direct one is closed.',
    }),
  },
  { $id: 'PlanTransition' },
)

export const ResourceChangeSchema = Type.Object(
  {
    action: words(CHANGE_ACTIONS),
    type: text('ARM resource type.'),
    id: nullable(Type.String()),
    name: nullable(Type.String()),
    owner: words(['aks', 'user'], { description: 'Who makes the change.' }),
    count: Type.Integer(),
    knownAt,
    because: text(),
    confidence: words(CONFIDENCES),
    properties: Type.Array(
      Type.Object({
        path: text(),
        before: anyJson('The value as it is.'),
        after: anyJson('The value as it will be.'),
      }),
    ),
  },
  { $id: 'ResourceChange' },
)

const PathSideSchema = Type.Object({
  path: words(EFFECTIVE_PATHS),
  via: nullable(Type.String(), {
    description: 'What carries the packets: an ARM id, or the private address of an appliance.',
  }),
  addresses: texts('Public addresses and CIDRs that the packets carry outside.'),
  toCome: Type.Integer({ description: 'Addresses beside them that do not exist yet.' }),
  isComplete: Type.Boolean({ description: 'Whether these are all of them.' }),
})

export const PathChangeSchema = Type.Object(
  { subnetId: text(), pools: texts(), before: PathSideSchema, after: PathSideSchema },
  { $id: 'PathChange' },
)

export const EgressIpChangeSchema = Type.Object(
  {
    address: nullable(Type.String(), { description: 'Null when it does not exist before the change.' }),
    family: words(['IPv4', 'IPv6']),
    change: words(['kept', 'added', 'lost', 'unknown']),
    resourceId: nullable(Type.String()),
    knownAt: words(['plan', 'prepare', 'apply'], {
      description:
        '`plan`: known now. `prepare`: the plan makes it, so it is known before the cut-over. `apply`: known only after the change.',
    }),
    recoverable: Type.Boolean({ description: 'Whether a lost address can be had again.' }),
  },
  { $id: 'EgressIpChange' },
)

export const AuthorizedRangesPlanSchema = Type.Object(
  {
    mode: words(['off', 'enforced', 'notApplicable', 'nodesPrivate']),
    current: texts(),
    missing: texts('Addresses of the new egress that no entry covers.'),
    add: texts('What the plan adds before the switch.'),
    addPrepared: texts(
      'Ids of public IPs and prefixes that the plan makes and whose addresses it adds then.',
    ),
    removeLater: texts('Entries that only the former egress needed; never removed by this plan.'),
    count: Type.Integer({ description: 'Entries when old and new stand together.' }),
    limit: Type.Integer(),
  },
  { $id: 'AuthorizedRangesPlan' },
)

export const DisruptionSchema = Type.Object(
  {
    existingConnections: words(['dropped', 'unchanged']),
    idleTimeoutInMinutes: Type.Object({
      before: nullable(Type.Integer()),
      after: nullable(Type.Integer()),
    }),
    ingress: text(),
    nodeImageUpgrade: text(),
  },
  { $id: 'Disruption' },
)

export const RollbackOutlookSchema = Type.Object(
  {
    supported: Type.Boolean(),
    support: nullable(words(SUPPORTS), { description: 'Null where no edition knows the way back.' }),
    target: nullable(ref(RequestedTargetSchema)),
    lost: texts('What does not come back.'),
    routes: Type.Array(Type.Array(words(TYPE_KEYS))),
    plan: nullable(
      Type.Object({
        status: words(['applicable', 'blocked']),
        steps: Type.Array(Type.Object({ key: stepKey(), title: text() })),
        cutOver: Type.Object(
          { step: nullable(stepKey()), because: text() },
          { description: 'When the plan back moves packets. Null where it moves none by itself.' },
        ),
        blockers: texts('Codes of findings.'),
        acknowledgements: texts('Codes of findings.'),
      }),
      { description: 'What a plan back would say today; null where there is none.' },
    ),
  },
  { $id: 'RollbackOutlook' },
)
