import {
  OPENNESS,
  type Openness,
  type RequiredEndpoint,
  type RequiredEndpoints,
  type SubnetRouting,
} from '../../contract/routing.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'
import type { RouteFacts } from '../../core/snapshot/network-facts.ts'
import {
  type Block,
  type Cell,
  codeList,
  codeOrDash,
  listBelow,
  paragraph,
  pluralize,
  prose,
  type Section,
  tableOf,
} from '../document/document.ts'
import { NEXT_HOP_LABELS, OPENNESS_MARKS } from '../document/labels.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'
import { TITLES } from './section-titles.ts'

/** The endpoints that nodes must reach through an appliance, blocked endpoints first. Omitted without an appliance. */
export function requiredEndpointsSection({ requiredEndpoints }: ReportedPlan): Section | null {
  if (requiredEndpoints === null) return null
  const { endpoints, asOf, coverage } = requiredEndpoints
  return {
    id: 'required-endpoints',
    title: TITLES.requiredEndpoints,
    shortTitle: 'Endpoints',
    count: endpoints.length,
    blocks: [
      paragraph(
        `${leadOf(endpoints)} The list below contains the documented endpoints as of ${asOf}. ${sourceOf(requiredEndpoints)}`,
      ),
      ...endpointTable(endpoints),
      ...listBelow('Endpoints that are not in this list:', coverage.notCovered),
    ],
  }
}

function leadOf(endpoints: RequiredEndpoint[]): string {
  const count = (openness: Openness) => endpoints.filter(({ open }) => open === openness).length
  const blocked = count('blocked')
  if (blocked > 0) return `The firewall blocks ${pluralize(blocked, 'required endpoint')}.`
  if (count('notChecked') === endpoints.length)
    return 'This service could not check whether the appliance allows these endpoints.'
  return count('open') === endpoints.length
    ? 'The firewall allows all required endpoints.'
    : 'No firewall rule that this service could read blocks a required endpoint. However, these rules do not confirm that the firewall allows every endpoint.'
}

function sourceOf({ coverage: { arm, why } }: RequiredEndpoints): string {
  if (arm === 'asked') return 'It also contains the endpoints that AKS reports for this cluster.'
  return arm === 'unread'
    ? `The list lacks the endpoints that AKS reports for this cluster, because the service could not read them: ${why ?? 'no reason was given'}`
    : 'It does not contain the endpoints that AKS reports for this cluster, because the service did not read them.'
}

function endpointTable(endpoints: RequiredEndpoint[]): Block[] {
  const sorted = endpoints.toSorted((a, b) => OPENNESS.indexOf(b.open) - OPENNESS.indexOf(a.open))
  return tableOf(
    'Endpoints that nodes must reach',
    ['Destination', 'Port', 'Firewall', 'Need', 'Purpose'],
    sorted.map(endpointRow),
  )
}

function endpointRow({ destination, port, protocol, need, reason, when, open }: RequiredEndpoint): Cell[] {
  return [
    [{ code: destination }],
    `${protocol} ${port}`,
    [{ mark: OPENNESS_MARKS[open] }],
    `${need} (${when})`,
    prose(reason),
  ]
}

/** The routing of every subnet after the preparation steps. Omitted if no subnet has a route table or a problem. */
export function routingSection(plan: ReportedPlan): Section | null {
  const { routing: subnets } = plan
  if (subnets.every(({ routeTableId, problem }) => routeTableId === null && problem === null)) return null
  return {
    id: 'routing',
    title: 'Subnet routing',
    shortTitle: 'Routing',
    blocks: [
      paragraph(stateText(plan)),
      ...tableOf(
        'Routing of each subnet',
        ['Subnet', 'Node pools', 'Route table', 'Routes for the internet', 'Next hop', 'Problem'],
        subnets.map(routingRow),
      ),
    ],
  }
}

function stateText({ prepare, steps }: ReportedPlan): string {
  if (prepare !== null) return 'The table shows the state after the preparation steps of the plan.'
  return steps.some(({ key }) => key.startsWith('clean-up-'))
    ? 'The table shows the state after the cleanup steps of the plan.'
    : 'The table shows the routing of the subnets of the cluster.'
}

function routingRow(subnet: SubnetRouting): Cell[] {
  const { subnetId, pools, routeTableId, defaultRoute, halfRoutes, leadsTo, firewallId, problem } = subnet
  const routes = [...(defaultRoute === null ? [] : [defaultRoute]), ...halfRoutes]
  const firewall = firewallId === null ? [] : [' ', { code: lastSegment(firewallId) }]
  return [
    [{ code: lastSegment(subnetId) }],
    pools.length === 0 ? 'not visible' : codeList(pools),
    [codeOrDash(routeTableId === null ? null : lastSegment(routeTableId))],
    routes.length === 0 ? 'none' : { lines: routes.map((route) => [{ code: routeText(route) }]) },
    [NEXT_HOP_LABELS[leadsTo], ...firewall],
    [codeOrDash(problem)],
  ]
}

function routeText({ addressPrefix, nextHopType, nextHopIpAddress }: RouteFacts): string {
  return `${addressPrefix} ${nextHopType} ${nextHopIpAddress ?? ''}`.trim()
}
