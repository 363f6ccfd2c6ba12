import type { JsonObject } from '../../contract/json.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { effectivePathOf } from '../egress/effective-path.ts'
import { isApplianceHop, routeBody } from '../egress/routes.ts'
import { defaultRouteOf } from '../egress/subnet-attachments.ts'
import { distinctBy } from '../lib/lists.ts'
import { listed } from '../lib/text.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import { declaredEgress, isKubenet } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'

/** One resource that is detached from the path of the cluster's packets. */
export interface Detachment {
  /** The resource that is written: a subnet, or a route. */
  id: string
  title: string
  does:
    | { kind: 'alter'; changes: FieldChange[]; former: FieldChange[] }
    /** `body` restores the resource. */
    | { kind: 'delete'; body: JsonObject }
  /** The subnets that it changes, and the removed attachments. */
  subnets: string[]
  removes: 'natGateway' | 'routeTable' | 'defaultRoute'
}

/** The network after all detachments, which determines the egress paths. */
export function snapshotAfterCleanup(snapshot: Snapshot, detachments: Detachment[]): Snapshot {
  if (detachments.length === 0) return snapshot
  const taken = (takes: string) =>
    new Set(
      detachments
        .filter((detachment) => detachment.removes === takes)
        .flatMap((detachment) => detachment.subnets.map(idKey)),
    )
  const [gateways, tables] = [taken('natGateway'), taken('routeTable')]
  const routes = new Set(
    detachments
      .filter((detachment) => detachment.removes === 'defaultRoute')
      .map((detachment) => idKey(detachment.id)),
  )
  const routeTables = Object.entries(snapshot.routeTables).map(([key, table]) => {
    const left = table.routes.filter((route) => !routes.has(idKey(`${table.id}/routes/${route.name}`)))
    return [key, { ...table, routes: left }] as const
  })
  return {
    ...snapshot,
    routeTables: Object.fromEntries(routeTables),
    subnets: snapshot.subnets.map((subnet) => ({
      ...subnet,
      natGatewayId: gateways.has(idKey(subnet.id)) ? null : subnet.natGatewayId,
      routeTableId: tables.has(idKey(subnet.id)) ? null : subnet.routeTableId,
    })),
  }
}

/** A default route that overrides the current outbound type and stays, because its table is shared and cannot be replaced. */
export interface RetainedRoute {
  routeTable: string
  route: string
  /** Other subnets that use the table. */
  others: string[]
}

/**
 * Resources that override the current outbound type on its subnets, or that are no longer used there (LEFTOVER_COST).
 * Gateways are detached first, while a route still carries the traffic, so that traffic moves only once.
 */
export function detachmentsOf(snapshot: Snapshot, type: OutboundType): Detachment[] {
  const { subnets } = snapshot
  const all = [
    ...subnets.flatMap((subnet) => detachUserGateway(subnet, snapshot, type)),
    ...subnets.flatMap((subnet) => removeDefaultRoute(subnet, snapshot, type)),
  ]
  // Subnets that share a table share one detachment of its route.
  return distinctDetachments(all)
}

/** One detachment for each resource and removed attachment. */
export function distinctDetachments(detachments: Detachment[]): Detachment[] {
  return distinctBy(detachments, ({ id, removes: takes }) => `${idKey(id)} ${takes}`)
}

function detachUserGateway(subnet: SubnetFacts, snapshot: Snapshot, type: OutboundType): Detachment[] {
  const id = subnet.natGatewayId
  if (id === null || isAksOwned(id, snapshot)) return []
  if (type === 'userAssignedNATGateway' || type === 'managedNATGateway') return []
  return [detachGateway(subnet, id)]
}

/** The write that detaches a gateway. */
export function detachGateway(subnet: SubnetFacts, id: string): Detachment {
  const path = '/properties/natGateway'
  return {
    id: subnet.id,
    title: `Detach NAT gateway ${lastSegment(id)} from subnet ${lastSegment(subnet.id)}`,
    does: {
      kind: 'alter',
      changes: [{ op: 'remove', path }],
      former: [{ op: 'set', path, value: { id } }],
    },
    subnets: [subnet.id],
    removes: 'natGateway',
  }
}

/**
 * A gateway carries no traffic if a user-defined default route overrides it. A gateway that ARM does not show is
 * assumed if the outbound type requires it.
 */
function carriesTraffic(subnet: SubnetFacts, snapshot: Snapshot, type: OutboundType): boolean {
  const path = effectivePathOf(subnet, snapshot, type)
  if (path === 'unknown') return type !== 'userDefinedRouting'
  return path === 'natGateway' || path === 'mixed'
}

/**
 * A table that other subnets also use is detached from the subnet. In a table that only the cluster uses, the route is
 * deleted.
 */
