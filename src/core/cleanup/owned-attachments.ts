import type { EffectivePath } from '../../contract/egress.ts'
import { isObject, type Json, type JsonObject, valueAtPointer } from '../../contract/json.ts'
import type { OutboundType } from '../../contract/outbound-type.ts'
import type { Step, StepAction } from '../../contract/steps.ts'
import { idKey, isRoute, lastSegment, parentResourceName, routeTableOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { effectivePathOf } from '../egress/effective-path.ts'
import { DEFAULT_ROUTE_PREFIX, hasSameHop, routeFacts } from '../egress/routes.ts'
import { agree, named } from '../lib/text.ts'
import type { OwnedAttachment } from '../request/plan-request.ts'
import type { RouteFacts, RouteTableFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import {
  type Detachment,
  deleteDefaultRoute,
  detachGateway,
  detachRouteTable,
  snapshotAfterCleanup,
} from './detachments.ts'

type Put = Extract<StepAction, { kind: 'putResource' }>

/** The attachments of these steps that can affect packets: gateways and tables on subnets, and default routes. */
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
    addressPrefix: DEFAULT_ROUTE_PREFIX,
    nextHopType: setTo('nextHopType'),
    nextHopIpAddress: setTo('nextHopIpAddress'),
  }
  const route = routeFacts(lastSegment(id), { properties })
  return [{ kind: 'defaultRoute', tableId, route, isMade: false }]
}

