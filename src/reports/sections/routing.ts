import type { RouteDestination, SubnetRouting } from '../../contract/routing.ts'
import {
  type EndpointNeed,
  OPENNESS,
  type Openness,
  type RequiredEndpoint,
  type RequiredEndpoints,
} from '../../contract/routing.ts'
import { lastSegment } from '../../core/arm/resource-id.ts'

import type { RouteFacts } from '../../core/snapshot/network-facts.ts'
import {
  type Block,
  bulletList,
  type Cell,
  codeList,
  codeOrDash,
  type MarkName,
  paragraph,
  type Section,
} from '../document/document.ts'
import type { ReportedPlan } from '../plan/reported-plan.ts'

const OPEN: Record<Openness, MarkName> = {
  open: 'open',
  notProven: 'notProven',
  notChecked: 'notChecked',
  blocked: 'closed',
}

const NEED: Record<EndpointNeed, string> = {
  required: 'required',
  conditional: 'by some clusters',
  recommended: 'for updates',
}

/** What nodes must reach once they leave by an appliance, closed ones first; left out where they do not. */
export function requiredEndpointsSection({ requiredEndpoints: given }: ReportedPlan): Section | null {
  if (given === null) return null
  const { endpoints, asOf } = given
  return {
    id: 'endpoints',
    title: 'What nodes must reach through the firewall',
    blocks: [
      paragraph(`${leadOf(endpoints)} The list is that of ${asOf}. ${sourceOf(given)}`),
      ...endpointTable(endpoints),
      ...notCovered(given.coverage.notCovered),
    ],
  }
}

function leadOf(endpoints: RequiredEndpoint[]): string {
  const count = (open: Openness) => endpoints.filter((each) => each.open === open).length
  if (count('blocked') > 0) return `The firewall closes ${count('blocked')} of them.`
  if (count('notChecked') === endpoints.length)
    return 'Whether the appliance lets them through could not be checked.'
  return count('open') === endpoints.length
    ? 'The firewall lets all of them through.'
    : 'No rule that could be read closes any of them, and not all are proven open.'
}

function sourceOf({ coverage: { arm, why } }: RequiredEndpoints): string {
  if (arm === 'asked') return 'AKS itself was asked as well.'
  return arm === 'unread'
    ? `AKS itself could not be asked: ${why ?? 'no reason was given'}`
    : 'AKS itself was not asked.'
}

function endpointTable(endpoints: RequiredEndpoint[]): Block[] {
  if (endpoints.length === 0) return []
  const sorted = endpoints.toSorted((a, b) => OPENNESS.indexOf(b.open) - OPENNESS.indexOf(a.open))
  return [
    {
      kind: 'table',
      caption: 'Destinations of the nodes',
      columns: ['Destination', 'Port', 'Through the firewall', 'Needed', 'What for'],
      rows: sorted.map(endpointRow),
    },
  ]
}

function endpointRow({ destination, port, protocol, need, reason, when, open }: RequiredEndpoint): Cell[] {
  return [
    [{ code: destination }],
    `${protocol} ${port}`,
    [{ mark: OPEN[open] }],
    `${NEED[need]} (${when})`,
    reason,
  ]
}

function notCovered(sentences: string[]): Block[] {
  return sentences.length === 0 ? [] : [paragraph('What no source covers:'), bulletList(sentences)]
}

const DESTINATIONS: Record<RouteDestination, string> = {
  azureFirewall: 'an Azure Firewall',
  virtualAppliance: 'a virtual appliance',
  virtualNetworkGateway: 'a virtual network gateway',
  internet: 'the internet',
  virtualNetwork: 'the virtual network',
  nowhere: 'nowhere: packets are dropped',
  several: 'several places: the halves of the internet go different ways',
  noRoute: 'where Azure sends it by itself',
  unknown: 'not known: the route table could not be read',
}

/** How every subnet is routed once the plan's own preparation is done; left out where nobody routes anything. */
export function routingSection({ routing: subnets }: ReportedPlan): Section | null {
  if (subnets.every(({ routeTableId, problem }) => routeTableId === null && problem === null)) return null
  return {
    id: 'routing',
    title: 'How subnets are routed',
    blocks: [
      paragraph('As it is once the plan has made what it prepares.'),
      {
        kind: 'table',
        caption: 'Routing of each subnet',
        columns: [
          'Subnet',
          'Node pools',
          'Route table',
          'Routes for the internet',
          'Lead to',
          'What is wrong',
        ],
        rows: subnets.map(routingRow),
      },
    ],
  }
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
    [DESTINATIONS[leadsTo], ...firewall],
    [codeOrDash(problem)],
  ]
}

function routeText({ addressPrefix, nextHopType, nextHopIpAddress }: RouteFacts): string {
  return `${addressPrefix} ${nextHopType} ${nextHopIpAddress ?? ''}`.trim()
}
