import type { Finding } from '../../contract/finding.ts'
import type { SubnetRouting } from '../../contract/routing.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { aksLoadBalancer } from '../egress/outbound-resources.ts'
import { effectiveDefaultRouteOf } from '../egress/paths.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'

import { isCidr } from '../lib/cidr.ts'
import { listed, subnetWithPools } from '../lib/text.ts'
import type { LoadBalancerFacts } from '../snapshot/network-facts.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type Check, type Rule, rule } from './rule.ts'

/** Every subnet needs a default route to an appliance or gateway, and the cluster must fit it. */
export const checkUserDefinedRouting: Check = (context) => {
  if (context.to !== 'userDefinedRouting' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...routeProblems(context), ...cutOver(context), ...clusterRules(context)]
}

export const UDR_NO_ROUTE_TABLE = rule<{ subnets: { id: string; pools: string[] }[] }>('UDR_NO_ROUTE_TABLE', {
  severity: 'blocker',
  message: (f) => `No route table is associated with ${listed(f.subnets.map(subnetWithPools))}.`,
  remedy: () =>
    'Associate a route table with a default route to an appliance or gateway with every node and pod subnet, or ask with prepare.defaultRoute that the plan do it. It is the real cut-over.',
  confidence: 'documented',
  source: 'EO; UDR; ExistingRouteTableNotAssociatedWithSubnet',
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
    remedy: () =>
      'Add a route for 0.0.0.0/0 to a virtual appliance or a virtual network gateway, or ask with prepare.defaultRoute that the plan do it. It is the real cut-over.',
    confidence: 'documented',
    source: 'EO; FW; RouteTableMissingDefaultRouteError',
  },
)

export const UDR_BAD_NEXT_HOP = rule<{ routes: { routeTable: string; nextHopType: string }[] }>(
  'UDR_BAD_NEXT_HOP',
  {
    severity: 'blocker',
    message: (f) =>
      `Default routes with a next hop that is not allowed: ${listed(f.routes.map((each) => `${each.nextHopType} in ${each.routeTable}`))}.`,
    remedy: () => 'The next hop must be VirtualAppliance or VirtualNetworkGateway.',
    confidence: 'documented',
    source: 'UDR; FW; RouteTableInvalidNextHop',
  },
)

export const UDR_NEXT_HOP_IP = rule<{ routeTables: string[]; nextHops: string[] }>('UDR_NEXT_HOP_IP', {
  severity: 'blocker',
  message: (f) =>
    f.nextHops.length === 0
      ? `Default routes to a virtual appliance without its address: ${listed(f.routeTables)}.`
      : `Default routes to a virtual appliance without its private address: ${listed(f.routeTables)}; ${listed(f.nextHops)} lies in no virtual network, so no packet would arrive.`,
  remedy: () =>
    'Set nextHopIpAddress (prepare.defaultRoute.nextHopIpAddress where the plan makes the route) to the private address of the appliance.',
  confidence: 'inferred',
  source: 'NSDK',
})

function routeProblems({ routing }: PlanningContext): Finding[] {
  const withProblem = ({ code }: Rule<never>) => routing.filter((each) => each.problem === code)
  const bare = withProblem(UDR_NO_ROUTE_TABLE)
  const missing = withProblem(UDR_NO_DEFAULT_ROUTE)
  const bad = withProblem(UDR_BAD_NEXT_HOP).map((each) => ({
    routeTable: tableName(each),
    nextHopType: each.defaultRoute?.nextHopType ?? '',
  }))
  const findings: Finding[] = []
  if (bare.length > 0) {
    const subnets = bare.map(({ subnetId, pools }) => ({ id: subnetId, pools }))
    findings.push(UDR_NO_ROUTE_TABLE.finding({ subnets }))
  }
  if (missing.length > 0) {
    const split = missing.filter((each) => each.halfRoutes.length > 0)
    findings.push(
      UDR_NO_DEFAULT_ROUTE.finding({ routeTables: tableNames(missing), splitTables: tableNames(split) }),
    )
  }
  if (bad.length > 0) findings.push(UDR_BAD_NEXT_HOP.finding({ routes: distinct(bad) }))
  const hopless = withProblem(UDR_NEXT_HOP_IP)
  if (hopless.length > 0) {
    const nextHops = hopless.flatMap((each) => each.defaultRoute?.nextHopIpAddress ?? [])
    findings.push(
      UDR_NEXT_HOP_IP.finding({ routeTables: tableNames(hopless), nextHops: [...new Set(nextHops)] }),
    )
  }
  for (const said of SAID_BY_TABLE) {
    const found = withProblem(said)
    if (found.length > 0) findings.push(said.finding({ routeTables: tableNames(found) }))
  }
  return findings
}

