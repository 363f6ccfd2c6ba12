import type { RequestedDefaultRoute } from '../../contract/preparation.ts'
import type { FieldChange } from '../../contract/steps.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { DEFAULT_ROUTE_PREFIX, defaultRouteIn, nextHopOf, routeBody } from '../egress/routes.ts'
import { defaultRouteOf } from '../egress/subnet-attachments.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  emptyPreparation,
  newResourceName,
  type Placement,
  type Preparation,
  type ResourceWrite,
  regionConflicts,
  type UnusedReason,
} from './preparation.ts'

const TABLE_PATH = '/properties/routeTable'
const ROUTE_NAME = 'default-egress'

/**
 * The default route for every subnet. It is added to the table of the subnet, because the table of kubenet cannot be
 * replaced (KUBENET_TABLE_FIXED). One new table is created for all subnets without a table.
 */
export function prepareDefaultRoute(
  wanted: RequestedDefaultRoute,
  place: Placement,
  snapshot: Snapshot,
): Preparation {
  const preparation = emptyPreparation()
  const bare = snapshot.subnets.filter((subnet) => subnet.routeTableId === null)
  const tables = new Map(
    snapshot.subnets.flatMap((subnet) =>
      subnet.routeTableId === null ? [] : [[idKey(subnet.routeTableId), subnet] as const],
    ),
  )
  for (const subnet of tables.values()) routeInto(subnet, wanted, snapshot, preparation)
  if (bare.length > 0) newTable(bare, wanted, place, snapshot, preparation)
  else if (wanted.routeTableName !== undefined && tables.size > 0)
    preparation.unused.push({
      part: 'prepare.defaultRoute.routeTableName',
      because: 'every subnet already has a route table, and the job adds the route there',
      reason: 'tablesExist',
    })
  return preparation
}

/** A table that could not be read is not changed: the plan has a separate blocker for it. */
function routeInto(
  subnet: SubnetFacts,
  wanted: RequestedDefaultRoute,
  snapshot: Snapshot,
  preparation: Preparation,
): void {
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  const present = defaultRouteOf(subnet, snapshot)
  const keep = (because: string, reason: UnusedReason | null) =>
    preparation.unused.push({ part: 'prepare.defaultRoute', because, reason })
  const name = lastSegment(subnet.routeTableId ?? '')
  if (table === undefined || present === 'unread') {
    keep(`the route table ${name} could not be read`, 'tableUnread')
    return
  }
  if (isWanted(present, wanted)) {
    keep(`the route table ${name} already has the route`, null)
    return
  }
  const route = wantedRoute(wanted, present?.name ?? freeRouteName(table))
  preparation.writes.push(routeWrite(table, present, route, preparation.writes.length + 1))
  const others = table.routes.filter((route) => route !== present)
  preparation.planned.routeTables.push({ ...table, routes: [...others, route] })
}

/** A PUT replaces a route of the same name, which may have another prefix. ARM ignores the case of names. */
function freeRouteName({ routes }: RouteTableFacts): string {
  const isTaken = (name: string) => routes.some((route) => equalsArm(route.name, name))
  let name = ROUTE_NAME
  for (let number = 2; isTaken(name); number++) name = `${ROUTE_NAME}-${number}`
  return name
}

function routeWrite(
  table: RouteTableFacts,
  present: RouteFacts | null,
  route: RouteFacts,
  number: number,
): ResourceWrite {
  const common = {
    key: `default-route-${number}`,
    title: `Set the route ${DEFAULT_ROUTE_PREFIX} in route table ${lastSegment(table.id)} to ${hop(route)}`,
    id: `${table.id}/routes/${route.name}`,
    isAttachment: true as const,
    because: 'Traffic from every subnet with this route table takes the route as soon as the route exists.',
  }
  if (present === null) return { ...common, body: routeBody(route), changes: [], former: [] }
  const set = (item: RouteFacts) => [
    { op: 'set' as const, path: '/properties/nextHopType', value: item.nextHopType },
    item.nextHopIpAddress === null
      ? { op: 'remove' as const, path: '/properties/nextHopIpAddress' }
      : { op: 'set' as const, path: '/properties/nextHopIpAddress', value: item.nextHopIpAddress },
    // The route to replace has several appliances.
    ...(present.nextHopIpAddresses === undefined ? [] : [nextHops(item)]),
  ]
  return { ...common, body: null, changes: set(route), former: set(present) }
}

