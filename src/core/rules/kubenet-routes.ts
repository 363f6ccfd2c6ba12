import { containsCidr } from 'cidr-tools'
import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment, namesOf, parseResourceId } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { isCidr } from '../lib/cidr.ts'
import { agree, counted, listed, listedCode, named } from '../lib/text.ts'
import { documented, errorCode, inferred, observed } from '../references/references.ts'
import { countNodes } from '../snapshot/agent-pools.ts'
import type { RouteTableFacts } from '../snapshot/network-facts.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
import { type Check, rule } from './rule.ts'

/** Routes in one table (configure-kubenet, azure-virtual-network-limits). */
const MAX_ROUTES = 400

export const KUBENET_UDR_IDENTITY = rule('KUBENET_UDR_IDENTITY', {
  severity: 'blocker',
  message:
    'The cluster has a system-assigned identity, but kubenet with a customer-managed route table requires a user-assigned identity.',
  remedy:
    'Switch the cluster to a user-assigned identity first, and assign this identity a role such as Network Contributor on the route table.',
  source: documented('limit-egress-traffic', 'configure-kubenet'),
})

/** kubenet writes a route for each node into the route table of its subnets, so this table has additional rules. */
export const checkKubenetRoutes: Check = (context) => {
  const { snapshot, to, vnet, isNoChange } = context
  if (!isKubenet(snapshot.cluster) || to !== 'userDefinedRouting' || vnet.kind !== 'byo' || isNoChange)
    return []
  return [
    ...KUBENET_UDR_IDENTITY.when(equalsArm(snapshot.cluster.identityType, 'SystemAssigned'), {}),
    ...oneTable(context),
    ...tablesOf(context).flatMap((table) => [
      ...ownership(table, context),
      ...sharing(table, context),
      ...capacity(table, context),
    ]),
  ]
}

export const KUBENET_ALL_SUBNETS = rule<{ routeTables: string[]; bareSubnets: string[] }>(
  'KUBENET_ALL_SUBNETS',
  {
    severity: 'blocker',
    message: (f) =>
      `kubenet requires one route table for all subnets of the cluster, but ${listed(tablesInUse(f))}.`,
    remedy:
      'Attach the same route table to every subnet that the node pools use. The traffic of a subnet follows the routes of its new table immediately.',
    source: documented(
      'configure-kubenet',
      errorCode('SubnetMissingRouteTableAssociation, TooManyCustomRouteTables'),
    ),
  },
)

function tablesInUse({
  routeTables,
  bareSubnets,
}: {
  routeTables: string[]
  bareSubnets: string[]
}): string[] {
  return [
    ...(bareSubnets.length === 0
      ? []
      : [`${named('subnet', bareSubnets)} ${agree(bareSubnets, 'has', 'have')} no route table`]),
    routeTables.length === 1
      ? `the other subnets use ${named('route table', routeTables)}`
      : `the ${bareSubnets.length === 0 ? '' : 'other '}subnets use different route tables (${listedCode(routeTables)})`,
  ]
}

/** Checks that all subnets share one table. If no subnet has a table, another blocker reports it. */
function oneTable({ snapshot: { subnets } }: PlanningContext): Finding[] {
  const ids = subnets.flatMap(({ routeTableId }) => routeTableId ?? [])
  const tables = new Map(ids.map((id) => [idKey(id), lastSegment(id)]))
  const bareSubnets = namesOf(subnets.filter(({ routeTableId }) => routeTableId === null))
  return KUBENET_ALL_SUBNETS.when(tables.size > 1 || (tables.size === 1 && bareSubnets.length > 0), {
    routeTables: [...tables.values()],
    bareSubnets,
  })
}

export const KUBENET_AKS_OWNED_TABLE = rule<{ routeTable: string; isLocked: boolean }>(
  'KUBENET_AKS_OWNED_TABLE',
  {
    severity: 'warning',
    message: (f) =>
      f.isLocked
        ? `You cannot add a default route to the AKS-managed route table \`${f.routeTable}\` of kubenet, because the node resource group of the cluster is locked.`
        : `It is unclear whether AKS supports a customer-managed default route in the AKS-managed route table \`${f.routeTable}\` of kubenet, because this case is not documented.`,
    remedy:
      'Migrate the cluster to Azure CNI Overlay, which needs no route table. Alternatively, before you execute the plan, ask Azure support how to add the default route.',
    source: inferred('configure-kubenet'),
  },
)

