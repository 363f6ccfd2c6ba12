import type { Finding } from '../../contract/finding.ts'
import type { SubnetRouting } from '../../contract/routing.ts'
import { idKey, lastSegment, namesOf } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { publicServiceFrontends } from '../context/service-frontends.ts'
import { internetRoutesOf } from '../egress/effective-path.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { isApplianceHop, nextHopOf } from '../egress/routes.ts'
import { mayLearnDefaultRoute, routesToAppliance } from '../egress/subnet-attachments.ts'
import { isCidr } from '../lib/cidr.ts'
import { agree, groupedClauses, listed, named, subnetsWithPools, these } from '../lib/text.ts'
import { documented, errorCode, inferred, observed } from '../references/references.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { hubFact, listLearnedRoutes } from './learned-routes.ts'
import { type Check, type Rule, rule } from './rule.ts'

/** Every subnet needs a default route to a virtual appliance or virtual network gateway, and the cluster must support it. */
export const checkUserDefinedRouting: Check = (context) => {
  if (context.to !== 'userDefinedRouting' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...routeProblems(context), ...cutover(context), ...clusterRules(context)]
}

export const UDR_NO_ROUTE_TABLE = rule<{ subnets: { id: string; pools: string[] }[] }>('UDR_NO_ROUTE_TABLE', {
  severity: 'blocker',
  message: (f) =>
    `AKS rejects the outbound type \`userDefinedRouting\`, because no route table is associated with ${subnetsWithPools(f.subnets)}.`,
  remedy:
    'Set `prepare.defaultRoute` in the plan request: the job then creates the route and the association. Alternatively, create a route table with a default route to a virtual appliance or virtual network gateway, and associate this table with every node and pod subnet. Traffic then moves to the new path immediately, not when a job runs.',
  source: documented(
    'egress-outboundtype',
    'egress-udr',
    errorCode('ExistingRouteTableNotAssociatedWithSubnet'),
  ),
})

export const UDR_NO_DEFAULT_ROUTE = rule<{ routeTables: string[]; splitTables: string[] }>(
  'UDR_NO_DEFAULT_ROUTE',
  {
    severity: 'blocker',
    message: (f) => {
      const split =
        f.splitTables.length === 0
          ? ''
          : `; AKS checks only 0.0.0.0/0, although packets use the routes for 0.0.0.0/1 or 128.0.0.0/1 in ${named('route table', f.splitTables)}`
      return `AKS rejects the outbound type \`userDefinedRouting\`, because ${named('route table', f.routeTables)} ${agree(f.routeTables, 'has', 'have')} no route for 0.0.0.0/0${split}.`
    },
    remedy:
      'Set `prepare.defaultRoute` in the plan request: the job then adds the route. Alternatively, add a route for 0.0.0.0/0 to a virtual appliance or virtual network gateway yourself. Traffic then moves to the new path immediately, not when a job runs.',
    source: documented(
      'egress-outboundtype',
      'limit-egress-traffic',
      errorCode('RouteTableMissingDefaultRouteError'),
    ),
  },
)

const NEXT_HOP_REMEDY =
  'Add the public addresses of a virtual appliance or virtual network gateway to all allow lists. Then set the next hop type of the default route to `VirtualAppliance` or `VirtualNetworkGateway`, which moves traffic immediately.'

export const UDR_BAD_NEXT_HOP = rule<{ routes: { routeTable: string; nextHopType: string }[] }>(
  'UDR_BAD_NEXT_HOP',
  {
    severity: 'blocker',
    message: (f) => `AKS does not allow ${listed(nextHopTypes(f.routes))}.`,
    remedy: NEXT_HOP_REMEDY,
    source: documented('egress-udr', 'limit-egress-traffic', errorCode('RouteTableInvalidNextHop')),
  },
)

export const UDR_NEXT_HOP_IP = rule<{ routeTables: string[]; nextHops: string[] }>('UDR_NEXT_HOP_IP', {
  severity: 'blocker',
  message: (f) =>
    f.nextHops.length === 0
      ? `${defaultRoutes(f.routeTables)} ${agree(f.routeTables, 'leads', 'lead')} to a virtual appliance, but ${agree(f.routeTables, 'has', 'have')} no next hop address.`
      : `Packets would not reach a virtual appliance, because ${named('route table', f.routeTables)} ${agree(f.routeTables, 'has', 'have')} a default route to ${listed(f.nextHops)}, which is not in any virtual network.`,
  remedy:
    'Set `nextHopIpAddress` of the route to the private address of the appliance. If the job creates the route, set `prepare.defaultRoute.nextHopIpAddress` in the plan request.',
  source: inferred('@azure/arm-network 36.0.0'),
})

