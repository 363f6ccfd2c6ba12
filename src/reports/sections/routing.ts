import type { RouteFacts } from '../../core/network-facts.ts'
import { nameOf } from '../../core/resource-id.ts'
import type { RouteLead, SubnetRouting } from '../../core/subnet-routing.ts'
import { type Cell, codeOrDash, codes, paragraph, type Section } from '../document/document.ts'
import type { ReportedPlan } from '../reported-plan.ts'

const LEADS: Record<RouteLead, string> = {
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
export function routing({ routing: subnets }: ReportedPlan): Section | null {
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
        rows: subnets.map(rowOf),
      },
    ],
  }
}

function rowOf(subnet: SubnetRouting): Cell[] {
  const { subnetId, pools, routeTableId, defaultRoute, halfRoutes, leadsTo, firewallId, problem } = subnet
  const routes = [...(defaultRoute === null ? [] : [defaultRoute]), ...halfRoutes]
  const firewall = firewallId === null ? [] : [' ', { code: nameOf(firewallId) }]
  return [
    [{ code: nameOf(subnetId) }],
    pools.length === 0 ? 'not visible' : codes(pools),
    [codeOrDash(routeTableId === null ? null : nameOf(routeTableId))],
    routes.length === 0 ? 'none' : { lines: routes.map((route) => [{ code: routeText(route) }]) },
    [LEADS[leadsTo], ...firewall],
    [codeOrDash(problem)],
  ]
}

function routeText({ addressPrefix, nextHopType, nextHopIpAddress }: RouteFacts): string {
  return `${addressPrefix} ${nextHopType} ${nextHopIpAddress ?? ''}`.trim()
}