export const ROUTE_TABLE_OTHER_SUB = rule<{ routeTable: string; subscriptionId: string }>(
  'ROUTE_TABLE_OTHER_SUB',
  {
    severity: 'blocker',
    message: (f) =>
      `The route table \`${f.routeTable}\` is in the subscription \`${f.subscriptionId}\`, but kubenet requires a route table in the subscription of the cluster.`,
    remedy:
      'Attach a route table from the subscription of the cluster to the subnets instead. Traffic follows the routes of the new table immediately.',
    source: observed(errorCode('CustomRouteTableCannotCrossSubscription')),
  },
)

function ownership({ id }: RouteTableFacts, { snapshot }: PlanningContext): Finding[] {
  const { nodeResourceGroupRestriction, subscriptionId: clusterSubscription } = snapshot.cluster
  const routeTable = lastSegment(id)
  const isLocked = equalsArm(nodeResourceGroupRestriction, 'ReadOnly')
  if (isAksOwned(id, snapshot)) return [KUBENET_AKS_OWNED_TABLE.finding({ routeTable, isLocked })]
  const subscriptionId = idKey(parseResourceId(id)?.subscriptionId ?? '')
  return ROUTE_TABLE_OTHER_SUB.when(!equalsArm(subscriptionId, clusterSubscription), {
    routeTable,
    subscriptionId,
  })
}

export const UDR_SHARED_TABLE = rule<{ routeTable: string; subnets: string[] }>('UDR_SHARED_TABLE', {
  severity: 'warning',
  message: (f) =>
    `The route table \`${f.routeTable}\` is also attached to ${named('subnet', f.subnets)}, and kubenet clusters that share a route table overwrite each other's routes.`,
  remedy: 'Make sure that no other kubenet cluster uses the route table.',
  source: documented('configure-kubenet'),
})

/** Finds other subnets of the table, where two kubenet clusters overwrite each other's routes (configure-kubenet). */
function sharing(table: RouteTableFacts, { snapshot }: PlanningContext): Finding[] {
  const clusterSubnets = new Set(snapshot.subnets.map(({ id }) => idKey(id)))
  const others = table.subnetIds.filter((id) => !clusterSubnets.has(idKey(id)))
  return UDR_SHARED_TABLE.ifAny({ routeTable: lastSegment(table.id), subnets: others.map(shortName) })
}

export const UDR_ROUTE_CAPACITY = rule<{ routeTable: string; own: number; nodes: number; limit: number }>(
  'UDR_ROUTE_CAPACITY',
  {
    severity: 'blocker',
    message: (f) =>
      `The route table \`${f.routeTable}\` would need ${counted(f.own + f.nodes, 'route')}, above the limit of ${f.limit}: ${counted(f.own, 'customer-managed route')}, and one kubenet route for each of up to ${counted(f.nodes, 'node')} (maximum size of the node pools plus surge).`,
    remedy:
      'Lower the maximum size or the surge of the node pools, merge routes, or migrate to Azure CNI Overlay.',
    source: documented('configure-kubenet', 'azure-virtual-network-limits'),
  },
)

function capacity({ id, routes }: RouteTableFacts, { snapshot: { cluster } }: PlanningContext): Finding[] {
  const isPodRoute = (prefix: string) =>
    isCidr(prefix) && cluster.podCidrs.some((pods) => isCidr(pods) && containsCidr(pods, prefix))
  const own = routes.filter(({ addressPrefix }) => !isPodRoute(addressPrefix)).length
  const nodes = countNodes(cluster.agentPools).peak
  return UDR_ROUTE_CAPACITY.when(own + nodes > MAX_ROUTES, {
    routeTable: lastSegment(id),
    own,
    nodes,
    limit: MAX_ROUTES,
  })
}

function tablesOf({ snapshot }: PlanningContext): RouteTableFacts[] {
  const keys = new Set(
    snapshot.subnets.flatMap(({ routeTableId }) => (routeTableId ? [idKey(routeTableId)] : [])),
  )
  return [...keys].flatMap((key) => snapshot.routeTables[key] ?? [])
}

/** `vnet/nodes`, because other networks have subnets of the same name. */
function shortName(subnetId: string): string {
  const [vnet, , name] = subnetId.split('/').slice(-3)
  return `${vnet}/${name}`
}
