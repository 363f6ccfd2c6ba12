import { containsCidr } from 'cidr-tools'
import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment, parseResourceId } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { isCidr } from '../lib/cidr.ts'
import { listed } from '../lib/text.ts'
import { nodesAtPeak } from '../snapshot/agent-pools.ts'
import type { RouteTableFacts } from '../snapshot/network-facts.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import { type Check, rule } from './rule.ts'

/** Routes that one table may hold (configure-kubenet, azure-virtual-network-limits). */
const ROUTES_PER_TABLE = 400

/** kubenet writes a route for each node into the one table of its subnets, so that table has rules of its own. */
export const checkKubenetRoutes: Check = (context) => {
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

export const KUBENET_UDR_IDENTITY = rule('KUBENET_UDR_IDENTITY', {
  severity: 'blocker',
  message: () =>
    'kubenet with a route table of your own needs a user-assigned identity, and the cluster has a system-assigned one.',
  remedy: () => 'Give the cluster a user-assigned identity with rights on the route table first.',
  confidence: 'documented',
  source: 'limit-egress-traffic (FW); configure-kubenet (KN)',
})

function identity({ identityType }: ClusterFacts): Finding[] {
  return identityType === 'SystemAssigned' ? [KUBENET_UDR_IDENTITY.finding({})] : []
}

export const KUBENET_ALL_SUBNETS = rule<{ routeTables: string[]; bareSubnets: string[] }>(
  'KUBENET_ALL_SUBNETS',
  {
    severity: 'blocker',
    message: (f) =>
      `kubenet wants one route table for all subnets of the cluster, and there ${f.routeTables.length === 1 ? 'is' : 'are'} ${listed(f.routeTables)}${f.bareSubnets.length === 0 ? '' : `, with none on ${listed(f.bareSubnets)}`}.`,
    remedy: () => 'Attach the same route table to every subnet that the pools use.',
    confidence: 'documented',
    source: 'configure-kubenet (KN); SubnetMissingRouteTableAssociation, TooManyCustomRouteTables (RPERR)',
  },
)

/** Tables that the subnets share; a subnet without one has a blocker of its own. */
function oneTable({ snapshot: { subnets } }: PlanningContext): Finding[] {
  const ids = subnets.flatMap((subnet) => subnet.routeTableId ?? [])
  const distinct = new Map(ids.map((id) => [idKey(id), lastSegment(id)]))
  const bare = subnets.filter((subnet) => subnet.routeTableId === null)
  if (distinct.size === 0 || (distinct.size === 1 && bare.length === 0)) return []
  const names = bare.map((subnet) => lastSegment(subnet.id))
  return [KUBENET_ALL_SUBNETS.finding({ routeTables: [...distinct.values()], bareSubnets: names })]
}

export const KUBENET_AKS_OWNED_TABLE = rule<{ routeTable: string; isLocked: boolean }>(
  'KUBENET_AKS_OWNED_TABLE',
  {
    severity: 'warning',
    message: (f) =>
      `The route table ${f.routeTable} was made by AKS for kubenet and lies in the node resource group${f.isLocked ? ', which is locked: nobody can add a default route there' : '; whether a default route of your own in it is supported is not documented'}.`,
    remedy: () =>
      'Move to Azure CNI Overlay, which needs no route table of its own, or ask Azure support before the change.',
    confidence: 'inferred',
    source: 'configure-kubenet (KN)',
  },
)

export const ROUTE_TABLE_OTHER_SUB = rule<{ routeTable: string; subscriptionId: string }>(
  'ROUTE_TABLE_OTHER_SUB',
  {
    severity: 'blocker',
    message: (f) =>
      `The route table ${f.routeTable} lies in the subscription ${f.subscriptionId}; with kubenet it must lie in the cluster's own.`,
    remedy: () => 'Use a route table in the subscription of the cluster.',
    confidence: 'observed',
    source: 'CustomRouteTableCannotCrossSubscription (RPERR)',
  },
)

function ownership(table: RouteTableFacts, { snapshot }: PlanningContext): Finding[] {
  const { cluster } = snapshot
  const name = lastSegment(table.id)
  if (isAksOwned(table.id, snapshot)) {
    const isLocked = cluster.nodeResourceGroupRestriction?.toLowerCase() === 'readonly'
    return [KUBENET_AKS_OWNED_TABLE.finding({ routeTable: name, isLocked })]
  }
  const subscriptionId = parseResourceId(table.id)?.subscriptionId.toLowerCase()
  return subscriptionId === cluster.subscriptionId.toLowerCase()
    ? []
    : [ROUTE_TABLE_OTHER_SUB.finding({ routeTable: name, subscriptionId: subscriptionId ?? '' })]
}

export const UDR_SHARED_TABLE = rule<{ routeTable: string; subnets: string[] }>('UDR_SHARED_TABLE', {
  severity: 'warning',
  message: (f) =>
    `The route table ${f.routeTable} is also on ${listed(f.subnets)}; if another kubenet cluster lives there, the two write over each other's routes.`,
  remedy: () => 'Make sure that no other kubenet cluster uses the table.',
  confidence: 'documented',
  source: 'configure-kubenet (KN)',
})

/** Other subnets of the table: if another kubenet cluster lives there, the two write over each other's routes (configure-kubenet). */
function sharing(table: RouteTableFacts, { snapshot }: PlanningContext): Finding[] {
  const own = new Set(snapshot.subnets.map((subnet) => idKey(subnet.id)))
  const others = table.subnetIds.filter((id) => !own.has(idKey(id)))
  return others.length === 0
    ? []
    : [UDR_SHARED_TABLE.finding({ routeTable: lastSegment(table.id), subnets: others.map(shortName) })]
}

export const UDR_ROUTE_CAPACITY = rule<{ routeTable: string; own: number; nodes: number; limit: number }>(
  'UDR_ROUTE_CAPACITY',
  {
    severity: 'blocker',
    message: (f) =>
      `kubenet needs a route for each node: ${f.own} routes of your own and ${f.nodes} nodes at the peak are more than the ${f.limit} that ${f.routeTable} can hold.`,
    remedy: () =>
      'Lower the largest size of the pools or their surge, merge routes, or move to Azure CNI Overlay.',
    confidence: 'documented',
    source: 'configure-kubenet (KN); azure-virtual-network-limits (LIM)',
  },
)

function room(table: RouteTableFacts, { snapshot: { cluster } }: PlanningContext): Finding[] {
  const isOfPods = (prefix: string) =>
    isCidr(prefix) && cluster.podCidrs.some((pods) => isCidr(pods) && containsCidr(pods, prefix))
  const own = table.routes.filter((route) => !isOfPods(route.addressPrefix)).length
  const nodes = nodesAtPeak(cluster)
  return own + nodes <= ROUTES_PER_TABLE
    ? []
    : [UDR_ROUTE_CAPACITY.finding({ routeTable: lastSegment(table.id), own, nodes, limit: ROUTES_PER_TABLE })]
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
