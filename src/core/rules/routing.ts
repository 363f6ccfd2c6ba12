import type { Finding } from '../../contract/finding.ts'
import type { SubnetRouting } from '../../contract/routing.ts'
import { idKey, lastSegment, namesOf } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { aksLoadBalancer } from '../egress/outbound-resources.ts'
import { effectiveDefaultRouteOf } from '../egress/paths.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { isApplianceHop, nextHopOf } from '../egress/routes.ts'

import { isCidr } from '../lib/cidr.ts'
import { listed, subnetWithPools } from '../lib/text.ts'
import { documented, errorCode, inferred, observed } from '../references/references.ts'
import type { LoadBalancerFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, type Rule, rule } from './rule.ts'

/** Every subnet needs a default route to an appliance or gateway, and the cluster must support it. */
export const checkUserDefinedRouting: Check = (context) => {
  if (context.to !== 'userDefinedRouting' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...routeProblems(context), ...cutOver(context), ...clusterRules(context)]
}

export const UDR_NO_ROUTE_TABLE = rule<{ subnets: { id: string; pools: string[] }[] }>('UDR_NO_ROUTE_TABLE', {
  severity: 'blocker',
  message: (f) => `No route table is associated with ${listed(f.subnets.map(subnetWithPools))}.`,
  remedy:
    'Associate a route table with a default route to an appliance or gateway with every node and pod subnet, or ask with prepare.defaultRoute that the plan do it. It is the real cut-over.',
  source: documented('egress-outboundtype', 'egress-udr', {
    text: 'ExistingRouteTableNotAssociatedWithSubnet',
  }),
})

export const UDR_NO_DEFAULT_ROUTE = rule<{ routeTables: string[]; splitTables: string[] }>(
  'UDR_NO_DEFAULT_ROUTE',
  {
    severity: 'blocker',
    message: (f) => {
      const split =
        f.splitTables.length === 0
          ? ''
          : ` Routes for 0.0.0.0/1 or 128.0.0.0/1 in ${listed(f.splitTables)} lead packets all the same, but AKS looks for 0.0.0.0/0 alone.`
      return `Route tables without a route for 0.0.0.0/0: ${listed(f.routeTables)}.${split}`
    },
    remedy:
      'Add a route for 0.0.0.0/0 to a virtual appliance or a virtual network gateway, or ask with prepare.defaultRoute that the plan do it. It is the real cut-over.',
    source: documented('egress-outboundtype', 'limit-egress-traffic', {
      text: 'RouteTableMissingDefaultRouteError',
    }),
  },
)

export const UDR_BAD_NEXT_HOP = rule<{ routes: { routeTable: string; nextHopType: string }[] }>(
  'UDR_BAD_NEXT_HOP',
  {
    severity: 'blocker',
    message: (f) =>
      `Default routes with a next hop that is not allowed: ${listed(f.routes.map((route) => `${route.nextHopType} in ${route.routeTable}`))}.`,
    remedy: 'The next hop must be VirtualAppliance or VirtualNetworkGateway.',
    source: documented('egress-udr', 'limit-egress-traffic', { text: 'RouteTableInvalidNextHop' }),
  },
)

export const UDR_NEXT_HOP_IP = rule<{ routeTables: string[]; nextHops: string[] }>('UDR_NEXT_HOP_IP', {
  severity: 'blocker',
  message: (f) =>
    f.nextHops.length === 0
      ? `Default routes to a virtual appliance without its address: ${listed(f.routeTables)}.`
      : `Default routes to a virtual appliance without its private address: ${listed(f.routeTables)}; ${listed(f.nextHops)} lies in no virtual network, so no packet would arrive.`,
  remedy:
    'Set nextHopIpAddress (prepare.defaultRoute.nextHopIpAddress where the plan makes the route) to the private address of the appliance.',
  source: inferred('@azure/arm-network 36.0.0'),
})

