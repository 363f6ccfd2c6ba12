import { Type } from 'typebox'
import { enumOf } from './fields.ts'
import { NAT_GATEWAY_SKUS, type NatGatewaySku } from './outbound-type.ts'
import { RESOURCE_GROUP } from './parameters.ts'

/** Next hops that AKS accepts for the default route of userDefinedRouting (UDR, FW; RouteTableInvalidNextHop). */
const NEXT_HOP_TYPES = ['VirtualAppliance', 'VirtualNetworkGateway'] as const
type NextHopType = (typeof NEXT_HOP_TYPES)[number]

/** Availability zones of a region (NRES). */
type Zone = '1' | '2' | '3'

/**
 * What the caller asks the plan to make before the cut-over, so that the new addresses exist, are authorized
 * and can be announced while the former egress still carries everything. Which of it belongs to which target
 * is checked at the edge (src/routes/preparation-faults.ts).
 */
export interface RequestedPreparation {
  /** Where new resources go; left out: the group of the virtual network, or of the cluster in a managed one. */
  resourceGroup?: string
  /** For loadBalancer, a StandardV2 managedNATGateway, and a new gateway of userAssignedNATGateway. */
  publicIps?: RequestedAddresses & { count: number }
  /** In place of single addresses: one block of 2^(32 - length) of them. */
  publicIpPrefix?: RequestedAddresses & { length: number }
  /** For userAssignedNATGateway: one that exists (`id`), or a new one. Every subnet without a gateway gets it. */
  natGateway?: RequestedNatGateway
  /** For userDefinedRouting: goes into each subnet's route table; a subnet without one gets a new table. */
  defaultRoute?: RequestedDefaultRoute
}

interface RequestedAddresses {
  zones?: Zone[]
}

export interface RequestedNatGateway {
  id?: string
  name?: string
  sku?: NatGatewaySku
  zones?: Zone[]
  /** 4..120. */
  idleTimeoutInMinutes?: number
}

export interface RequestedDefaultRoute {
  nextHopType: NextHopType
  /** Needed with VirtualAppliance. */
  nextHopIpAddress?: string
  /** Of a table that has to be made. */
  routeTableName?: string
}

const closed = { additionalProperties: false }

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

/** What a plan is to make before the cut-over; the same shape is shown on the plan. */
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
