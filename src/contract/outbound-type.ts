import { type Static, Type } from 'typebox'
import { enumOf, nullable, string } from './fields.ts'

/*
 * Outbound types, and the transitions between them. ARM has one enum, `networkProfile.outboundType`, and since API
 * 2026-06-01 a second field, `natGatewayProfile.sku`, that splits one of its values in two. The support matrix keys its
 * rows by a type key, which folds the two into one word.
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

/** Whether AKS owns the virtual network (`managed`) or the user brought it (`byo`). */
export const VNET_KINDS = ['managed', 'byo'] as const
export type VnetKind = (typeof VNET_KINDS)[number]

/** `sameType`: the cluster has this type; only its parameters can change. */
export const SUPPORTS = ['supported', 'unsupported', 'disputed', 'sameType'] as const
export type Support = (typeof SUPPORTS)[number]

/** What one edition of the published support matrix states about a pair. */
const EDITION_VERDICTS = ['Supported', 'Not Supported', 'N/A', 'absent'] as const
export type EditionVerdict = (typeof EDITION_VERDICTS)[number]

/** One ordered pair of types within a VNet kind: what each edition states, and the support that follows. */
export const TransitionSchema = Type.Object(
  {
    vnet: enumOf(VNET_KINDS),
    from: enumOf(TYPE_KEYS),
    to: enumOf(TYPE_KEYS),
    support: enumOf(SUPPORTS, {
      description: '`disputed`: the editions disagree; executed only when the caller acknowledges it.',
    }),
    editions: Type.Array(
      Type.Object({
        edition: string('The date of the published table.'),
        verdict: enumOf(EDITION_VERDICTS, {
          description: '`absent`: the table lacks the row or the column.',
        }),
      }),
    ),
    reversible: Type.Boolean({ description: 'Whether the way back is supported, undisputed.' }),
    reason: string(),
  },
  { $id: 'Transition' },
)
export type Transition = Static<typeof TransitionSchema>

/** The transition of a plan, with alternatives where it is unsupported. */
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
export type PlanTransition = Static<typeof PlanTransitionSchema>
