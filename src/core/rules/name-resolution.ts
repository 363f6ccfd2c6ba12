import type { DnsServer } from '../../contract/name-resolution.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { dnsHops } from '../endpoints/custom-dns.ts'
import { nameResolution } from '../endpoints/name-resolution.ts'
import { agree, listed, these } from '../lib/text.ts'
import { documented, inferred } from '../references/references.ts'
import { hubFact, listLearnedRoutes } from './learned-routes.ts'
import { type Check, rule } from './rule.ts'

export const DNS_PATH_MOVES = rule<{
  servers: string[]
  isCut: boolean
  isCertain: boolean
  hub?: string
}>('DNS_PATH_MOVES', {
  severity: 'warning',
  message: (f) =>
    f.isCut
      ? `Nodes cannot resolve names after the change, because a route then drops DNS queries to ${dnsServers(f.servers)}.`
      : f.isCertain
        ? `DNS queries of the nodes to ${dnsServers(f.servers)} take a different path after the change, because the route that covers ${agree(f.servers, 'this server', 'these servers')} changes.`
        : `It is unknown whether DNS queries of the nodes to ${dnsServers(f.servers)} take a different path after the change, because Azure Resource Manager does not show every route to ${agree(f.servers, 'this server', 'these servers')}.`,
  remedy: (f) =>
    f.isCut
      ? `Add a route to ${these('DNS server', f.servers)} before the cutover, or use DNS servers that the nodes can reach.`
      : f.isCertain
        ? 'Make sure before the cutover that the new path allows DNS queries (UDP and TCP port 53) and their responses.'
        : `${listLearnedRoutes(f.hub)}. If only the default route matches ${agree(f.servers, 'this DNS server', 'one of these DNS servers')}, DNS queries move to the new egress path. In that case, make sure that this path allows DNS queries (UDP and TCP port 53) and their responses.`,
  source: inferred('virtual-networks-udr-overview', 'limit-egress-traffic'),
})

export const PRIVATE_ZONE_NOT_LINKED = rule<{ zone: string; servers: string[] }>('PRIVATE_ZONE_NOT_LINKED', {
  severity: 'warning',
  message: (f) =>
    `${f.servers.length === 0 ? 'The nodes' : dnsServers(f.servers).replace(/^the/, 'The')} cannot resolve the private name of the API server through Azure DNS, because the zone \`${f.zone}\` is not linked to ${f.servers.length === 0 ? 'the virtual network of the cluster' : `the virtual network of ${agree(f.servers, 'this DNS server', 'these DNS servers')}`}.`,
  remedy: (f) =>
    f.servers.length === 0
      ? 'Link the private DNS zone to the virtual network of the cluster.'
      : 'Link the private DNS zone to the virtual network of the DNS servers, or make sure that the DNS servers forward queries for the zone to a server in a linked network.',
  source: documented('private-clusters'),
})

function dnsServers(servers: string[]): string {
  return `the DNS server${agree(servers, '', 's')} ${listed(servers)}`
}

/** The path to custom DNS servers, and the private zone of a private cluster. */
export const checkNameResolution: Check = (context) => {
  const { servers, privateZone } = nameResolution(context.snapshot, context.prepared)
  const moved = servers.filter(
    ({ address, before }) =>
      before !== 'none' &&
      dnsHops(address, context.snapshot).join() !== dnsHops(address, context.prepared).join(),
  )
  const isKnown = ({ before, after }: DnsServer) => before !== 'unknown' && after !== 'unknown'
  const addressesOf = (list: DnsServer[]) => list.map(({ address }) => address)
  const cut = addressesOf(moved.filter(({ after }) => after === 'none'))
  const others = moved.filter(({ after }) => after !== 'none')
  const rerouted = addressesOf(others.filter(isKnown))
  const possible = addressesOf(others.filter((server) => !isKnown(server)))
  const links = privateZone?.linkedVirtualNetworkIds ?? null
  const isUnlinked = ({ virtualNetworkIds, dnsProxy }: DnsServer) =>
    links !== null &&
    dnsProxy !== false &&
    virtualNetworkIds.length > 0 &&
    virtualNetworkIds.every((id) => !links.some((link) => idKey(link) === idKey(id)))
  const unlinked = addressesOf(servers.filter(isUnlinked))
  const isCertain = servers.length === 0 && privateZone?.resolvable === 'no'
  return [
    ...DNS_PATH_MOVES.when(cut.length > 0, { servers: cut, isCut: true, isCertain: true }),
    ...DNS_PATH_MOVES.when(rerouted.length > 0, { servers: rerouted, isCut: false, isCertain: true }),
    ...DNS_PATH_MOVES.when(possible.length > 0, {
      servers: possible,
      isCut: false,
      isCertain: false,
      ...hubFact(context.snapshot),
    }),
    ...PRIVATE_ZONE_NOT_LINKED.when(isCertain || unlinked.length > 0, {
      zone: lastSegment(privateZone?.id ?? ''),
      servers: unlinked,
    }),
  ]
}
