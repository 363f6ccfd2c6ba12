import { isAksOwned } from '../egress-addresses.ts'
import type { ResourceChange } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { change, TYPES } from './change.ts'

/**
 * The user's own gateways and route tables on the cluster's subnets. AKS never touches them, on entry or
 * exit (rulebook 4, U; inferred), so each row says `retain` and what that means.
 */
export function userResources(context: PlanningContext): ResourceChange[] {
  const { snapshot, to } = context
  const gateways = distinctIds(snapshot.subnets.map((subnet) => subnet.natGatewayId)).filter(
    (id) => !isAksOwned(id, snapshot),
  )
  // kubenet's own table in the node resource group is AKS's work, not the user's.
  const tables = distinctIds(snapshot.subnets.map((subnet) => subnet.routeTableId)).filter(
    (id) => !isAksOwned(id, snapshot),
  )
  return [
    ...gateways.map((id) => retained(TYPES.natGateway, id, gatewayMeaning(to))),
    ...tables.map((id) => retained(TYPES.routeTable, id, tableMeaning(to))),
  ]
}

function retained(type: string, id: string, because: string): ResourceChange {
  return change({ action: 'retain', type, id, owner: 'user', because, confidence: 'inferred' })
}

function gatewayMeaning(to: string): string {
  return to === 'userAssignedNATGateway'
    ? 'The cluster leaves by this NAT gateway; AKS does not alter it.'
    : 'AKS leaves this NAT gateway attached; it goes on carrying traffic wherever no default route wins, and goes on costing.'
}

function tableMeaning(to: string): string {
  return to === 'userDefinedRouting'
    ? "The cluster leaves by this table's default route; AKS does not alter it."
    : 'AKS leaves this route table on the subnet; its default route, if it has one, still decides.'
}

function distinctIds(ids: (string | null)[]): string[] {
  return [...new Map(ids.flatMap((id) => (id === null ? [] : [[id.toLowerCase(), id] as const]))).values()]
}