export const UDR_ROUTE_TABLE_UNREADABLE = rule<{ routeTables: string[] }>('UDR_ROUTE_TABLE_UNREADABLE', {
  severity: 'warning',
  message: (f) =>
    `The route tables ${listed(f.routeTables)} could not be read; whether they hold a default route is unknown.`,
  remedy: () => 'Give the planning identity Reader rights on them and plan again.',
  confidence: 'inferred',
  source: 'this service',
})

export const UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP = rule<{ routeTables: string[] }>(
  'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP',
  {
    severity: 'warning',
    message: (f) =>
      `No route for 0.0.0.0/0 is visible in ${listed(f.routeTables)}; on a private cluster it may come over BGP, which ARM does not show.`,
    remedy: () => 'Make sure that a default route is learnt over BGP before the change.',
    confidence: 'observed',
    source: 'AKS release notes 2020-10-26',
  },
)

export const UDR_NEXT_HOP_INTERNET = rule<{ routeTables: string[] }>('UDR_NEXT_HOP_INTERNET', {
  severity: 'blocker',
  message: (f) => `The default route leads straight to the internet in ${listed(f.routeTables)}.`,
  remedy: () => 'The next hop must be VirtualAppliance or VirtualNetworkGateway.',
  confidence: 'documented',
  source: 'UDR; FW; RouteTableInvalidNextHop',
})

export const UDR_NEXT_HOP_NONE = rule<{ routeTables: string[] }>('UDR_NEXT_HOP_NONE', {
  severity: 'blocker',
  message: (f) => `The default route drops every packet (next hop None) in ${listed(f.routeTables)}.`,
  remedy: () => 'The next hop must be VirtualAppliance or VirtualNetworkGateway.',
  confidence: 'observed',
  source: 'RouteTableInvalidNextHop; third-party module notes (TFMOD)',
})

/** Problems of which there is nothing to say but the tables. */
const SAID_BY_TABLE = [
  UDR_ROUTE_TABLE_UNREADABLE,
  UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP,
  UDR_NEXT_HOP_INTERNET,
  UDR_NEXT_HOP_NONE,
]

export const UDR_CUTOVER_IS_ROUTE = rule<{ subnets: string[] }>('UDR_CUTOVER_IS_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `Packets of ${listed(f.subnets)} go to the appliance or gateway from the moment when the default route is there, before anything is changed on the cluster.`,
  remedy: () =>
    'Have the public addresses of the appliance in the authorized ranges and in allow-lists elsewhere, and the required endpoints open on it, before the route is there. Until the outbound type is changed, taking the route away is the way back.',
  confidence: 'inferred',
  source: 'nat-overview (NOV)',
})

/** Whoever mends the routes moves the traffic by it, before the plan is even open. */
function cutOver({ snapshot, target }: PlanningContext): Finding[] {
  const subnets = snapshot.subnets
    .filter((subnet) => hasPendingAttachment(subnet, snapshot, target))
    .map((each) => lastSegment(each.id))
  return subnets.length === 0 ? [] : [UDR_CUTOVER_IS_ROUTE.finding({ subnets })]
}

export const UDR_NODE_PUBLIC_IP = rule<{ pools: string[] }>('UDR_NODE_PUBLIC_IP', {
  severity: 'blocker',
  message: (f) =>
    `Agent pools with public IPs on their nodes: ${listed(f.pools)}. AKS refuses them with userDefinedRouting.`,
  remedy: () => 'Replace these pools by ones without node public IPs.',
  confidence: 'observed',
  source: 'UDRWithNodePublicIPNotAllowed (RPERR); KARP',
})

export const UDR_DUALSTACK_NO_V6_ROUTE = rule<{ routeTables: string[] }>('UDR_DUALSTACK_NO_V6_ROUTE', {
  severity: 'warning',
  message: (f) =>
    `The cluster is dual-stack, and these tables have no route for ::/0: ${listed(f.routeTables)}. IPv6 would have no way out.`,
  remedy: () => 'Add a route for ::/0.',
  confidence: 'documented',
  source: 'configure-dual-stack (DS)',
})

