import { type Static, Type } from 'typebox'
import { enumOf, nullable, string } from './fields.ts'

/*
 * Outbound types, and the transitions between them. ARM has one enum, `networkProfile.outboundType`, and since API
 * 2026-06-01 a second field, `natGatewayProfile.sku`, that splits one of its values in two. The support matrix uses a type
 * key, which combines both fields in one word.
 */

/** ARM's `networkProfile.outboundType`, without the retired value `managedNATGatewayV2`. */
export const OUTBOUND_TYPES = [
  'loadBalancer',
  'managedNATGateway',
  'userAssignedNATGateway',
  'userDefinedRouting',
  'none',
  'block',
] as const
export type OutboundType = (typeof OUTBOUND_TYPES)[number]

/** ARM's `natGatewayProfile.sku`. */
export const NAT_GATEWAY_SKUS = ['Standard', 'StandardV2'] as const
export type NatGatewaySku = (typeof NAT_GATEWAY_SKUS)[number]

/** A row or column of the support matrix. */
export const TYPE_KEYS = [
  'loadBalancer',
  'managedNATGateway',
  'managedNATGatewayV2',
  'userAssignedNATGateway',
  'userDefinedRouting',
  'none',
  'block',
] as const
export type TypeKey = (typeof TYPE_KEYS)[number]

/** Whether the virtual network is AKS-managed (`managed`) or customer-managed (`byo`). */
export const VNET_KINDS = ['managed', 'byo'] as const
export type VnetKind = (typeof VNET_KINDS)[number]

/** `sameType`: the cluster has this type; only its parameters can change. */
export const SUPPORTS = ['supported', 'unsupported', 'disputed', 'sameType'] as const
export type Support = (typeof SUPPORTS)[number]

/** The verdict of one edition of the published support matrix about a pair. */
const EDITION_VERDICTS = ['Supported', 'Not Supported', 'N/A', 'absent'] as const
export type EditionVerdict = (typeof EDITION_VERDICTS)[number]

/** One ordered pair of types within a VNet kind: the verdict of each edition, and the resulting support. */
export const TransitionSchema = Type.Object(
  {
    vnet: enumOf(VNET_KINDS),
    from: enumOf(TYPE_KEYS),
    to: enumOf(TYPE_KEYS),
    support: enumOf(SUPPORTS, {
      description:
        '`disputed`: the published sources disagree, and executing the change requires acknowledgement.',
    }),
    editions: Type.Array(
      Type.Object({
        edition: string(
          'The date of the published support matrix, or the name and date of the release notes.',
        ),
        verdict: enumOf(EDITION_VERDICTS, {
          description: '`absent`: the table has no such row or column.',
        }),
      }),
    ),
    reversible: Type.Boolean({ description: 'Whether the reverse transition is supported and undisputed.' }),
    reason: string(),
  },
  { $id: 'Transition' },
)
export type Transition = Static<typeof TransitionSchema>

/** The transition of a plan, with alternatives if it is unsupported. */
export const PlanTransitionSchema = Type.Object(
  {
    vnet: enumOf(VNET_KINDS),
    from: nullable(enumOf(TYPE_KEYS), {
      description:
        'The current outbound type of the cluster. Null if the support matrix does not list the type that Azure Resource Manager reports.',
    }),
    to: enumOf(TYPE_KEYS),
    support: enumOf(SUPPORTS),
    editions: Type.Array(Type.Object({ edition: string(), verdict: string() })),
    reversible: Type.Boolean(),
    reason: string(),
    alternatives: Type.Array(Type.Object({ target: enumOf(TYPE_KEYS), support: enumOf(SUPPORTS) }), {
      description: 'Other targets that are available from the current type.',
    }),
    routes: Type.Array(Type.Array(enumOf(TYPE_KEYS)), {
      description: 'Indirect paths through other types. Empty if the direct transition is supported.',
    }),
  },
  { $id: 'PlanTransition' },
)
export type PlanTransition = Static<typeof PlanTransitionSchema>

/** The members that identify a cluster in plans, reports and comparisons. */
export const CLUSTER_IDENTITY = {
  id: string(),
  subscriptionId: string(),
  resourceGroup: string(),
  name: string(),
  location: string(),
  vnet: enumOf(VNET_KINDS),
}

export const DeclaredTypeSchema = Type.Object(
  { outboundType: string(), natGatewaySku: nullable(Type.String()) },
  { description: 'The outbound type that the cluster declares in ARM.' },
)
export type DeclaredType = Static<typeof DeclaredTypeSchema>