export const UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP = rule<{ routeTables: string[]; hub?: string }>(
  'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP',
  {
    severity: 'warning',
    message: (f) =>
      `AKS may reject \`userDefinedRouting\` with the error code \`RouteTableMissingDefaultRouteError\`, because ${named('route table', f.routeTables)} ${agree(f.routeTables, 'contains', 'contain')} no route for 0.0.0.0/0, and Azure Resource Manager does not show routes that are learned over BGP.`,
    remedy: (f) =>
      `${listLearnedRoutes(f.hub)}. If the output contains no default route that is learned over BGP, or AKS rejects the change, set \`prepare.defaultRoute\` in a new plan request. The job then adds the route, which overrides routes learned over BGP and moves traffic immediately.`,
    source: observed('AKS release notes 2020-10-26', 'azure-docs issue 108240'),
  },
)

function routeProblems({ routing, snapshot }: PlanningContext): Finding[] {
  const withProblem = ({ code }: Rule<never>) => routing.filter(({ problem }) => problem === code)
  const withoutRoute = withProblem(UDR_NO_DEFAULT_ROUTE)
  const withoutHop = withProblem(UDR_NEXT_HOP_IP)
  const routes = withProblem(UDR_BAD_NEXT_HOP).map((row) => ({
    routeTable: lastSegment(row.routeTableId ?? ''),
    nextHopType: row.defaultRoute?.nextHopType ?? '',
  }))
  const nextHops = withoutHop.flatMap(({ defaultRoute }) => defaultRoute?.nextHopIpAddress ?? [])
  return [
    ...UDR_NO_ROUTE_TABLE.ifAny({
      subnets: withProblem(UDR_NO_ROUTE_TABLE).map(({ subnetId, pools }) => ({ id: subnetId, pools })),
    }),
    ...UDR_NO_DEFAULT_ROUTE.ifAny({
      routeTables: tableNames(withoutRoute),
      splitTables: tableNames(withoutRoute.filter(({ halfRoutes }) => halfRoutes.length > 0)),
    }),
    ...UDR_BAD_NEXT_HOP.ifAny({ routes: distinct(routes) }),
    ...UDR_NEXT_HOP_IP.ifAny({ routeTables: tableNames(withoutHop), nextHops: [...new Set(nextHops)] }),
    ...TABLE_PROBLEMS.flatMap((problem) => problem.ifAny({ routeTables: tableNames(withProblem(problem)) })),
    ...UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP.ifAny({
      routeTables: tableNames(withProblem(UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP)),
      ...hubFact(snapshot),
    }),
  ]
}

export const UDR_ROUTE_TABLE_UNREADABLE = rule<{ routeTables: string[] }>('UDR_ROUTE_TABLE_UNREADABLE', {
  severity: 'warning',
  message: (f) =>
    `It is unknown whether ${named('route table', f.routeTables)} ${agree(f.routeTables, 'has', 'have')} a default route, because this service could not read the ${agree(f.routeTables, 'table', 'tables')}.`,
  remedy: (f) =>
    `Assign the Reader role on ${these('route table', f.routeTables)} to the identity of this service, and create a new plan.`,
  source: inferred('this service'),
})

export const UDR_NEXT_HOP_INTERNET = rule<{ routeTables: string[] }>('UDR_NEXT_HOP_INTERNET', {
  severity: 'blocker',
  message: (f) =>
    `${defaultRoutes(f.routeTables)} ${agree(f.routeTables, 'sends', 'send')} packets directly to the internet, but AKS does not allow such a route.`,
  remedy: NEXT_HOP_REMEDY,
  source: documented('egress-udr', 'limit-egress-traffic', errorCode('RouteTableInvalidNextHop')),
})

export const UDR_NEXT_HOP_NONE = rule<{ routeTables: string[] }>('UDR_NEXT_HOP_NONE', {
  severity: 'blocker',
  message: (f) =>
    `${defaultRoutes(f.routeTables)} ${agree(f.routeTables, 'drops', 'drop')} every packet, because the next hop type is \`None\`.`,
  remedy: NEXT_HOP_REMEDY,
  source: observed(errorCode('RouteTableInvalidNextHop'), 'third-party Terraform module notes'),
})

/** Problems that have only the route tables as facts. */
const TABLE_PROBLEMS = [UDR_ROUTE_TABLE_UNREADABLE, UDR_NEXT_HOP_INTERNET, UDR_NEXT_HOP_NONE]

