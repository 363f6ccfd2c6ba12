import { awaitsAttachment } from '../awaited-attachment.ts'
import { finding } from '../findings/catalogue.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { RouteProblem, SubnetRouting } from '../subnet-routing.ts'
import type { Check } from './check.ts'

/** Every subnet needs a default route to an appliance or gateway, and the cluster must fit it (rulebook 3.5). */
export const userDefinedRouting: Check = (context) => {
  if (context.to !== 'userDefinedRouting' || context.vnet.kind !== 'byo' || context.isNoChange) return []
  return [...routeProblems(context), ...cutOver(context), ...clusterRules(context)]
}

function routeProblems({ routing }: PlanningContext): Finding[] {
  const withProblem = (problem: RouteProblem) => routing.filter((each) => each.problem === problem)
  const bare = withProblem('UDR_NO_ROUTE_TABLE')
  const missing = withProblem('UDR_NO_DEFAULT_ROUTE')
  const bad = withProblem('UDR_BAD_NEXT_HOP').map((each) => ({
    routeTable: tableName(each),
    nextHopType: each.defaultRoute?.nextHopType ?? '',
  }))
  const findings: Finding[] = []
  if (bare.length > 0) {
    const subnets = bare.map(({ subnetId, pools }) => ({ id: subnetId, pools }))
    findings.push(finding('UDR_NO_ROUTE_TABLE', { subnets }))
  }
  if (missing.length > 0) {
    const split = missing.filter((each) => each.halfRoutes.length > 0)
    findings.push(
      finding('UDR_NO_DEFAULT_ROUTE', { routeTables: tableNames(missing), splitTables: tableNames(split) }),
    )
  }
  if (bad.length > 0) findings.push(finding('UDR_BAD_NEXT_HOP', { routes: distinct(bad) }))
  const hopless = withProblem('UDR_NEXT_HOP_IP')
  if (hopless.length > 0) {
    const nextHops = hopless.flatMap((each) => each.defaultRoute?.nextHopIpAddress ?? [])
    findings.push(
      finding('UDR_NEXT_HOP_IP', { routeTables: tableNames(hopless), nextHops: [...new Set(nextHops)] }),
    )
  }
  for (const code of SAID_BY_TABLE) {
    const found = withProblem(code)
    if (found.length > 0) findings.push(finding(code, { routeTables: tableNames(found) }))
  }
  return findings
}

/** Problems of which there is nothing to say but the tables. */
const SAID_BY_TABLE = [
  'UDR_ROUTE_TABLE_UNREADABLE',
  'UDR_DEFAULT_ROUTE_MAY_COME_BY_BGP',
  'UDR_NEXT_HOP_INTERNET',
  'UDR_NEXT_HOP_NONE',
] as const

/** Whoever mends the routes moves the traffic by it, before the plan is even open. */
function cutOver({ snapshot, target }: PlanningContext): Finding[] {
  const subnets = snapshot.subnets
    .filter((subnet) => awaitsAttachment(subnet, snapshot, target))
    .map((each) => nameOf(each.id))
  return subnets.length === 0 ? [] : [finding('UDR_CUTOVER_IS_ROUTE', { subnets })]
}

function clusterRules({ routing, snapshot, snapshot: { cluster } }: PlanningContext): Finding[] {
  const findings: Finding[] = []
  const pools = cluster.agentPools.filter((pool) => pool.enableNodePublicIP).map((pool) => pool.name)
  if (pools.length > 0) findings.push(finding('UDR_NODE_PUBLIC_IP', { pools }))
  const withoutV6 = routing.filter(({ routeTableId }) => {
    const table = snapshot.routeTables[idKey(routeTableId ?? '')]
    return table?.routes.some((route) => route.addressPrefix === '::/0') !== true
  })
  if (cluster.ipFamilies.includes('IPv6') && withoutV6.length > 0)
    findings.push(finding('UDR_DUALSTACK_NO_V6_ROUTE', { routeTables: tableNames(withoutV6) }))
  return findings
}

function tableName({ routeTableId, subnetId }: SubnetRouting): string {
  return routeTableId === null ? `(none on ${nameOf(subnetId)})` : nameOf(routeTableId)
}

function tableNames(rows: SubnetRouting[]): string[] {
  return [...new Set(rows.map(tableName))]
}

function distinct<T extends { routeTable: string }>(routes: T[]): T[] {
  return [...new Map(routes.map((each) => [each.routeTable, each])).values()]
}
