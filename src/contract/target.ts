import { type Static, Type } from 'typebox'
import { EFFECTIVE_PATHS } from './egress.ts'
import { closed, enumOf, nullable, string, strings } from './fields.ts'
import { NAT_GATEWAY_SKUS, TYPE_KEYS } from './outbound-type.ts'

const ipIds = resourceIds(
  'publicIPAddresses',
  'IDs of customer-provided public IP addresses, instead of AKS-managed addresses.',
)

const prefixIds = resourceIds(
  'publicIPPrefixes',
  'IDs of customer-provided public IP prefixes, instead of AKS-managed addresses.',
)

function resourceIds(type: string, description: string) {
  return Type.Array(
    Type.String({
      minLength: 1,
      maxLength: 1000,
      description: `The ARM ID of a resource of type Microsoft.Network/${type}.`,
    }),
    { maxItems: 16, uniqueItems: true, description },
  )
}

/**
 * The requested egress. The planner completes it from the cluster and from the defaults of ARM. A rollback outlook has
 * the same shape, so a client can send it back unchanged.
 */
export const RequestedTargetSchema = Type.Object(
  {
    outboundType: enumOf(TYPE_KEYS, {
      description:
        'The target outbound type. `managedNATGatewayV2` means `managedNATGateway` with the SKU `StandardV2`.',
    }),
    natGateway: Type.Optional(
      Type.Object(
        {
          sku: Type.Optional(enumOf(NAT_GATEWAY_SKUS, { description: 'The SKU. Default: `Standard`.' })),
          managedOutboundIpCount: Type.Optional(Type.Integer({ minimum: 1, maximum: 16 })),
          managedOutboundIpv6Count: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 16, description: 'Only for the SKU `StandardV2`.' }),
          ),
          outboundIpIds: Type.Optional(ipIds),
          outboundIpPrefixIds: Type.Optional(prefixIds),
          idleTimeoutInMinutes: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })),
        },
        {
          ...closed,
          description:
            'Only for `managedNATGateway`. Customer-provided addresses require the SKU `StandardV2`.',
        },
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
              description: 'SNAT ports per node. 0: Azure decides.',
            }),
          ),
          idleTimeoutInMinutes: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })),
        },
        { ...closed, description: 'Only for `loadBalancer`.' },
      ),
    ),
  },
  { ...closed, $id: 'RequestedTarget' },
)
export type RequestedTarget = Static<typeof RequestedTargetSchema>

const profile = {
  managedOutboundIpCount: nullable(Type.Integer()),
  managedOutboundIpv6Count: nullable(Type.Integer()),
  outboundIpIds: strings(),
  outboundIpPrefixIds: strings(),
}

/** The counts of AKS-managed addresses are null if the target uses customer-provided addresses. */
const LoadBalancerTargetSchema = Type.Object({
  ...profile,
  // 0 (automatic) to 64000, a multiple of 8.
  allocatedOutboundPorts: Type.Integer(),
  idleTimeoutInMinutes: Type.Integer(),
})
export type LoadBalancerTarget = Static<typeof LoadBalancerTargetSchema>

/** The counts of AKS-managed addresses are null if the target uses customer-provided addresses (StandardV2 only). */
const NatGatewayTargetSchema = Type.Object({
  sku: enumOf(NAT_GATEWAY_SKUS),
  ...profile,
  idleTimeoutInMinutes: Type.Integer(),
})
export type NatGatewayTarget = Static<typeof NatGatewayTargetSchema>

/** The complete target of a plan, without ARM defaults. */
export const TargetSchema = Type.Union(
  [
    Type.Object({ outboundType: enumOf(['loadBalancer']), loadBalancer: LoadBalancerTargetSchema }),
    Type.Object({ outboundType: enumOf(['managedNATGateway']), natGateway: NatGatewayTargetSchema }),
    Type.Object({
      outboundType: enumOf(['userAssignedNATGateway', 'userDefinedRouting', 'none', 'block']),
    }),
  ],
  { $id: 'Target' },
)
export type Target = Static<typeof TargetSchema>

/** The egress before the change. */
export const PlanFromSchema = Type.Object(
  {
    outboundType: string(
      'The outbound type that the cluster declares, as spelled by ARM. The subnets may use another egress path.',
    ),
    natGatewaySku: nullable(Type.String()),
    effective: enumOf(EFFECTIVE_PATHS, { description: 'The egress path that the subnets actually use.' }),
    loadBalancer: nullable(
      Type.Object({
        ...profile,
        allocatedOutboundPorts: nullable(Type.Integer()),
        idleTimeoutInMinutes: nullable(Type.Integer()),
      }),
    ),
    natGateway: nullable(Type.Object({ ...profile, idleTimeoutInMinutes: nullable(Type.Integer()) })),
  },
  { $id: 'PlanFrom' },
)
export type PlanFrom = Static<typeof PlanFromSchema>
