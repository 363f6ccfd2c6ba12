import { Type } from 'typebox'

import { ConsumerRequestSchema, MAX_CONSUMERS } from './allow-lists.ts'
import { enumOf, NO_CONTROL_CHARACTERS, nullable, ref, strings } from './fields.ts'
import {
  NAT_GATEWAY_SKUS,
  type NatGatewaySku,
  type OutboundType,
  TYPE_KEYS,
  type TypeKey,
} from './outbound-type.ts'
import { ClusterNameSchema, ResourceGroupSchema, SubscriptionIdSchema } from './parameters.ts'
import { PreparationSchema } from './preparation.ts'

/** The wanted load balancer egress, complete: nothing is left for ARM to fill in. */
export interface LoadBalancerTarget {
  /** 1..100; null when own addresses are named. */
  managedOutboundIpCount: number | null
  /** 0..100; null when own addresses are named. */
  managedOutboundIpv6Count: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
  /** 0 (automatic) to 64000, a multiple of 8. */
  allocatedOutboundPorts: number
  /** 4..120. */
  idleTimeoutInMinutes: number
}

/** The wanted managed NAT gateway, complete. */
export interface NatGatewayTarget {
  sku: NatGatewaySku
  /** 1..16; null when own addresses are named (StandardV2 only). */
  managedOutboundIpCount: number | null
  /** 1..16 on StandardV2, null for none. */
  managedOutboundIpv6Count: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
  /** 4..120. */
  idleTimeoutInMinutes: number
}

/** The canonical target. */
export type Target =
  | { outboundType: 'loadBalancer'; loadBalancer: LoadBalancerTarget }
  | { outboundType: 'managedNATGateway'; natGateway: NatGatewayTarget }
  | { outboundType: Exclude<OutboundType, 'loadBalancer' | 'managedNATGateway'> }

/** What a caller may leave out, the planner fills in from the cluster as it is and from ARM's defaults. */
export interface RequestedTarget {
  outboundType: TypeKey
  natGateway?: Partial<NatGatewayTarget>
  loadBalancer?: Partial<LoadBalancerTarget>
}

/** A cluster's identifiers, as given by the caller. */
export interface ClusterRef {
  subscriptionId: string
  resourceGroup: string
  name: string
}

/** Someone outside Azure who has allow-listed the cluster, as the caller knows them. */
export interface ConsumerRequest {
  name: string
  contact: string | null
  note: string | null
  /** What they have allow-listed, as addresses or CIDRs; empty where the caller does not know. */
  addresses: string[]
}

const closed = { additionalProperties: false }

const ipIds = resourceIds('publicIPAddresses', 'Ids of own public IP addresses, in place of managed ones.')
const prefixIds = resourceIds('publicIPPrefixes', 'Ids of own public IP prefixes, in place of managed ones.')

function resourceIds(type: string, description: string) {
  return Type.Array(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: `The ARM id of a resource of type Microsoft.Network/${type}.`,
    }),
    { maxItems: 16, uniqueItems: true, description },
  )
}

/** The same shape says what a rollback would ask for, so that it can be sent back as it is. */
export const RequestedTargetSchema = Type.Object(
  {
    outboundType: enumOf(TYPE_KEYS, {
      description: '`managedNATGatewayV2` is read as `managedNATGateway` with the SKU `StandardV2`.',
    }),
    natGateway: Type.Optional(
      Type.Object(
        {
          sku: Type.Optional(enumOf(NAT_GATEWAY_SKUS, { description: 'Left out: `Standard`.' })),
          managedOutboundIpCount: Type.Optional(Type.Integer({ minimum: 1, maximum: 16 })),
          managedOutboundIpv6Count: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 16, description: 'StandardV2 only.' }),
          ),
          outboundIpIds: Type.Optional(ipIds),
          outboundIpPrefixIds: Type.Optional(prefixIds),
          idleTimeoutInMinutes: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })),
        },
        { ...closed, description: 'For `managedNATGateway` only. Own addresses are for StandardV2 only.' },
      ),
    ),
    loadBalancer: Type.Optional(
      Type.Object(
        {
          managedOutboundIpCount: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
          managedOutboundIpv6Count: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
          outboundIpIds: Type.Optional(ipIds),
          outboundIpPrefixIds: Type.Optional(prefixIds),
          allocatedOutboundPorts: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 64_000,
              multipleOf: 8,
              description: 'SNAT ports for each node; 0 lets Azure choose.',
            }),
          ),
          idleTimeoutInMinutes: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })),
        },
        { ...closed, description: 'For `loadBalancer` only.' },
      ),
    ),
  },
  { ...closed, $id: 'RequestedTarget' },
)

