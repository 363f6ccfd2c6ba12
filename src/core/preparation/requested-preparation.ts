import type { NatGatewaySku } from '../outbound-type.ts'

/** Next hops that AKS accepts for the default route of userDefinedRouting (UDR, FW; RouteTableInvalidNextHop). */
export const NEXT_HOP_TYPES = ['VirtualAppliance', 'VirtualNetworkGateway'] as const
export type NextHopType = (typeof NEXT_HOP_TYPES)[number]

/** Availability zones of a region (NRES). */
export type Zone = '1' | '2' | '3'

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
