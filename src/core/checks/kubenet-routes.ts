import { containsCidr } from 'cidr-tools'
import { isCidr } from '../cidr.ts'
import { isAksOwned } from '../egress-addresses.ts'
import { finding } from '../findings/catalogue.ts'
import type { RouteTableFacts } from '../network-facts.ts'
import { nodesAtPeak } from '../node-count.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf, parseResourceId } from '../resource-id.ts'
import type { ClusterFacts } from '../snapshot.ts'
import type { Check } from './check.ts'

/** Routes that one table may hold (KN, LIM). */
const ROUTES_PER_TABLE = 400

/** kubenet writes a route for each node into the one table of its subnets, so that table has rules of its own (rulebook 8). */
export const kubenetRoutes: Check = (context) => {
  const { snapshot, to, vnet, isNoChange } = context
  const isKubenet = snapshot.cluster.networkPlugin?.toLowerCase() === 'kubenet'
  if (!isKubenet || to !== 'userDefinedRouting' || vnet.kind !== 'byo' || isNoChange) return []
  const tables = tablesOf(context)
  return [
    ...identity(snapshot.cluster),
    ...oneTable(context),
    ...tables.flatMap((table) => [
      ...ownership(table, context),
      ...sharing(table, context),
      ...room(table, context),
    ]),
  ]
}

function identity({ identityType }: ClusterFacts): Finding[] {
  return identityType === 'SystemAssigned' ? [finding('KUBENET_UDR_IDENTITY', {})] : []
}

/** Tables that the subnets share; a subnet without one has a blocker of its own. */
function oneTable({ snapshot: { subnets } }: PlanningContext): Finding[] {
  const ids = subnets.flatMap((subnet) => subnet.routeTableId ?? [])
  const distinct = new Map(ids.map((id) => [idKey(id), nameOf(id)]))
  const bare = subnets.filter((subnet) => subnet.routeTableId === null)
  if (distinct.size === 0 || (distinct.size === 1 && bare.length === 0)) return []
  const names = bare.map((subnet) => nameOf(subnet.id))
  return [finding('KUBENET_ALL_SUBNETS', { routeTables: [...distinct.values()], bareSubnets: names })]
}

function ownership(table: RouteTableFacts, { snapshot }: PlanningContext): Finding[] {
  const { cluster } = snapshot
  const name = nameOf(table.id)
  if (isAksOwned(table.id, snapshot)) {
    const isLocked = cluster.nodeResourceGroupRestriction?.toLowerCase() === 'readonly'
    return [finding('KUBENET_AKS_OWNED_TABLE', { routeTable: name, isLocked })]
  }
  const subscriptionId = parseResourceId(table.id)?.subscriptionId.toLowerCase()
  return subscriptionId === cluster.subscriptionId.toLowerCase()
    ? []
    : [finding('ROUTE_TABLE_OTHER_SUB', { routeTable: name, subscriptionId: subscriptionId ?? '' })]
}

/** Other subnets of the table: if another kubenet cluster lives there, the two write over each other's routes (KN). */
function sharing(table: RouteTableFacts, { snapshot }: PlanningContext): Finding[] {
  const own = new Set(snapshot.subnets.map((subnet) => idKey(subnet.id)))
  const others = table.subnetIds.filter((id) => !own.has(idKey(id)))
  return others.length === 0
    ? []
    : [finding('UDR_SHARED_TABLE', { routeTable: nameOf(table.id), subnets: others.map(shortName) })]
}

function room(table: RouteTableFacts, { snapshot: { cluster } }: PlanningContext): Finding[] {
  const isOfPods = (prefix: string) =>
    isCidr(prefix) && cluster.podCidrs.some((pods) => isCidr(pods) && containsCidr(pods, prefix))
  const own = table.routes.filter((route) => !isOfPods(route.addressPrefix)).length
  const nodes = nodesAtPeak(cluster)
  return own + nodes <= ROUTES_PER_TABLE
    ? []
    : [finding('UDR_ROUTE_CAPACITY', { routeTable: nameOf(table.id), own, nodes, limit: ROUTES_PER_TABLE })]
}

function tablesOf({ snapshot }: PlanningContext): RouteTableFacts[] {
  const keys = new Set(
    snapshot.subnets.flatMap((subnet) => (subnet.routeTableId ? [idKey(subnet.routeTableId)] : [])),
  )
  return [...keys].flatMap((key) => snapshot.routeTables[key] ?? [])
}

/** `vnet/nodes`: names of subnets repeat. */
function shortName(subnetId: string): string {
  const [vnet, , name] = subnetId.split('/').slice(-3)
  return `${vnet}/${name}`
}