function clusterRules({ routing, snapshot, snapshot: { cluster } }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  const pools = cluster.agentPools.filter((pool) => pool.enableNodePublicIP).map((pool) => pool.name)
  if (pools.length > 0) findings.push(UDR_NODE_PUBLIC_IP.finding({ pools }))
  const withoutV6 = routing.filter(({ routeTableId }) => {
    const table = snapshot.routeTables[idKey(routeTableId ?? '')]
    return table?.routes.some((route) => route.addressPrefix === '::/0') !== true
  })
  if (cluster.ipFamilies.includes('IPv6') && withoutV6.length > 0)
    findings.push(UDR_DUALSTACK_NO_V6_ROUTE.finding({ routeTables: tableNames(withoutV6) }))
  return findings
}

function tableName({ routeTableId, subnetId }: SubnetRouting): string {
  return routeTableId === null ? `(none on ${lastSegment(subnetId)})` : lastSegment(routeTableId)
}

function tableNames(rows: SubnetRouting[]): string[] {
  return [...new Set(rows.map(tableName))]
}

function distinct<T extends { routeTable: string }>(routes: T[]): T[] {
  return [...new Map(routes.map((each) => [each.routeTable, each])).values()]
}

export const SERVICE_TAG_ONLY_ROUTES = rule<{ tables: { routeTable: string; tags: string[] }[] }>(
  'SERVICE_TAG_ONLY_ROUTES',
  {
    severity: 'warning',
    message: (f) =>
      `Only service tags lead to the internet: ${listed(f.tables.map((each) => `${each.tags.join(', ')} in ${each.routeTable}`))}. The registry and the packages that nodes start by are not all behind them.`,
    remedy: () => 'Lead 0.0.0.0/0 to an appliance or gateway that lets the required endpoints through.',
    confidence: 'observed',
    source: 'third-party module notes (TFMOD)',
  },
)

/** Tables that lead only Azure's own services to the internet: what nodes start by is not all among them. */
export const checkServiceTagRoutes: Check = ({ snapshot, to, isNoChange }) => {
  if (isNoChange || (to !== 'userDefinedRouting' && to !== 'none')) return []
  const found = snapshot.subnets.flatMap((subnet) => {
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const tags = (table?.routes ?? []).filter(
      (route) => route.nextHopType === 'Internet' && !isCidr(route.addressPrefix),
    )
    const route = effectiveDefaultRouteOf(subnet, snapshot.routeTables)
    const hasWayOut =
      route === 'mixed' || (typeof route === 'object' && /^Virtual/.test(route?.nextHopType ?? ''))
    return table === undefined || tags.length === 0 || hasWayOut
      ? []
      : [{ routeTable: lastSegment(table.id), tags: tags.map((each) => each.addressPrefix) }]
  })
  return found.length === 0
    ? []
    : [
        SERVICE_TAG_ONLY_ROUTES.finding({
          tables: [...new Map(found.map((each) => [each.routeTable, each])).values()],
        }),
      ]
}

type ServiceFrontend = { name: string; address: string | null; ports: string[] }

export const INGRESS_ASYMMETRIC_ROUTING = rule<{ frontends: ServiceFrontend[] }>(
  'INGRESS_ASYMMETRIC_ROUTING',
  {
    severity: 'acknowledge',
    message: (f) =>
      `Public Services answer on ${listed(f.frontends.map(({ name, address, ports }) => `${address ?? name} (${ports.join(', ')})`))}; under a default route their replies leave by the appliance, which drops them.`,
    remedy: () =>
      'Either move ingress behind the firewall (DNAT to an internal load balancer), or add return routes to the internet for the clients, before the change.',
    confidence: 'documented',
    source: 'limit-egress-traffic (FW)',
  },
)

/** Replies of public Services leave by the appliance under a default route, and die there. */
export const checkIngressAsymmetry: Check = ({ snapshot, from, to }) => {
  if (to !== 'userDefinedRouting' || from === to) return []
  const balancer = aksLoadBalancer(snapshot)
  const frontends = balancer === null ? [] : publicServiceFrontends(balancer, snapshot)
  return frontends.length === 0 ? [] : [INGRESS_ASYMMETRIC_ROUTING.finding({ frontends })]
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
