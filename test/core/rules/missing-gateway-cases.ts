import type { PlanningRequest } from '../../../src/core/request/plan-request.ts'
import type { VirtualNetworkFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { aByoSnapshot, aRouteTable, aVirtualNetwork, SUBNET } from '../../support/a-cluster.ts'
import { TABLE } from '../../support/own-network.ts'
import { pool, type RuleCases } from '../../support/rule-cases.ts'

/** A cluster in a virtual network, with a default route if there is a next hop; null is a network that was not read. */
export function inNetwork(network: Partial<VirtualNetworkFacts> | null, nextHopType?: string): Snapshot {
  const id = SUBNET.replace(/\/subnets\/.*$/, '')
  return aByoSnapshot(nextHopType === undefined ? {} : { routeTableId: TABLE }, {
    cluster: pool(),
    virtualNetworks: network === null ? [] : [aVirtualNetwork({ id, ...network })],
    routeTables: nextHopType === undefined ? [] : [aRouteTable(TABLE, nextHopType, null)],
  })
}

export const toNetworkGateway: Partial<PlanningRequest> = {
  prepare: { defaultRoute: { nextHopType: 'VirtualNetworkGateway' } },
}

export const CASES: RuleCases = {
  ROUTE_GATEWAY_MISSING: {
    severity: 'acknowledge',
    snapshot: inNetwork({}),
    target: 'userDefinedRouting',
    given: toNetworkGateway,
    facts: { subnets: ['nodes'], isPresent: false, isPrepared: true },
    absent: { snapshot: inNetwork({ hasVirtualNetworkGateway: true }) },
  },
}