function routeProblems({ routing }: PlanningContext): Finding[] {
  const withProblem = ({ code }: Rule<never>) => routing.filter(({ problem }) => problem === code)
  const withoutRoute = withProblem(UDR_NO_DEFAULT_ROUTE)
  const withoutHop = withProblem(UDR_NEXT_HOP_IP)
  const routes = withProblem(UDR_BAD_NEXT_HOP).map((row) => ({
    routeTable: tableName(row),
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
  ]
}

export const UDR_ROUTE_TABLE_UNREADABLE = rule<{ routeTables: string[] }>('UDR_ROUTE_TABLE_UNREADABLE', {
  severity: 'warning',
  message: (f) =>
    `The route tables ${listed(f.routeTables)} could not be read; whether they hold a default route is unknown.`,
  remedy: 'Give the planning identity Reader rights on them and plan again.',
  source: inferred('this service'),
})

export const UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP = rule<{ routeTables: string[] }>(
  'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP',
  {
    severity: 'warning',
    message: (f) =>
      `No route for 0.0.0.0/0 is visible in ${listed(f.routeTables)}; on a private cluster it may come over BGP, which ARM does not show.`,
    remedy: 'Make sure that a default route is learnt over BGP before the change.',
    source: observed('AKS release notes 2020-10-26'),
  },
)

export const UDR_NEXT_HOP_INTERNET = rule<{ routeTables: string[] }>('UDR_NEXT_HOP_INTERNET', {
  severity: 'blocker',
  message: (f) => `The default route leads straight to the internet in ${listed(f.routeTables)}.`,
  remedy: 'The next hop must be VirtualAppliance or VirtualNetworkGateway.',
  source: documented('egress-udr', 'limit-egress-traffic', { text: 'RouteTableInvalidNextHop' }),
})

export const UDR_NEXT_HOP_NONE = rule<{ routeTables: string[] }>('UDR_NEXT_HOP_NONE', {
  severity: 'blocker',
  message: (f) => `The default route drops every packet (next hop None) in ${listed(f.routeTables)}.`,
  remedy: 'The next hop must be VirtualAppliance or VirtualNetworkGateway.',
  source: observed({ text: 'RouteTableInvalidNextHop' }, { text: 'third-party module notes' }),
})

/** Problems whose only fact is the route tables. */
const TABLE_PROBLEMS = [
  UDR_ROUTE_TABLE_UNREADABLE,
  UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP,
  UDR_NEXT_HOP_INTERNET,
  UDR_NEXT_HOP_NONE,
]

export const UDR_CUTOVER_IS_ROUTE = rule<{ subnets: string[] }>('UDR_CUTOVER_IS_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `Packets of ${listed(f.subnets)} go to the appliance or gateway from the moment when the default route is there, before anything is changed on the cluster.`,
  remedy:
    'Have the public addresses of the appliance in the authorized ranges and in allow-lists elsewhere, and the required endpoints open on it, before the route is there. Until the outbound type is changed, taking the route away is the way back.',
  source: inferred('nat-overview'),
})

/** A new default route moves traffic before the plan can be executed. */
function cutOver({ snapshot, target }: PlanningContext): Finding[] {
  const subnets = namesOf(snapshot.subnets.filter((subnet) => hasPendingAttachment(subnet, snapshot, target)))
  return UDR_CUTOVER_IS_ROUTE.ifAny({ subnets })
}

export const UDR_NODE_PUBLIC_IP = rule<{ pools: string[] }>('UDR_NODE_PUBLIC_IP', {
  severity: 'blocker',
  message: (f) =>
    `Agent pools with public IPs on their nodes: ${listed(f.pools)}. AKS refuses them with userDefinedRouting.`,
  remedy: 'Replace these pools by ones without node public IPs.',
  source: observed(errorCode('UDRWithNodePublicIPNotAllowed'), 'Karpenter Azure provider, node public IPs'),
})

export const UDR_DUALSTACK_NO_V6_ROUTE = rule<{ routeTables: string[] }>('UDR_DUALSTACK_NO_V6_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `The cluster is dual-stack, and these tables have no route for ::/0: ${listed(f.routeTables)}. IPv6 would have no way out.`,
  remedy: 'Add a route for ::/0.',
  source: documented('configure-dual-stack'),
})

function clusterRules({ routing, snapshot, snapshot: { cluster } }: PlanningContext): Finding[] {
  const pools = cluster.agentPools.filter((pool) => pool.enableNodePublicIP).map((pool) => pool.name)
  const withoutV6 = routing.filter(({ routeTableId }) => {
    const table = snapshot.routeTables[idKey(routeTableId ?? '')]
    return table?.routes.some((route) => route.addressPrefix === '::/0') !== true
  })
  return [
    ...UDR_NODE_PUBLIC_IP.ifAny({ pools }),
    ...UDR_DUALSTACK_NO_V6_ROUTE.when(cluster.ipFamilies.includes('IPv6') && withoutV6.length > 0, {
      routeTables: tableNames(withoutV6),
    }),
  ]
}

