import type { EffectivePath } from '../../contract/egress.ts'
import type { Json, JsonObject } from '../../contract/json.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import type { Step, StepAction } from '../../contract/steps.ts'
import { idKey, isRoute, lastSegment, parentResourceName, routeTableOf } from '../arm/resource-id.ts'
import { effectivePathOf } from '../egress/paths.ts'
import { isObject, valueAtPointer } from '../lib/json.ts'

import { listed } from '../lib/text.ts'
import type { OwnedAttachment } from '../request/plan-request.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  type Detachment,
  deleteDefaultRoute,
  detachGateway,
  detachRouteTable,
  requiresRouteTable,
  snapshotAfterCleanup,
} from './detachments.ts'

type Put = Extract<StepAction, { kind: 'putResource' }>

/** What these steps have put in the packets' way: gateways and tables on subnets, and default routes. */
export function ownedAttachments(written: Step[]): OwnedAttachment[] {
  const puts = written.flatMap(({ does }) => (does.kind === 'putResource' ? [does] : []))
  return puts.flatMap((put) => (isRoute(put.id) ? routeOf(put) : attachmentsOf(put, puts)))
}

function routeOf({ id, body, changes }: Put): OwnedAttachment[] {
  const tableId = routeTableOf(id)
  if (body !== null)
    return [{ kind: 'defaultRoute', tableId, route: routeFacts(lastSegment(id), body), isMade: true }]
  const setTo = (field: string) => {
    const change = changes.find(({ path }) => path === `/properties/${field}`)
    return change?.op === 'set' ? change.value : null
  }
  const properties = {
    addressPrefix: '0.0.0.0/0',
    nextHopType: setTo('nextHopType'),
    nextHopIpAddress: setTo('nextHopIpAddress'),
  }
  const route = routeFacts(lastSegment(id), { properties })
  return [{ kind: 'defaultRoute', tableId, route, isMade: false }]
}

function attachmentsOf({ id: subnetId, body, changes }: Put, puts: Put[]): OwnedAttachment[] {
  if (body !== null) return []
  return changes.flatMap((change): OwnedAttachment[] => {
    const attached = change.op === 'set' ? idIn(change.value) : null
    if (attached === null) return []
    if (change.path === '/properties/natGateway')
      return [{ kind: 'natGateway', subnetId, gatewayId: attached }]
    if (change.path !== '/properties/routeTable') return []
    const table = puts.find(({ id, body }) => body !== null && idKey(id) === idKey(attached))
    return [{ kind: 'routeTable', subnetId, tableId: attached, routes: routesIn(table?.body ?? null) }]
  })
}

function routesIn(table: JsonObject | null): RouteFacts[] | null {
  const routes = table === null ? null : valueAtPointer(table, '/properties/routes')
  if (!Array.isArray(routes)) return null
  return routes.flatMap((route) => {
    const name = isObject(route) ? route.name : null
    return isObject(route) && typeof name === 'string' ? [routeFacts(name, route)] : []
  })
}

function routeFacts(name: string, body: JsonObject): RouteFacts {
  const at = (field: string) => valueAtPointer(body, `/properties/${field}`)
  const address = at('nextHopIpAddress')
  return {
    name,
    addressPrefix: String(at('addressPrefix')),
    nextHopType: String(at('nextHopType')),
    nextHopIpAddress: typeof address === 'string' ? address : null,
  }
}

function idIn(value: Json): string | null {
  return isObject(value) && typeof value.id === 'string' ? value.id : null
}

/** What a lead comes to: nothing where it is gone, or what has to be asked about is told elsewhere. */
type RemovalDecision =
  | { take: Detachment; kept: RetainedAttachment | null }
  | { keep: RetainedAttachment }
  | null

/**
 * Of what a job has put in the packets' way, what can be taken off: only what is still as the job wrote it, serves
 * nobody else, and leaves every subnet a path that works without it. Routes that stay are named with the reason; a
 * gateway that stays is in use, which is told with its deletion.
 */
export function removableAttachments(
  leads: OwnedAttachment[],
  snapshot: Snapshot,
  type: OutboundType,
): { detachments: Detachment[]; kept: RetainedAttachment[] } {
  const verdicts = leads.map((lead) => decideRemoval(lead, snapshot, type))
  const candidates = verdicts.flatMap((each) => (each !== null && 'take' in each ? [each] : []))
  const cleaned = snapshotAfterCleanup(
    snapshot,
    candidates.map(({ take }) => take),
  )
  const detachments: Detachment[] = []
  const kept = verdicts.flatMap((each) => (each !== null && 'keep' in each ? [each.keep] : []))
  for (const { take, kept: named } of candidates) {
    const paths = take.subnets.map((id) => pathsOf(id, snapshot, cleaned, type))
    const cut = paths.filter(({ before, after }) => before !== after && !CARRYING.includes(after))
    if (cut.length === 0) {
      detachments.push({ ...take, movesTraffic: paths.some(({ before, after }) => before !== after) })
    } else if (named !== null)
      kept.push({
        ...named,
        because: `the traffic of ${listed(cut.map(({ id }) => lastSegment(id)))} has no other path`,
      })
  }
  return { detachments, kept }
}

/** Paths by which a cluster leaves of itself; Azure's default outbound access is nothing to move traffic to. */
const CARRYING: EffectivePath[] = ['loadBalancer', 'natGateway', 'instancePublicIp']