export const UDR_CUTOVER_IS_ROUTE = rule<{ subnets: string[] }>('UDR_CUTOVER_IS_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `Packets from ${named('subnet', f.subnets)} use the virtual appliance or virtual network gateway as soon as the default route exists, before the cluster changes.`,
  remedy:
    'Add the public addresses of the appliance to the authorized IP ranges and to external allow lists, and allow the required endpoints on the appliance. Then add the route. Until the outbound type changes, removing the route moves the traffic back.',
  source: inferred('nat-overview'),
})

/** A new default route moves traffic before the plan can be executed. A cleanup adds none. */
function cutover({ snapshot, target, request }: PlanningContext): Finding[] {
  const subnets = snapshot.subnets.filter((subnet) => hasPendingAttachment(subnet, snapshot, target))
  return UDR_CUTOVER_IS_ROUTE.ifAny({ subnets: request.cleanUp === undefined ? namesOf(subnets) : [] })
}

export const UDR_NODE_PUBLIC_IP = rule<{ pools: string[] }>('UDR_NODE_PUBLIC_IP', {
  severity: 'blocker',
  message: (f) =>
    `AKS rejects the outbound type \`userDefinedRouting\`, because ${named('node pool', f.pools)} ${agree(f.pools, 'has', 'have')} node public IPs.`,
  remedy: (f) => `Replace ${these('node pool', f.pools)} with pools that have no node public IPs.`,
  source: observed(errorCode('UDRWithNodePublicIPNotAllowed'), 'Karpenter Azure provider, node public IPs'),
})

export const UDR_DUALSTACK_NO_V6_ROUTE = rule<{ routeTables: string[] }>('UDR_DUALSTACK_NO_V6_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `The dual-stack cluster would have no IPv6 egress, because ${named('route table', f.routeTables)} ${agree(f.routeTables, 'has', 'have')} no route for ::/0.`,
  remedy: (f) =>
    `Add a route for ::/0 to ${these('route table', f.routeTables)}, with an appliance that supports IPv6 as the next hop.`,
  source: documented('configure-dual-stack'),
})

export const UDR_PUBLIC_NETWORK_ACCESS = rule('UDR_PUBLIC_NETWORK_ACCESS', {
  severity: 'warning',
  message:
    'AKS may reject the outbound type `userDefinedRouting` because the cluster has `publicNetworkAccess` set to `Disabled`: users reported the rejection in 2023, but other users have combined both settings since 2024.',
  remedy:
    'If AKS rejects the change, set `publicNetworkAccess` to `Enabled`. The API server of a private cluster stays private.',
  source: observed('Azure/AKS issue 3690', { text: 'microsoft/CromwellOnAzure pull request 779' }),
})

function clusterRules(context: PlanningContext): Finding[] {
  const { from, to, routing, paths, snapshot } = context
  const { cluster } = snapshot
  const pools = cluster.agentPools.filter((pool) => pool.enableNodePublicIP).map((pool) => pool.name)
  // UDR_NO_ROUTE_TABLE reports a subnet without a route table.
  const withoutV6 = routing.filter(({ routeTableId: id }) => {
    const routes = id === null ? null : (snapshot.routeTables[idKey(id)]?.routes ?? [])
    return routes?.some((route) => route.addressPrefix === '::/0') === false
  })
  const isDualStack = cluster.ipFamilies.some((family) => equalsArm(family, 'IPv6'))
  // A separate finding reports the loss of an existing path.
  const losesIpv6 = paths.before.some(({ family, path }) => family === 'IPv6' && path !== 'none')
  return [
    ...UDR_NODE_PUBLIC_IP.ifAny({ pools }),
    ...UDR_PUBLIC_NETWORK_ACCESS.when(cluster.isPublicNetworkAccessDisabled && from !== to, {}),
    ...UDR_DUALSTACK_NO_V6_ROUTE.when(isDualStack && !losesIpv6 && withoutV6.length > 0, {
      routeTables: tableNames(withoutV6),
    }),
  ]
}

function nextHopTypes(routes: { routeTable: string; nextHopType: string }[]): string[] {
  return groupedClauses(
    routes,
    'routeTable',
    'nextHopType',
    (tables, type) =>
      `the next hop type \`${type}\` of the default route${agree(tables, '', 's')} in ${named('route table', tables)}`,
  )
}

function defaultRoutes(routeTables: string[]): string {
  return `The default route${agree(routeTables, '', 's')} in ${named('route table', routeTables)}`
}

