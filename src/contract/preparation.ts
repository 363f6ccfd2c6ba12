import { type Static, Type } from 'typebox'
import { RESOURCE_GROUP } from './cluster.ts'
import { closed, enumOf } from './fields.ts'
import { NAT_GATEWAY_SKUS } from './outbound-type.ts'

/** Next hops that AKS accepts for the default route of userDefinedRouting. Others fail with RouteTableInvalidNextHop. */
const NEXT_HOP_TYPES = ['VirtualAppliance', 'VirtualNetworkGateway'] as const

/** Names of network resources, as Microsoft.Network accepts them. */
export const NETWORK_RESOURCE_NAME = '^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,78}[a-zA-Z0-9_])?$'

const zones = Type.Optional(
  Type.Array(enumOf(['1', '2', '3']), {
    maxItems: 3,
    uniqueItems: true,
    description: 'The availability zones. Default: Azure decides.',
  }),
)

const name = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 80,
    pattern: NETWORK_RESOURCE_NAME,
    description: 'The name of the resource. Default: derived from the name of the cluster.',
  }),
)

/**
 * Resources that the plan creates before the cutover. The new addresses then exist, are authorized and can be announced
 * while the former egress still carries all traffic. The plan shows the same shape. `routes/validation` checks which
 * member is allowed for which target.
 */
export const PreparationSchema = Type.Object(
  {
    resourceGroup: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 90,
        pattern: RESOURCE_GROUP,
        description:
          'The existing resource group for new resources. Default: the resource group of the virtual network, or the resource group of the cluster if the virtual network is AKS-managed.',
      }),
    ),
    publicIps: Type.Optional(
      Type.Object(
        { count: Type.Integer({ minimum: 1, maximum: 16 }), zones },
        {
          ...closed,
          description:
            'New public IP addresses. For `loadBalancer`, for `managedNATGateway` with the SKU `StandardV2`, and for a new `natGateway`.',
        },
      ),
    ),
    publicIpPrefix: Type.Optional(
      Type.Object(
        {
          length: Type.Integer({
            minimum: 28,
            maximum: 31,
            description: 'The prefix length: 28 provides 16 addresses, 31 provides 2.',
          }),
          zones,
        },
        { ...closed, description: 'A new public IP prefix instead of single addresses.' },
      ),
    ),
    natGateway: Type.Optional(
      Type.Object(
        {
          id: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 1000,
              description: 'The ARM ID of an existing NAT gateway. It excludes all other members.',
            }),
          ),
          name,
          sku: Type.Optional(enumOf(NAT_GATEWAY_SKUS, { description: 'The SKU. Default: `Standard`.' })),
          zones,
          idleTimeoutInMinutes: Type.Optional(Type.Integer({ minimum: 4, maximum: 120 })),
        },
        {
          ...closed,
          description:
            'For `userAssignedNATGateway`. The plan attaches the NAT gateway to every node and pod subnet. A subnet keeps a NAT gateway that matches the request, also a gateway that serves its whole virtual network. The plan replaces any other NAT gateway of the subnet, or overrides the gateway of the virtual network, which moves the traffic. Without `id`, the plan creates a NAT gateway, by default with one address, if a subnet needs it.',
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
              description: 'The private IPv4 address of the appliance. Required for `VirtualAppliance`.',
            }),
          ),
          routeTableName: name,
        },
        {
          ...closed,
          description:
            'For `userDefinedRouting`: the route 0.0.0.0/0 in the route table of every node and pod subnet. The plan creates a route table for each subnet that has none.',
        },
      ),
    ),
  },
  { ...closed, $id: 'Preparation' },
)
export type RequestedPreparation = Static<typeof PreparationSchema>
export type RequestedNatGateway = NonNullable<RequestedPreparation['natGateway']>
export type RequestedDefaultRoute = NonNullable<RequestedPreparation['defaultRoute']>