function nextHops({ nextHopIpAddresses }: RouteFacts): FieldChange {
  const path = '/properties/nextHop'
  return nextHopIpAddresses === undefined
    ? { op: 'remove', path }
    : { op: 'set', path, value: { nextHopIpAddresses } }
}

function newTable(
  subnets: SubnetFacts[],
  wanted: RequestedDefaultRoute,
  place: Placement,
  snapshot: Snapshot,
  preparation: Preparation,
): void {
  const id = `${place.network}/routeTables/${wanted.routeTableName ?? newResourceName('rt', place)}`
  const route = wantedRoute(wanted, ROUTE_NAME)
  const present = snapshot.routeTables[idKey(id)]
  if (present === undefined) {
    preparation.writes.push(tableWrite(id, route, place))
    preparation.planned.routeTables.push(tableFacts(id, route, place))
  } else {
    if (!isWanted(defaultRouteIn(present.routes), wanted))
      preparation.conflicts.push({ id, because: `it has no default route to ${hop(route)}` })
    preparation.conflicts.push(...regionConflicts(present, place.location))
  }
  for (const [index, subnet] of subnets.entries()) {
    preparation.writes.push(tableAttachment(subnet.id, id, index + 1))
    preparation.planned.attachments[idKey(subnet.id)] = { routeTableId: id }
  }
}

function tableWrite(id: string, route: RouteFacts, { location }: Placement): ResourceWrite {
  return {
    key: 'route-table',
    title: `Create route table ${lastSegment(id)} with a default route to ${hop(route)}`,
    id,
    body: {
      location,
      properties: { disableBgpRoutePropagation: false, routes: [{ name: route.name, ...routeBody(route) }] },
    },
    changes: [],
    former: [],
    because:
      'The plan creates this route table before the cutover. The table routes no traffic until it is attached to a subnet.',
  }
}

function tableAttachment(subnetId: string, tableId: string, number: number): ResourceWrite {
  return {
    key: `subnet-${number}`,
    title: `Attach route table ${lastSegment(tableId)} to subnet ${lastSegment(subnetId)}`,
    id: subnetId,
    body: null,
    changes: [{ op: 'set', path: TABLE_PATH, value: { id: tableId } }],
    former: [{ op: 'remove', path: TABLE_PATH }],
    isAttachment: true,
    because: 'Traffic from the subnet takes the default route as soon as the route table is attached.',
  }
}

function isWanted(route: RouteFacts | null, wanted: RequestedDefaultRoute): boolean {
  return (
    route !== null &&
    nextHopOf(route) === wanted.nextHopType &&
    (wanted.nextHopType !== 'VirtualAppliance' || route.nextHopIpAddress === wanted.nextHopIpAddress)
  )
}

function wantedRoute({ nextHopType, nextHopIpAddress }: RequestedDefaultRoute, name: string): RouteFacts {
  const address = nextHopType === 'VirtualAppliance' ? (nextHopIpAddress ?? null) : null
  return { name, addressPrefix: DEFAULT_ROUTE_PREFIX, nextHopType, nextHopIpAddress: address }
}

function tableFacts(id: string, route: RouteFacts, { location }: Placement): RouteTableFacts {
  return { id, location, disableBgpRoutePropagation: false, routes: [route], subnetIds: [] }
}

function hop(route: RouteFacts): string {
  return route.nextHopIpAddress ?? 'the virtual network gateway'
}
