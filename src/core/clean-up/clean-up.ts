import { defaultRouteOf } from '../effective-egress.ts'
import { isAksOwned } from '../egress-addresses.ts'
import type { RouteFacts, SubnetFacts } from '../network-facts.ts'
import { type OutboundType, type TypeKey, typeOfKey } from '../outbound-type.ts'
import { routeBody } from '../preparation/prepare-default-route.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Snapshot } from '../snapshot.ts'
import type { PlanRequest } from '../target.ts'
import type { Detachment } from './detachment.ts'

/** What is to go once a change has proven itself, or was taken back; nothing of it is part of a change. */
export interface CleanUpRequest {
  /** Entries of the authorized ranges that only the former egress needed. */
  narrow: string[]
  /** Whether gateways and routes that shadow the present outbound type are taken off the subnets. */
  detach: boolean
  /** Resources that a job of this service has made and that nothing uses, in the order in which they can go. */
  delete: string[]
}

/** A clean-up for a cluster as it is: what of the request is still there. */
export interface CleanUp {
  detachments: Detachment[]
  narrow: string[]
  delete: string[]
}

/** Empty where the cluster has another type than the one to clean up for: what is of no use then may be in use now. */
export function cleanUpOf(request: PlanRequest, snapshot: Snapshot, present: TypeKey | null): CleanUp {
  const wanted = request.cleanUp
  if (wanted === undefined || present !== request.target.outboundType)
    return { detachments: [], narrow: [], delete: [] }
  const { authorizedIPRanges } = snapshot.cluster
  const { outboundType: type } = typeOfKey(present)
  return {
    detachments: wanted.detach ? detachments(snapshot, type) : [],
    narrow: wanted.narrow.filter((entry) => authorizedIPRanges.includes(entry)),
    delete: wanted.delete.filter((id) => isThere(id, snapshot)),
  }
}

/** What outranks the present type on its subnets, or is of no use there any more (rulebook EFFECTIVE_PATH, LEFTOVER_COST). */
function detachments(snapshot: Snapshot, type: OutboundType): Detachment[] {
  const found = new Map<string, Detachment>()
  for (const subnet of snapshot.subnets) {
    const all = [...gatewayOff(subnet, snapshot, type), ...routeOff(subnet, snapshot, type)]
    for (const each of all) found.set(each.id, each)
  }
  return [...found.values()]
}

function gatewayOff(subnet: SubnetFacts, snapshot: Snapshot, type: OutboundType): Detachment[] {
  const id = subnet.natGatewayId
  if (id === null || isAksOwned(id, snapshot)) return []
  if (type === 'userAssignedNATGateway' || type === 'managedNATGateway') return []
  const path = '/properties/natGateway'
  return [
    {
      id: subnet.id,
      title: `Take the NAT gateway ${nameOf(id)} off the subnet ${nameOf(subnet.id)}`,
      // Under a default route of the user's it carries nothing.
      movesTraffic: type !== 'userDefinedRouting',
      does: {
        kind: 'alter',
        changes: [{ op: 'remove', path }],
        former: [{ op: 'set', path, value: { id } }],
      },
      subnets: [subnet.id],
      takes: 'natGateway',
    },
  ]
}

/** A table that others use too is taken off the subnet; in one of the cluster's own the route goes (kubenet needs the table). */
function routeOff(subnet: SubnetFacts, snapshot: Snapshot, type: OutboundType): Detachment[] {
  const route = defaultRouteOf(subnet, snapshot)
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  if (table === undefined || route === null || route === 'unread' || type === 'userDefinedRouting') return []
  if (!/^Virtual(Appliance|NetworkGateway)$/i.test(route.nextHopType)) return []
  const own = new Set(snapshot.subnets.map((each) => idKey(each.id)))
  const isOwn = table.subnetIds.every((id) => own.has(idKey(id)))
  return [isOwn ? routeGone(table.id, route, snapshot) : tableOff(subnet, table.id)]
}

function routeGone(tableId: string, route: RouteFacts, snapshot: Snapshot): Detachment {
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

function tableOff(subnet: SubnetFacts, tableId: string): Detachment {
  const path = '/properties/routeTable'
  return {
    id: subnet.id,
    title: `Take the route table ${nameOf(tableId)} off the subnet ${nameOf(subnet.id)}`,
    movesTraffic: true,
    does: {
      kind: 'alter',
      changes: [{ op: 'remove', path }],
      former: [{ op: 'set', path, value: { id: tableId } }],
    },
    subnets: [subnet.id],
    takes: 'routeTable',
  }
}

function isThere(id: string, { publicIps, publicIpPrefixes, natGateways, routeTables }: Snapshot): boolean {
  const key = idKey(id)
  return [publicIps, publicIpPrefixes, natGateways, routeTables].some((each) => each[key] !== undefined)
}