function removeDefaultRoute(subnet: SubnetFacts, snapshot: Snapshot, type: OutboundType): Detachment[] {
  const shadow = shadowOf(subnet, snapshot, type)
  if (shadow === null) return []
  const { table, route, others } = shadow
  if (others.length === 0) return [deleteDefaultRoute(table.id, route, snapshot)]
  return isKubenet(snapshot.cluster) ? [] : [detachRouteTable(subnet, table, route)]
}

/** The routes of tables that kubenet needs and that other subnets also use. */
export function retainedRoutes(snapshot: Snapshot, type: OutboundType): RetainedRoute[] {
  if (!isKubenet(snapshot.cluster)) return []
  const kept = snapshot.subnets.flatMap((subnet) => {
    const shadow = shadowOf(subnet, snapshot, type)
    if (shadow === null || shadow.others.length === 0) return []
    return [{ routeTable: shadow.table.id, route: shadow.route.name, others: shadow.others }]
  })
  return distinctBy(kept, ({ routeTable }) => idKey(routeTable))
}

/** The default route that overrides the current outbound type on a subnet, and the other subnets that use it. */
function shadowOf(
  subnet: SubnetFacts,
  snapshot: Snapshot,
  type: OutboundType,
): { table: RouteTableFacts; route: RouteFacts; others: string[] } | null {
  const route = defaultRouteOf(subnet, snapshot)
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  if (table === undefined || route === null || route === 'unread' || type === 'userDefinedRouting')
    return null
  if (!isApplianceHop(route)) return null
  const own = new Set(snapshot.subnets.map((subnet) => idKey(subnet.id)))
  return { table, route, others: table.subnetIds.filter((id) => !own.has(idKey(id))) }
}

/** The write that deletes a route, for every subnet of the cluster that has its table. */
export function deleteDefaultRoute(tableId: string, route: RouteFacts, snapshot: Snapshot): Detachment {
  const subnets = snapshot.subnets.filter(
    (subnet) => subnet.routeTableId !== null && idKey(subnet.routeTableId) === idKey(tableId),
  )
  return {
    id: `${tableId}/routes/${route.name}`,
    title: `Delete default route ${route.name} from route table ${lastSegment(tableId)}`,
    does: { kind: 'delete', body: routeBody(route) },
    subnets: subnets.map((subnet) => subnet.id),
    removes: 'defaultRoute',
  }
}

/** The write that detaches a table with all its routes from a subnet. */
export function detachRouteTable(subnet: SubnetFacts, table: RouteTableFacts, route: RouteFacts): Detachment {
  const path = '/properties/routeTable'
  return {
    id: subnet.id,
    title: `Detach route table ${lastSegment(table.id)} from subnet ${lastSegment(subnet.id)}${alongWith(table, route)}`,
    does: {
      kind: 'alter',
      changes: [{ op: 'remove', path }],
      former: [{ op: 'set', path, value: { id: table.id } }],
    },
    subnets: [subnet.id],
    removes: 'routeTable',
  }
}

/** The subnet loses every route of the table, not only the default route. */
function alongWith({ routes }: RouteTableFacts, { name }: RouteFacts): string {
  const others = routes.filter((route) => route.name !== name)
  if (others.length === 0) return ''
  const named = others.slice(0, 3).map((other) => `${other.name} (${other.addressPrefix})`)
  const more = others.length > 3 ? [`${others.length - 3} more`] : []
  return `, together with its route${others.length === 1 ? '' : 's'} ${listed([...named, ...more])}`
}

/** The remaining attachments and routes that the outbound type does not require, as texts with IDs. */
export function orphanedResources(snapshot: Snapshot): string[] {
  const { outboundType } = declaredEgress(snapshot.cluster)
  if (outboundType === null) return []
  const sentences = snapshot.subnets.flatMap((subnet) => {
    const found: string[] = []
    const isOwnGateway = subnet.natGatewayId !== null && !isAksOwned(subnet.natGatewayId, snapshot)
    if (isOwnGateway && outboundType !== 'userAssignedNATGateway')
      found.push(
        `NAT gateway ${subnet.natGatewayId} is still attached to ${subnet.id}.${gatewayUse(subnet, snapshot, outboundType)}`,
      )
    const route = defaultRouteOf(subnet, snapshot)
    if (route !== null && route !== 'unread' && outboundType !== 'userDefinedRouting')
      found.push(
        `Route table ${subnet.routeTableId} still has the default route ${route.name} on ${subnet.id}.${isApplianceHop(route) ? ' The route directs the traffic of the subnet, so deleting it moves traffic.' : ''}`,
      )
    return found
  })
  return [...new Set(sentences)]
}

function gatewayUse(subnet: SubnetFacts, snapshot: Snapshot, type: OutboundType): string {
  if (!carriesTraffic(subnet, snapshot, type)) return ' It carries no traffic.'
  return effectivePathOf(subnet, snapshot, type) === 'unknown'
    ? ' It may carry the traffic of the subnet. Detaching it may move traffic.'
    : ' It carries the traffic of the subnet, so detaching it moves traffic.'
}