function tableName({ routeTableId, subnetId }: SubnetRouting): string {
  return routeTableId === null ? `(none on ${lastSegment(subnetId)})` : lastSegment(routeTableId)
}

function tableNames(rows: SubnetRouting[]): string[] {
  return [...new Set(rows.map(tableName))]
}

function distinct<T extends { routeTable: string }>(routes: T[]): T[] {
  return [...new Map(routes.map((route) => [route.routeTable, route])).values()]
}

export const SERVICE_TAG_ONLY_ROUTES = rule<{ tables: { routeTable: string; tags: string[] }[] }>(
  'SERVICE_TAG_ONLY_ROUTES',
  {
    severity: 'warning',
    message: (f) =>
      `Only service tags lead to the internet: ${listed(f.tables.map((table) => `${table.tags.join(', ')} in ${table.routeTable}`))}. The registry and the packages that nodes start by are not all behind them.`,
    remedy: 'Lead 0.0.0.0/0 to an appliance or gateway that lets the required endpoints through.',
    source: observed({ text: 'third-party module notes' }),
  },
)

/** Tables that route only service tags to the internet: nodes need more endpoints to start. */
export const checkServiceTagRoutes: Check = ({ snapshot, to, isNoChange }) => {
  if (isNoChange || (to !== 'userDefinedRouting' && to !== 'none')) return []
  const tables = snapshot.subnets.flatMap((subnet) => {
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const tags = (table?.routes ?? []).filter(
      (route) => nextHopOf(route) === 'Internet' && !isCidr(route.addressPrefix),
    )
    const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
    const hasWayOut =
      route === 'mixed' || (typeof route === 'object' && route !== null && isApplianceHop(route))
    return table === undefined || tags.length === 0 || hasWayOut
      ? []
      : [{ routeTable: lastSegment(table.id), tags: tags.map((tag) => tag.addressPrefix) }]
  })
  return SERVICE_TAG_ONLY_ROUTES.ifAny({ tables: distinct(tables) })
}

type ServiceFrontend = { name: string; address: string | null; ports: string[] }

export const INGRESS_ASYMMETRIC_ROUTING = rule<{ frontends: ServiceFrontend[] }>(
  'INGRESS_ASYMMETRIC_ROUTING',
  {
    severity: 'acknowledge',
    message: (f) =>
      `Public Services answer on ${listed(f.frontends.map(({ name, address, ports }) => `${address ?? name} (${ports.join(', ')})`))}; under a default route their replies leave by the appliance, which drops them.`,
    remedy:
      'Either move ingress behind the firewall (DNAT to an internal load balancer), or add return routes to the internet for the clients, before the change.',
    source: documented('limit-egress-traffic'),
  },
)

/** With a default route, replies of public Services leave by the appliance, which drops them. */
export const checkIngressAsymmetry: Check = ({ snapshot, from, to }) => {
  if (to !== 'userDefinedRouting' || from === to) return []
  const balancer = aksLoadBalancer(snapshot)
  const frontends = balancer === null ? [] : publicServiceFrontends(balancer, snapshot)
  return INGRESS_ASYMMETRIC_ROUTING.ifAny({ frontends })
}

/** Frontends with a public address and load-balancing rules; outbound rules alone do not count. */
function publicServiceFrontends(balancer: LoadBalancerFacts, snapshot: Snapshot): ServiceFrontend[] {
  return balancer.frontends.flatMap((frontend) => {
    const rules = balancer.loadBalancingRules.filter((rule) => idKey(rule.frontendId) === idKey(frontend.id))
    if (rules.length === 0 || frontend.privateAddress !== null) return []
    const ip = snapshot.publicIps[idKey(frontend.publicIpId ?? '')]
    const ports = rules.map((rule) => `${rule.protocol.toUpperCase()} ${rule.frontendPort}`)
    return [{ name: frontend.name, address: ip?.address ?? null, ports: [...new Set(ports)] }]
  })
}