function tableNames(rows: SubnetRouting[]): string[] {
  return [...new Set(rows.map(({ routeTableId }) => lastSegment(routeTableId ?? '')))]
}

function distinct<T extends { routeTable: string }>(routes: T[]): T[] {
  return [...new Map(routes.map((route) => [route.routeTable, route])).values()]
}

export const SERVICE_TAG_ONLY_ROUTES = rule<{ tables: { routeTable: string; tags: string[] }[] }>(
  'SERVICE_TAG_ONLY_ROUTES',
  {
    severity: 'warning',
    message: (f) =>
      `Nodes may not start, because the routes to the internet cover only service tags (${listed(f.tables.map((table) => `${table.tags.join(', ')} in the route table \`${table.routeTable}\``))}), and these tags do not include every registry and package source that nodes need.`,
    remedy:
      'Choose a virtual appliance or virtual network gateway that allows the required endpoints. Add its public addresses to all allow lists. Then route 0.0.0.0/0 to this appliance or gateway, which moves traffic immediately.',
    source: observed('third-party Terraform module notes'),
  },
)

/** Route tables that route only service tags to the internet: nodes need more endpoints to start. */
export const checkServiceTagRoutes: Check = ({ snapshot, to, isNoChange }) => {
  if (isNoChange || (to !== 'userDefinedRouting' && to !== 'none')) return []
  const tables = snapshot.subnets.flatMap((subnet) => {
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const tags = (table?.routes ?? []).filter(
      (route) => nextHopOf(route) === 'Internet' && !isCidr(route.addressPrefix),
    )
    return table === undefined || tags.length === 0 || hasApplianceRoute(subnet, snapshot) === true
      ? []
      : [{ routeTable: lastSegment(table.id), tags: tags.map((tag) => tag.addressPrefix) }]
  })
  return SERVICE_TAG_ONLY_ROUTES.ifAny({ tables: distinct(tables) })
}

/** Whether a route sends packets to the internet, or a half of it, to an appliance or gateway; null if unread. */
function hasApplianceRoute(subnet: SubnetFacts, snapshot: Snapshot): boolean | null {
  const routes = internetRoutesOf(subnet, snapshot)
  return routes === 'unread' ? null : routes.some((route) => route !== null && isApplianceHop(route))
}

type RoutedFrontend = { name: string; address: string | null; ports: string[] }

export const INGRESS_ASYMMETRIC_ROUTING = rule<{ frontends: RoutedFrontend[]; isRoutedNow: boolean }>(
  'INGRESS_ASYMMETRIC_ROUTING',
  {
    severity: 'acknowledge',
    message: (f) =>
      `Clients may ${f.isRoutedNow ? 'already be unable to reach' : 'lose access to'} the public Service${agree(f.frontends, '', 's')} ${listed(f.frontends.map(({ name, address, ports }) => `${address ?? `\`${name}\``} (${ports.join(', ')})`))}: the default route sends replies to the appliance, and a stateful firewall drops replies to requests that it did not receive.`,
    remedy: (f) =>
      f.isRoutedNow
        ? `Test whether clients can reach ${these('Service', f.frontends)} now. The result stays the same after the change, because the change does not alter the route. If clients cannot reach ${these('Service', f.frontends)}, move ingress behind the firewall (DNAT to an internal load balancer), or add routes for the client addresses with the next hop type \`Internet\`.`
        : 'Move ingress behind the firewall (DNAT to an internal load balancer) before the cutover, or add routes for the client addresses with the next hop type `Internet`.',
    source: documented('limit-egress-traffic'),
  },
)

/** A default route sends replies of public Services to the appliance, which drops them. */
export const checkIngressAsymmetry: Check = ({ snapshot, prepared, from, to, target }) => {
  if (to !== 'userDefinedRouting' || from === to) return []
  // Routes with longer prefixes may keep all replies away from the appliance.
  const isRouted = (subnet: SubnetFacts) =>
    hasApplianceRoute(subnet, prepared) !== false ||
    hasPendingAttachment(subnet, prepared, target) ||
    mayLearnDefaultRoute(subnet, prepared)
  if (prepared.subnets.length > 0 && !prepared.subnets.some(isRouted)) return []
  const frontends = publicServiceFrontends(snapshot).map(({ name, address, ports }) => ({
    name,
    address,
    ports,
  }))
  const isRoutedNow =
    snapshot.subnets.length > 0 && snapshot.subnets.every((subnet) => routesToAppliance(subnet, snapshot))
  return INGRESS_ASYMMETRIC_ROUTING.when(frontends.length > 0, { frontends, isRoutedNow })
}
