import { type Static, Type } from 'typebox'
import { RESOURCE_GROUP } from './cluster.ts'
import { closed, enumOf } from './fields.ts'
import { NAT_GATEWAY_SKUS } from './outbound-type.ts'

/** Next hops that AKS accepts for the default route of userDefinedRouting; others are RouteTableInvalidNextHop. */
const NEXT_HOP_TYPES = ['VirtualAppliance', 'VirtualNetworkGateway'] as const

/** Names of network resources, as Microsoft.Network takes them. */
export const NETWORK_RESOURCE_NAME = '^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_])?$'

const zones = Type.Optional(
  Type.Array(enumOf(['1', '2', '3']), {
    maxItems: 3,
    uniqueItems: true,
    description: 'Availability zones; left out, Azure decides.',
  }),
)

const name = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 80,
    pattern: NETWORK_RESOURCE_NAME,
    description: "Left out: made from the cluster's name.",
  }),
)

/**
 * What the plan creates before the cutover, so that the new addresses exist, are authorized and can be announced while
 * the former egress still carries all packets. The plan shows the same shape. `routes/validation` checks which member
 * belongs to which target.
 */
export const PreparationSchema = Type.Object(
  {
    resourceGroup: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 90,
        pattern: RESOURCE_GROUP,
        description:
          "Where new resources go; it must exist. Left out: the virtual network's group, or the cluster's in a managed one.",
      }),
    ),
    publicIps: Type.Optional(
      Type.Object(
        { count: Type.Integer({ minimum: 1, maximum: 16 }), zones },
        {
          ...closed,
          description:
            'New public IPs. For loadBalancer, managedNATGateway with the SKU StandardV2, and a new natGateway.',
        },
      ),
    ),
    publicIpPrefix: Type.Optional(
      Type.Object(
        {
          length: Type.Integer({ minimum: 28, maximum: 31, description: '28 is 16 addresses, 31 is 2.' }),
          zones,
        },
        { ...closed, description: 'A new prefix in place of single addresses.' },
      ),
    ),
    natGateway: Type.Optional(
      Type.Object(
        {
          id: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 1000,
              description: 'A NAT gateway that exists; with it nothing else may be named.',
            }),
          ),
          name,
          sku: Type.Optional(enumOf(NAT_GATEWAY_SKUS, { description: 'Left out: `Standard`.' })),
          zones,
          idleTimeoutInMinutes: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })),
        },
        {
          ...closed,
          description:
            'For userAssignedNATGateway: is attached to every node and pod subnet that has none. Without `id` a new one is made, with one address unless others are asked for.',
        },
      ),
    ),
    defaultRoute: Type.Optional(
      Type.Object(
        {
          nextHopType: enumOf(NEXT_HOP_TYPES),
          nextHopIpAddress: Type.Optional(
            Type.String({
              minLength: 7,
              maxLength: 15,
              pattern: '^((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.(?=[0-9])|$)){4}$',
              description: 'The private address of the appliance; needed with VirtualAppliance.',
            }),
          ),
          routeTableName: name,
        },
        {
          ...closed,
          description:
            'For userDefinedRouting: the route 0.0.0.0/0, in the route table of every node and pod subnet. Subnets without a table get a new one.',
        },
      ),
    ),
  },
  { ...closed, $id: 'Preparation' },
)
export type RequestedPreparation = Static<typeof PreparationSchema>
export type RequestedNatGateway = NonNullable<RequestedPreparation['natGateway']>
export type RequestedDefaultRoute = NonNullable<RequestedPreparation['defaultRoute']>
