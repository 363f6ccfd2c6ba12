import type { JsonObject } from '../../contract/json.ts'
import type { RequestedDefaultRoute } from '../../contract/preparation.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { defaultRouteOf } from '../egress/paths.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  emptyPreparation,
  newResourceName,
  type Placement,
  type Preparation,
  type ResourceWrite,
} from './preparation.ts'

const DEFAULT_PREFIX = '0.0.0.0/0'
const TABLE_PATH = '/properties/routeTable'
const ROUTE_NAME = 'default-egress'

/**
 * The default route for every subnet: into the table that a subnet has (kubenet's cannot be exchanged,
 * KUBENET_TABLE_FIXED), or with a new table, made once and attached to each subnet that has none.
 */
export function prepareDefaultRoute(
  wanted: RequestedDefaultRoute,
  place: Placement,
  snapshot: Snapshot,
): Preparation {
  const made = emptyPreparation()
  const bare = snapshot.subnets.filter((subnet) => subnet.routeTableId === null)
  const tables = new Map(
    snapshot.subnets.flatMap((subnet) =>
      subnet.routeTableId === null ? [] : [[idKey(subnet.routeTableId), subnet] as const],
    ),
  )
  for (const subnet of tables.values()) routeInto(subnet, wanted, snapshot, made)
  if (bare.length > 0) newTable(bare, wanted, place, snapshot, made)
  return made
}

/** A table that could not be read is left alone: it has a blocker of its own. */
function routeInto(
  subnet: SubnetFacts,
  wanted: RequestedDefaultRoute,
  snapshot: Snapshot,
  made: Preparation,
): void {
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  const present = defaultRouteOf(subnet, snapshot)
  if (table === undefined || present === 'unread' || isWanted(present, wanted)) return
  const route = routeFacts(wanted, present?.name ?? ROUTE_NAME)
  made.writes.push(routeWrite(table, present, route, made.writes.length + 1))
  const others = table.routes.filter((each) => each !== present)
  made.planned.routeTables.push({ ...table, routes: [...others, route] })
}

function routeWrite(
  table: RouteTableFacts,
  present: RouteFacts | null,
  route: RouteFacts,
  number: number,
): ResourceWrite {
  const common = {
    key: `default-route-${number}`,
    title: `Route ${DEFAULT_PREFIX} in route table ${lastSegment(table.id)} to ${hop(route)}`,
    id: `${table.id}/routes/${route.name}`,
    movesTraffic: true,
    because: 'Traffic from every subnet with this route table takes the route as soon as it exists.',
  }
  if (present === null) return { ...common, body: routeBody(route), changes: [], former: [] }
  const set = (each: RouteFacts) => [
    { op: 'set' as const, path: '/properties/nextHopType', value: each.nextHopType },
    each.nextHopIpAddress === null
      ? { op: 'remove' as const, path: '/properties/nextHopIpAddress' }
      : { op: 'set' as const, path: '/properties/nextHopIpAddress', value: each.nextHopIpAddress },
  ]
  return { ...common, body: null, changes: set(route), former: set(present) }
}

function newTable(
  subnets: SubnetFacts[],
  wanted: RequestedDefaultRoute,
  place: Placement,
  snapshot: Snapshot,
  made: Preparation,
): void {
  const id = `${place.network}/routeTables/${wanted.routeTableName ?? newResourceName('rt', place)}`
  const route = routeFacts(wanted, ROUTE_NAME)
  const present = snapshot.routeTables[idKey(id)]
  if (present === undefined) {
    made.writes.push(tableWrite(id, route, place))
    made.planned.routeTables.push(tableFacts(id, route, place))
  } else if (!present.routes.some((each) => each.addressPrefix === DEFAULT_PREFIX && isWanted(each, wanted)))
    made.conflicts.push({ id, because: `its default route has a next hop other than ${hop(route)}` })
  for (const [index, subnet] of subnets.entries()) {
    made.writes.push(tableAttachment(subnet.id, id, index + 1))
    made.planned.attachments[idKey(subnet.id)] = { routeTableId: id }
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
    movesTraffic: false,
    because: 'The plan creates it before the cutover. It routes no traffic until it is attached to a subnet.',
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
    movesTraffic: true,
    because: 'Traffic from the subnet takes the default route as soon as the route table is attached.',
  }
}

function isWanted(route: RouteFacts | null, wanted: RequestedDefaultRoute): boolean {
  return (
    route !== null &&
    route.nextHopType === wanted.nextHopType &&
    (wanted.nextHopType !== 'VirtualAppliance' || route.nextHopIpAddress === wanted.nextHopIpAddress)
  )
}

function routeFacts(wanted: RequestedDefaultRoute, name: string): RouteFacts {
  return {
    name,
    addressPrefix: DEFAULT_PREFIX,
    nextHopType: wanted.nextHopType,
    nextHopIpAddress: wanted.nextHopType === 'VirtualAppliance' ? (wanted.nextHopIpAddress ?? null) : null,
  }
}

/** The body of a route as it is PUT. */
export function routeBody({ addressPrefix, nextHopType, nextHopIpAddress }: RouteFacts): JsonObject {
  const properties: JsonObject = { addressPrefix, nextHopType }
  return { properties: nextHopIpAddress === null ? properties : { ...properties, nextHopIpAddress } }
}

function tableFacts(id: string, route: RouteFacts, { location }: Placement): RouteTableFacts {
  return { id, location, disableBgpRoutePropagation: false, routes: [route], subnetIds: [] }
}

function hop(route: RouteFacts): string {
  return route.nextHopIpAddress ?? 'the virtual network gateway'
}
