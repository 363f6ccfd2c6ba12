import { defaultRouteOf, effectivePathOf } from '../effective-egress.ts'
import { isAksOwned } from '../egress-addresses.ts'
import { listed } from '../lib/text.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../network-facts.ts'
import type { OutboundType } from '../outbound-type.ts'
import { routeBody } from '../preparation/prepare-default-route.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Detachment } from './detachment.ts'

/** A default route in the way of the present type that stays: its table is not the cluster's alone, and fixed. */
export interface KeptRoute {
  routeTable: string
  route: string
  /** Subnets of others that have the table too. */
  others: string[]
}

/**
 * What outranks the present type on its subnets, or is of no use there any more (rulebook EFFECTIVE_PATH,
 * LEFTOVER_COST). Gateways go first, while a route still carries the traffic that is to move once.
 */
export function detachmentsOf(snapshot: Snapshot, type: OutboundType): Detachment[] {
  const { subnets } = snapshot
  const all = [
    ...subnets.flatMap((subnet) => gatewayOff(subnet, snapshot, type)),
    ...subnets.flatMap((subnet) => routeOff(subnet, snapshot, type)),
  ]
  // Subnets that share a table lose its route but once.
  return [...new Map(all.map((each) => [`${idKey(each.id)} ${each.takes}`, each])).values()]
}

function gatewayOff(subnet: SubnetFacts, snapshot: Snapshot, type: OutboundType): Detachment[] {
  const id = subnet.natGatewayId
  if (id === null || isAksOwned(id, snapshot)) return []
  if (type === 'userAssignedNATGateway' || type === 'managedNATGateway') return []
  return [gatewayOffSubnet(subnet, id, carriesTraffic(subnet, snapshot, type))]
}

/** The write that takes a gateway off. */
export function gatewayOffSubnet(subnet: SubnetFacts, id: string, movesTraffic: boolean): Detachment {
  const path = '/properties/natGateway'
  return {
    id: subnet.id,
    title: `Take the NAT gateway ${nameOf(id)} off the subnet ${nameOf(subnet.id)}`,
    movesTraffic,
    does: {
      kind: 'alter',
      changes: [{ op: 'remove', path }],
      former: [{ op: 'set', path, value: { id } }],
    },
    subnets: [subnet.id],
    takes: 'natGateway',
  }
}

/** Under a default route of the user's a gateway carries nothing; one that ARM does not show is presumed where the type asks for it. */
function carriesTraffic(subnet: SubnetFacts, snapshot: Snapshot, type: OutboundType): boolean {
  const path = effectivePathOf(subnet, snapshot, type)
  if (path === 'unknown') return type !== 'userDefinedRouting'
  return path === 'natGateway' || path === 'mixed'
}

/** A table that others use too is taken off the subnet; in one of the cluster's own the route goes. */
function routeOff(subnet: SubnetFacts, snapshot: Snapshot, type: OutboundType): Detachment[] {
  const shadow = shadowOf(subnet, snapshot, type)
  if (shadow === null) return []
  const { table, route, others } = shadow
  if (others.length === 0) return [routeGone(table.id, route, snapshot)]
  return needsTable(snapshot) ? [] : [tableOff(subnet, table, route)]
}

/** The routes of tables that kubenet needs, as its subnets' (rulebook KUBENET_TABLE_FIXED), and others use too. */
export function keptRoutes(snapshot: Snapshot, type: OutboundType): KeptRoute[] {
  if (!needsTable(snapshot)) return []
  const kept = snapshot.subnets.flatMap((subnet) => {
    const shadow = shadowOf(subnet, snapshot, type)
    if (shadow === null || shadow.others.length === 0) return []
    return [{ routeTable: shadow.table.id, route: shadow.route.name, others: shadow.others }]
  })
  return [...new Map(kept.map((each) => [idKey(each.routeTable), each])).values()]
}

/** kubenet's pods are reached by routes in the table of their subnet. */
export function needsTable({ cluster }: Snapshot): boolean {
  return cluster.networkPlugin?.toLowerCase() === 'kubenet'
}

/** The default route that outranks the present type on a subnet, and who else takes it. */
function shadowOf(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  type: OutboundType,
): { table: RouteTableFacts; route: RouteFacts; others: string[] } | null {
  const route = defaultRouteOf(subnet, snapshot)
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  if (table === undefined || route === null || route === 'unread' || type === 'userDefinedRouting')
    return null
  if (!/^Virtual(Appliance|NetworkGateway)$/i.test(route.nextHopType)) return null
  const own = new Set(snapshot.subnets.map((each) => idKey(each.id)))
  return { table, route, others: table.subnetIds.filter((id) => !own.has(idKey(id))) }
}

/** The write that deletes a route, for every subnet of the cluster that has its table. */
export function routeGone(tableId: string, route: RouteFacts, snapshot: Snapshot): Detachment {
  const subnets = snapshot.subnets.filter(
    (each) => each.routeTableId !== null && idKey(each.routeTableId) === idKey(tableId),
  )
  return {
    id: `${tableId}/routes/${route.name}`,
    title: `Delete the default route ${route.name} of the route table ${nameOf(tableId)}`,
    movesTraffic: true,
    does: { kind: 'delete', body: routeBody(route) },
    subnets: subnets.map((each) => each.id),
    takes: 'defaultRoute',
  }
}

/** The write that takes a table off a subnet, all its routes with it. */
export function tableOff(subnet: SubnetFacts, table: RouteTableFacts, route: RouteFacts): Detachment {
  const path = '/properties/routeTable'
  return {
    id: subnet.id,
    title: `Take the route table ${nameOf(table.id)} off the subnet ${nameOf(subnet.id)}${alongWith(table, route)}`,
    movesTraffic: true,
    does: {
      kind: 'alter',
      changes: [{ op: 'remove', path }],
      former: [{ op: 'set', path, value: { id: table.id } }],
    },
    subnets: [subnet.id],
    takes: 'routeTable',
  }
}

/** The subnet loses every route of the table, and not the default route alone. */
function alongWith({ routes }: RouteTableFacts, { name }: RouteFacts): string {
  const others = routes.filter((each) => each.name !== name)
  if (others.length === 0) return ''
  const named = others.slice(0, 3).map((each) => `${each.name} (${each.addressPrefix})`)
  const more = others.length > 3 ? [`${others.length - 3} more`] : []
  return `, and its route${others.length === 1 ? '' : 's'} ${listed([...named, ...more])} with it`
}