function pathsOf(id: string, snapshot: Snapshot, cleaned: Snapshot, type: OutboundType) {
  const pathIn = (each: Snapshot) => {
    const subnet = subnetIn(id, each)
    return subnet === undefined ? 'unknown' : effectivePathOf(subnet, each, type)
  }
  return { id, before: pathIn(snapshot), after: pathIn(cleaned) }
}

function subnetIn(id: string, { subnets }: Snapshot): SubnetFacts | undefined {
  return subnets.find((each) => idKey(each.id) === idKey(id))
}

function decideRemoval(lead: OwnedAttachment, snapshot: Snapshot, type: OutboundType): RemovalDecision {
  switch (lead.kind) {
    case 'natGateway':
      return decideGateway(lead, snapshot, type)
    case 'routeTable':
      return decideRouteTable(lead, snapshot, type)
    case 'defaultRoute':
      return decideDefaultRoute(lead, snapshot, type)
  }
}

/** The type that leaves by a gateway needs it, whoever attached it. */
function decideGateway(
  { subnetId, gatewayId }: Extract<OwnedAttachment, { kind: 'natGateway' }>,
  snapshot: Snapshot,
  type: OutboundType,
): RemovalDecision {
  const subnet = subnetIn(subnetId, snapshot)
  if (!isSame(subnet?.natGatewayId, gatewayId) || subnet === undefined) return null
  if (type === 'userAssignedNATGateway' || type === 'managedNATGateway') return null
  return { take: detachGateway(subnet, gatewayId, true), kept: null }
}

function decideRouteTable(
  { subnetId, tableId, routes }: Extract<OwnedAttachment, { kind: 'routeTable' }>,
  snapshot: Snapshot,
  type: OutboundType,
): RemovalDecision {
  const subnet = subnetIn(subnetId, snapshot)
  if (!isSame(subnet?.routeTableId, tableId) || subnet === undefined) return null
  const table = snapshot.routeTables[idKey(tableId)]
  const [route] = routes ?? []
  const keep = (because: string): RemovalDecision => ({
    keep: retainedAttachment(tableId, route?.name ?? 'default', because),
  })
  if (type === 'userDefinedRouting') return keep(NEEDED)
  if (table === undefined) return keep(UNREAD)
  if (requiresRouteTable(snapshot)) return keep('kubenet requires the route table')
  if (routes === null || route === undefined || !hasOnly(table, routes)) return keep(CHANGED)
  return { take: detachRouteTable(subnet, table, route), kept: retainedAttachment(tableId, route.name, '') }
}

function decideDefaultRoute(
  { tableId, route, isMade }: Extract<OwnedAttachment, { kind: 'defaultRoute' }>,
  snapshot: Snapshot,
  type: OutboundType,
): RemovalDecision {
  const keep = (because: string): RemovalDecision => ({
    keep: retainedAttachment(tableId, route.name, because),
  })
  const table = snapshot.routeTables[idKey(tableId)]
  if (table === undefined) return isUnread(tableId, snapshot) ? keep(UNREAD) : null
  const present = table.routes.find(({ name }) => name.toLowerCase() === route.name.toLowerCase())
  if (present === undefined) return null
  // A route that the job only led elsewhere is no longer its affair once it leads elsewhere still.
  if (!isSameRoute(present, route)) return isMade ? keep(CHANGED) : null
  if (type === 'userDefinedRouting') return keep(NEEDED)
  if (!isMade) return keep('the job did not create it but changed its next hop, which must be changed back')
  const own = new Set(snapshot.subnets.map(({ id }) => idKey(id)))
  const others = table.subnetIds.filter((id) => !own.has(idKey(id)))
  if (others.length > 0)
    return keep(
      `${listed(others.map((id) => `${parentResourceName(id)}/${lastSegment(id)}`))} also use${others.length === 1 ? 's' : ''} the route table`,
    )
  return {
    take: deleteDefaultRoute(table.id, present, snapshot),
    kept: retainedAttachment(tableId, route.name, ''),
  }
}

const NEEDED = 'the outbound type is userDefinedRouting, which uses it'
const UNREAD = 'the route table could not be read'
const CHANGED = 'it changed after the job wrote it'

function retainedAttachment(routeTable: string, route: string, because: string): RetainedAttachment {
  return { routeTable, route, because }
}

/** A table that no list and no single read has shown is gone, unless something says otherwise. */
function isUnread(tableId: string, { subnets, unread }: Snapshot): boolean {
  return (
    subnets.some(({ routeTableId }) => isSame(routeTableId, tableId)) ||
    unread.some(({ what, reason }) => isSame(what, tableId) && reason !== 'not-found')
  )
}

function isSame(one: string | null | undefined, other: string): boolean {
  return idKey(one ?? '') === idKey(other)
}

function hasOnly({ routes }: RouteTableFacts, wanted: RouteFacts[]): boolean {
  return (
    routes.length === wanted.length &&
    wanted.every((route) => routes.some((each) => isSame(each.name, route.name) && isSameRoute(each, route)))
  )
}

function isSameRoute(present: RouteFacts, written: RouteFacts): boolean {
  return (
    present.addressPrefix === written.addressPrefix &&
    present.nextHopType.toLowerCase() === written.nextHopType.toLowerCase() &&
    (present.nextHopIpAddress ?? null) === written.nextHopIpAddress
  )
}

/** A default route of a job's that stays, and why. */
export interface RetainedAttachment {
  routeTable: string
  route: string
  /** A sentence without its full stop. */
  because: string
}