const ClusterByNameSchema = Type.Object(
  { subscriptionId: SubscriptionIdSchema, resourceGroup: ResourceGroupSchema, name: ClusterNameSchema },
  { ...closed, title: 'by name' },
)

const ClusterByIdSchema = Type.Object(
  {
    id: Type.String({
      minLength: 1,
      maxLength: 1000,
      description: 'The ARM id of the managed cluster.',
    }),
  },
  { ...closed, title: 'by id' },
)

export const ReasonSchema = Type.String({
  maxLength: 500,
  pattern: NO_CONTROL_CHARACTERS,
  description: 'Free text without control characters, such as a change number; kept for the audit.',
})

export const PlanRequestSchema = Type.Object(
  {
    cluster: Type.Union([ClusterByNameSchema, ClusterByIdSchema], {
      description: 'The cluster, either by subscriptionId, resourceGroup and name, or by id.',
    }),
    target: ref(RequestedTargetSchema),
    authorizedRanges: Type.Optional(
      enumOf(['widen', 'keep'], {
        description:
          "`widen` (the default): the plan adds the new egress addresses to the API server's authorized ranges before the switch. `keep`: it leaves the ranges alone, and addresses that they do not cover block the plan.",
      }),
    ),
    prepare: Type.Optional(ref(PreparationSchema)),
    upgradeNodeImages: Type.Optional(
      Type.Boolean({
        description:
          'Whether the plan upgrades the node image of every pool at its end, which AKS asks for after a change of type and does not start itself. Left out: no.',
      }),
    ),
    consumers: Type.Optional(
      Type.Array(ref(ConsumerRequestSchema), {
        maxItems: MAX_CONSUMERS,
        description:
          'Those outside Azure who have allow-listed the cluster; the plan says what each has to add and to drop.',
      }),
    ),
    reason: Type.Optional(ReasonSchema),
  },
  { ...closed, $id: 'PlanRequest' },
)

/** The complete target of a plan: what the request left out is filled in. */
export const TargetSchema = Type.Union(
  [
    Type.Object({
      outboundType: enumOf(['loadBalancer']),
      loadBalancer: Type.Object({
        managedOutboundIpCount: nullable(Type.Integer()),
        managedOutboundIpv6Count: nullable(Type.Integer()),
        outboundIpIds: strings(),
        outboundIpPrefixIds: strings(),
        allocatedOutboundPorts: Type.Integer(),
        idleTimeoutInMinutes: Type.Integer(),
      }),
    }),
    Type.Object({
      outboundType: enumOf(['managedNATGateway']),
      natGateway: Type.Object({
        sku: enumOf(NAT_GATEWAY_SKUS),
        managedOutboundIpCount: nullable(Type.Integer()),
        managedOutboundIpv6Count: nullable(Type.Integer()),
        outboundIpIds: strings(),
        outboundIpPrefixIds: strings(),
        idleTimeoutInMinutes: Type.Integer(),
      }),
    }),
    Type.Object({
      outboundType: enumOf(['userAssignedNATGateway', 'userDefinedRouting', 'none', 'block']),
    }),
  ],
  { $id: 'Target' },
)
