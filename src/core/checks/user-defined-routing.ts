import { defaultRouteOf } from '../effective-egress.ts'
import { finding } from '../findings/catalogue.ts'
import type { RouteFacts, SubnetFacts } from '../network-facts.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** Every subnet needs a default route to an appliance or gateway, and the cluster must fit it (rulebook 3.5, 8). */
export const userDefinedRouting: Check = (context) => {
  if (context.to !== 'userDefinedRouting' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...tables(context), ...defaultRoutes(context), ...clusterRules(context)]
}

function tables({ snapshot }: PlanningContext): Finding[] {
  const bare = snapshot.subnets.filter((subnet) => subnet.routeTableId === null)
  const unread = snapshot.subnets.filter((subnet) => defaultRouteOf(subnet, snapshot) === 'unread')
  const findings: Finding[] = []
  if (bare.length > 0)
    findings.push(finding('UDR_NO_ROUTE_TABLE', { subnets: bare.map(({ id, pools }) => ({ id, pools })) }))
  if (unread.length > 0)
    findings.push(finding('UDR_ROUTE_TABLE_UNREADABLE', { routeTables: tableNames(unread) }))
  return findings
}

function defaultRoutes({ snapshot }: PlanningContext): Finding[] {
  const routed = snapshot.subnets.filter((subnet) => subnet.routeTableId !== null)
  const read = routed.map((subnet) => ({ subnet, route: defaultRouteOf(subnet, snapshot) }))
  const missing = read.filter(({ route }) => route === null).map(({ subnet }) => subnet)
  const present = read.flatMap(({ subnet, route }) =>
    route === null || route === 'unread' ? [] : [{ subnet, route }],
  )
  const bad = present.filter(({ route }) => !isAllowed(route))
  const homeless = present.filter(
    ({ route }) => route.nextHopType === 'VirtualAppliance' && !route.nextHopIpAddress,
  )
  const findings: Finding[] = []
  if (missing.length > 0) findings.push(missingDefault(missing, snapshot))
  if (bad.length > 0) {
    const routes = bad.map(({ subnet, route }) => ({
      routeTable: tableName(subnet),
      nextHopType: route.nextHopType,
    }))
    findings.push(finding('UDR_BAD_NEXT_HOP', { routes: distinctBy(routes, (each) => each.routeTable) }))
  }
  if (homeless.length > 0)
    findings.push(
      finding('UDR_NEXT_HOP_IP', { routeTables: tableNames(homeless.map(({ subnet }) => subnet)) }),
    )
  return findings
}

/** Private clusters may learn the default route over BGP (AKS release notes 2020-10-26), unless the table forbids it. */
function missingDefault(subnets: SubnetFacts[], snapshot: PlanningContext['snapshot']): Finding {
  const mayLearn = subnets.every(
    (subnet) => snapshot.routeTables[idKey(subnet.routeTableId ?? '')]?.disableBgpRoutePropagation === false,
  )
  const code =
    snapshot.cluster.enablePrivateCluster && mayLearn
      ? 'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP'
      : 'UDR_NO_DEFAULT_ROUTE'
  return finding(code, { routeTables: tableNames(subnets) })
}

function clusterRules({ snapshot, snapshot: { cluster } }: PlanningContext): Finding[] {
  const findings: Finding[] = [finding('UDR_FIREWALL_RULES_UNPROVEN', {})]
  const pools = cluster.agentPools.filter((pool) => pool.enableNodePublicIP).map((pool) => pool.name)
  if (pools.length > 0) findings.push(finding('UDR_NODE_PUBLIC_IP', { pools }))
  if (cluster.networkPlugin?.toLowerCase() === 'kubenet' && cluster.identityType === 'SystemAssigned')
    findings.push(finding('KUBENET_UDR_IDENTITY', {}))
  const withoutV6 = snapshot.subnets.filter((subnet) => !hasIpv6Default(subnet, snapshot))
  if (cluster.ipFamilies.includes('IPv6') && withoutV6.length > 0)
    findings.push(finding('UDR_DUALSTACK_NO_V6_ROUTE', { routeTables: tableNames(withoutV6) }))
  return findings
}

function hasIpv6Default(subnet: SubnetFacts, snapshot: PlanningContext['snapshot']): boolean {
  const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
  return table?.routes.some((route) => route.addressPrefix === '::/0') === true
}

function isAllowed(route: RouteFacts): boolean {
  return route.nextHopType === 'VirtualAppliance' || route.nextHopType === 'VirtualNetworkGateway'
}

function tableName(subnet: SubnetFacts): string {
  return subnet.routeTableId === null ? `(none on ${nameOf(subnet.id)})` : nameOf(subnet.routeTableId)
}

function tableNames(subnets: SubnetFacts[]): string[] {
  return [...new Set(subnets.map(tableName))]
}

function distinctBy<T>(items: T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()]
}
