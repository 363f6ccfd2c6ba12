import { entry, listed, subnetWithPools } from './entry.ts'

/** The target userDefinedRouting. Source: rulebook 3.5 and 8. */
export const ROUTING_FINDINGS = {
  UDR_NO_ROUTE_TABLE: entry<{ subnets: { id: string; pools: string[] }[] }>({
    severity: 'blocker',
    message: (f) => `No route table is associated with ${listed(f.subnets.map(subnetWithPools))}.`,
    remedy: () =>
      'Associate a route table with a default route to an appliance or gateway with every node and pod subnet, or ask with prepare.defaultRoute that the plan do it. It is the real cut-over.',
    confidence: 'documented',
    source: 'EO; UDR; ExistingRouteTableNotAssociatedWithSubnet',
  }),
  UDR_NO_DEFAULT_ROUTE: entry<{ routeTables: string[]; splitTables: string[] }>({
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
  }),
  UDR_NEXT_HOP_INTERNET: entry<{ routeTables: string[] }>({
    severity: 'blocker',
    message: (f) => `The default route leads straight to the internet in ${listed(f.routeTables)}.`,
    remedy: () => 'The next hop must be VirtualAppliance or VirtualNetworkGateway.',
    confidence: 'documented',
    source: 'UDR; FW; RouteTableInvalidNextHop',
  }),
  UDR_NEXT_HOP_NONE: entry<{ routeTables: string[] }>({
    severity: 'blocker',
    message: (f) => `The default route drops every packet (next hop None) in ${listed(f.routeTables)}.`,
    remedy: () => 'The next hop must be VirtualAppliance or VirtualNetworkGateway.',
    confidence: 'observed',
    source: 'RouteTableInvalidNextHop; third-party module notes (TFMOD)',
  }),
  UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP: entry<{ routeTables: string[] }>({
    severity: 'warning',
    message: (f) =>
      `No route for 0.0.0.0/0 is visible in ${listed(f.routeTables)}; on a private cluster it may come over BGP, which ARM does not show.`,
    remedy: () => 'Make sure that a default route is learnt over BGP before the change.',
    confidence: 'observed',
    source: 'AKS release notes 2020-10-26',
  }),
  UDR_CUTOVER_IS_ROUTE: entry<{ subnets: string[] }>({
    severity: 'warning',
    message: (f) =>
      `Packets of ${listed(f.subnets)} go to the appliance or gateway from the moment when the default route is there, before anything is changed on the cluster.`,
    remedy: () =>
      'Have the public addresses of the appliance in the authorized ranges and in allow-lists elsewhere, and the required endpoints open on it, before the route is there. Until the outbound type is changed, taking the route away is the way back.',
    confidence: 'inferred',
    source: 'nat-overview (NOV)',
  }),
  UDR_BAD_NEXT_HOP: entry<{ routes: { routeTable: string; nextHopType: string }[] }>({
    severity: 'blocker',
    message: (f) =>
      `Default routes with a next hop that is not allowed: ${listed(f.routes.map((each) => `${each.nextHopType} in ${each.routeTable}`))}.`,
    remedy: () => 'The next hop must be VirtualAppliance or VirtualNetworkGateway.',
    confidence: 'documented',
    source: 'UDR; FW; RouteTableInvalidNextHop',
  }),
  UDR_NEXT_HOP_IP: entry<{ routeTables: string[]; nextHops: string[] }>({
    severity: 'blocker',
    message: (f) =>
      f.nextHops.length === 0
        ? `Default routes to a virtual appliance without its address: ${listed(f.routeTables)}.`
        : `Default routes to a virtual appliance without its private address: ${listed(f.routeTables)}; ${listed(f.nextHops)} lies in no virtual network, so no packet would arrive.`,
    remedy: () =>
      'Set nextHopIpAddress (prepare.defaultRoute.nextHopIpAddress where the plan makes the route) to the private address of the appliance.',
    confidence: 'inferred',
    source: 'NSDK',
  }),
  UDR_ROUTE_TABLE_UNREADABLE: entry<{ routeTables: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The route tables ${listed(f.routeTables)} could not be read; whether they hold a default route is unknown.`,
    remedy: () => 'Give the planning identity Reader rights on them and plan again.',
    confidence: 'inferred',
    source: 'this service',
  }),
  UDR_NODE_PUBLIC_IP: entry<{ pools: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `Agent pools with public IPs on their nodes: ${listed(f.pools)}. AKS refuses them with userDefinedRouting.`,
    remedy: () => 'Replace these pools by ones without node public IPs.',
    confidence: 'observed',
    source: 'UDRWithNodePublicIPNotAllowed (RPERR); KARP',
  }),
  INGRESS_ASYMMETRIC_ROUTING: entry<{
    frontends: { name: string; address: string | null; ports: string[] }[]
  }>({
    severity: 'acknowledge',
    message: (f) =>
      `Public Services answer on ${listed(f.frontends.map(({ name, address, ports }) => `${address ?? name} (${ports.join(', ')})`))}; under a default route their replies leave by the appliance, which drops them.`,
    remedy: () =>
      'Either move ingress behind the firewall (DNAT to an internal load balancer), or add return routes to the internet for the clients, before the change.',
    confidence: 'documented',
    source: 'limit-egress-traffic (FW)',
  }),
  UDR_DUALSTACK_NO_V6_ROUTE: entry<{ routeTables: string[] }>({
    severity: 'warning',
    message: (f) =>
      `The cluster is dual-stack, and these tables have no route for ::/0: ${listed(f.routeTables)}. IPv6 would have no way out.`,
    remedy: () => 'Add a route for ::/0.',
    confidence: 'documented',
    source: 'configure-dual-stack (DS)',
  }),
}