function attachmentsOf({ id: subnetId, body, changes, former }: Put, puts: Put[]): OwnedAttachment[] {
  if (body !== null) return []
  // A gateway that replaced another gateway stays, because the subnet would otherwise have none. It is reported as in use.
  if (former.some(({ op, path }) => op === 'set' && path === '/properties/natGateway')) return []
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

function idIn(value: Json): string | null {
  return isObject(value) && typeof value.id === 'string' ? value.id : null
}

/** The result for an attachment; null if it no longer exists, or is reported elsewhere. */
type RemovalDecision =
  | { detachment: Detachment; retained: RetainedAttachment | null }
  | { retained: RetainedAttachment }
  | null

/**
 * The attachments of a job that can be detached. They are unchanged since the job wrote them, serve only the cluster,
 * and every subnet has a working path without them. Routes that stay are listed with the reason. A gateway that stays
 * is in use, which is reported with its deletion.
 */
export function removableAttachments(
  attachments: OwnedAttachment[],
  snapshot: Snapshot,
  type: OutboundType,
): { detachments: Detachment[]; retained: RetainedAttachment[] } {
  const decisions = attachments.flatMap((attachment) => decideRemoval(attachment, snapshot, type) ?? [])
  const candidates = decisions.flatMap((decision) => ('detachment' in decision ? [decision] : []))
  const removed = candidates.map(({ detachment }) => detachment)
  const cleaned = snapshotAfterCleanup(snapshot, removed)
  const detachments: Detachment[] = []
  const retained = decisions.flatMap((decision) => ('detachment' in decision ? [] : [decision.retained]))
  for (const { detachment, retained: route } of candidates) {
    const paths = detachment.subnets.map((id) => pathsOf(id, snapshot, cleaned, type))
    const cut = paths.filter(({ before, after }) => before !== after && !CARRYING.includes(after))
    if (cut.length === 0) detachments.push(detachment)
    else if (route !== null) retained.push({ ...route, reason: 'noOtherPath', because: withoutPath(cut) })
  }
  return { detachments, retained }
}

/** Paths that the outbound type provides. A cleanup must not move traffic to default outbound access. */
const CARRYING: EffectivePath[] = ['loadBalancer', 'natGateway', 'instancePublicIp']

function withoutPath(cut: { id: string; after: EffectivePath }[]): string {
  const subnets = named(
    'subnet',
    cut.map(({ id }) => lastSegment(id)),
  )
  return cut.every(({ after }) => after === 'unknown')
    ? `it is unknown whether the traffic of ${subnets} has another path`
    : `the traffic of ${subnets} has no other path`
}

function pathsOf(id: string, snapshot: Snapshot, cleaned: Snapshot, type: OutboundType) {
  const pathIn = (network: Snapshot) => {
    const subnet = subnetIn(id, network)
    return subnet === undefined ? 'unknown' : effectivePathOf(subnet, network, type)
  }
  return { id, before: pathIn(snapshot), after: pathIn(cleaned) }
}

function subnetIn(id: string, { subnets }: Snapshot): SubnetFacts | undefined {
  return subnets.find((subnet) => idKey(subnet.id) === idKey(id))
}

function decideRemoval(attachment: OwnedAttachment, snapshot: Snapshot, type: OutboundType): RemovalDecision {
  switch (attachment.kind) {
    case 'natGateway':
      return decideGateway(attachment, snapshot, type)
    case 'routeTable':
      return decideRouteTable(attachment, snapshot, type)
    case 'defaultRoute':
      return decideDefaultRoute(attachment, snapshot, type)
  }
}

/** An outbound type that uses a gateway needs it, even if a job attached it. */
function decideGateway(
  { subnetId, gatewayId }: Extract<OwnedAttachment, { kind: 'natGateway' }>,
  snapshot: Snapshot,
  type: OutboundType,
): RemovalDecision {
  const subnet = subnetIn(subnetId, snapshot)
  if (!equalsArm(subnet?.natGatewayId, gatewayId) || subnet === undefined) return null
  if (type === 'userAssignedNATGateway' || type === 'managedNATGateway') return null
  return { detachment: detachGateway(subnet, gatewayId), retained: null }
}

function decideRouteTable(
  { subnetId, tableId, routes }: Extract<OwnedAttachment, { kind: 'routeTable' }>,
  snapshot: Snapshot,
  type: OutboundType,
): RemovalDecision {
  const subnet = subnetIn(subnetId, snapshot)
  if (!equalsArm(subnet?.routeTableId, tableId) || subnet === undefined) return null
  const table = snapshot.routeTables[idKey(tableId)]
  const [made] = routes ?? []
  // In a table that existed before the job, the path is the default route that the table has now.
  const route =
    made === undefined
      ? table?.routes.find(({ addressPrefix }) => addressPrefix === DEFAULT_ROUTE_PREFIX)
      : table?.routes.find(({ name }) => equalsArm(name, made.name))
  const keep = (reason: RetentionReason): RemovalDecision => ({
    retained: retainedAttachment(tableId, route?.name ?? made?.name ?? 'default', reason),
  })
  if (table === undefined) return keep(type === 'userDefinedRouting' ? 'inUse' : 'unread')
  if (route === undefined) return null
  if (type === 'userDefinedRouting') return keep('inUse')
  if (isKubenet(snapshot.cluster)) return keep('kubenet')
  if (routes === null || made === undefined) return keep('existingTable')
  if (!hasOnly(table, routes)) return keep('tableChanged')
  return {
    detachment: detachRouteTable(subnet, table, made),
    retained: retainedAttachment(tableId, made.name, 'noOtherPath'),
  }
}

function decideDefaultRoute(
  { tableId, route, isMade }: Extract<OwnedAttachment, { kind: 'defaultRoute' }>,
  snapshot: Snapshot,
  type: OutboundType,
): RemovalDecision {
  const keep = (reason: RetentionReason, because?: string): RemovalDecision => ({
    retained: retainedAttachment(tableId, route.name, reason, because),
  })
  const table = snapshot.routeTables[idKey(tableId)]
  if (table === undefined) return isUnread(tableId, snapshot) ? keep('unread') : null
  const present = table.routes.find(({ name }) => equalsArm(name, route.name))
  if (present === undefined) return null
  // A route whose next hop the job changed does not belong to the job if another client has changed it since.
  if (!isSameRoute(present, route)) return isMade ? keep('routeChanged') : null
  if (type === 'userDefinedRouting') return keep('inUse')
  if (!isMade) return keep('existingRoute')
  const own = new Set(snapshot.subnets.map(({ id }) => idKey(id)))
  const others = table.subnetIds.filter((id) => !own.has(idKey(id)))
  const names = others.map((id) => `${parentResourceName(id)}/${lastSegment(id)}`)
  if (others.length > 0)
    return keep('shared', `${named('subnet', names)} also ${agree(others, 'uses', 'use')} this route table`)
  return {
    detachment: deleteDefaultRoute(table.id, present, snapshot),
    retained: retainedAttachment(tableId, route.name, 'noOtherPath'),
  }
}

/** The reasons that are the same for every route. The other reasons name subnets. */
const REASONS = {
  inUse: 'the outbound type `userDefinedRouting` uses the route',
  unread: 'this service could not read the route table',
  kubenet: 'kubenet requires this route table',
  routeChanged: 'the route changed after the job created it',
  tableChanged: 'the route table changed after the job created it',
  existingRoute: 'the route existed before the job, and the job only changed the next hop of the route',
  existingTable: 'the route table existed before the job, and the job only attached the table',
}

export type RetentionReason = keyof typeof REASONS | 'shared' | 'noOtherPath'

function retainedAttachment(
  routeTable: string,
  route: string,
  reason: RetentionReason,
  because = reason === 'shared' || reason === 'noOtherPath' ? '' : REASONS[reason],
): RetainedAttachment {
  return { routeTable, route, reason, because }
}

/** A table that was not found by any read no longer exists, unless another resource still refers to it. */
function isUnread(tableId: string, { subnets, unread }: Snapshot): boolean {
  return (
    subnets.some(({ routeTableId }) => equalsArm(routeTableId, tableId)) ||
    unread.some(({ what, reason }) => equalsArm(what, tableId) && reason !== 'not-found')
  )
}

function hasOnly({ routes }: RouteTableFacts, wanted: RouteFacts[]): boolean {
  return (
    routes.length === wanted.length &&
    wanted.every((route) =>
      routes.some((item) => equalsArm(item.name, route.name) && isSameRoute(item, route)),
    )
  )
}

function isSameRoute(present: RouteFacts, written: RouteFacts): boolean {
  return present.addressPrefix === written.addressPrefix && hasSameHop(present, written)
}

/** A default route of a job that stays, with the reason. */
export interface RetainedAttachment {
  routeTable: string
  route: string
  reason: RetentionReason
  /** The reason as a sentence without its full stop. */
  because: string
}
