import {
  type EndpointNeed,
  type EndpointProtocol,
  OPENNESS,
  type Openness,
  type RequiredEndpoint,
  type RequiredEndpoints,
} from '../../contract/routing.ts'
import { cloudOf, regionKey } from '../arm/regions.ts'
import { internetRoutesOf } from '../egress/effective-path.ts'
import { type FirewallRuleSet, firewallRuleSet, nextHopFirewall } from '../egress/next-hop-firewall.ts'
import { nextHopOf } from '../egress/routes.ts'
import { ipv4Of } from '../lib/address-space.ts'
import { isCidr } from '../lib/cidr.ts'
import { pageTitle } from '../references/pages.ts'
import { vnetKeyOf } from '../snapshot/assemble.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { ClusterFacts, OutboundDependency, Snapshot } from '../snapshot/snapshot.ts'
import { customDnsEndpoints } from './custom-dns.ts'
import { type CandidateEndpoint, endpointKey } from './endpoint-list.ts'
import { evaluateFirewall } from './firewall-match.ts'
import { LIST_DATE, LIST_PAGE, listedEndpoints } from './listed-endpoints.ts'

/** The names of API servers. The list contains a wildcard for the region; AKS returns the name for the cluster. */
const API_SERVER = /^\*\.(hcp|tun)\./

/**
 * The union of the published list and the list from AKS, because neither is guaranteed to be complete. An endpoint in
 * both lists is one entry. The name of the API server replaces the wildcard of the region.
 */
function mergeEndpoints(
  listed: CandidateEndpoint[],
  dependencies: OutboundDependency[],
  tunnelTag: string,
  asOf: string,
): CandidateEndpoint[] {
  const entries = new Map(listed.map((item) => [endpointKey(item), item]))
  for (const dependency of dependencies) {
    const named = fromArm(dependency, asOf)
    const known = entries.get(endpointKey(named))
    if (known !== undefined) {
      entries.set(endpointKey(named), { ...known, source: 'both' })
      continue
    }
    const region = listed.find((item) => isWildcardFor(item, named))
    if (region === undefined) entries.set(endpointKey(named), named)
    else {
      const { need, reason, when } = region
      const isWeb = named.protocol === region.protocol && named.port === region.port
      const own = { ...named, isListed: true, serviceTag: tunnelTag }
      if (isWeb) entries.delete(endpointKey(region))
      entries.set(endpointKey(named), isWeb ? { ...own, need, reason, when, source: 'both' } : own)
    }
  }
  return [...entries.values()]
}

function isWildcardFor(listed: CandidateEndpoint, named: CandidateEndpoint): boolean {
  return (
    API_SERVER.test(listed.destination) &&
    !named.destination.startsWith('*') &&
    named.destination.toLowerCase().endsWith(listed.destination.slice(1).toLowerCase())
  )
}

function fromArm(
  { category, destination, port, protocol }: OutboundDependency,
  asOf: string,
): CandidateEndpoint {
  return {
    destination,
    kind: kindOf(destination),
    port,
    protocol: protocolOf(protocol, port, kindOf(destination)),
    need: needOf(category),
    reason: `AKS lists it for this cluster${category === '' ? '' : ` under ${category}`}.`,
    when: 'this cluster',
    source: 'arm',
    asOf,
    isListed: false,
  }
}

function kindOf(destination: string): CandidateEndpoint['kind'] {
  if (isCidr(destination)) return 'address'
  return /^Azure[A-Z]\w*(\.\w+)?$/.test(destination) ? 'serviceTag' : 'fqdn'
}

/** ARM uses `Https`, `Http`, `TCP` or `UDP`. TCP to a name on port 80 or 443 counts as HTTP or HTTPS. */
function protocolOf(text: string, port: number, kind: CandidateEndpoint['kind']): EndpointProtocol {
  const word = text.toUpperCase()
  if (word === 'HTTPS' || word === 'HTTP' || word === 'UDP') return word
  if (kind !== 'fqdn') return 'TCP'
  return port === 443 ? 'HTTPS' : port === 80 ? 'HTTP' : 'TCP'
}

/** The categories of the public example. New categories count as required. */
function needOf(category: string): EndpointNeed {
  if (/optional/i.test(category)) return 'recommended'
  return /^(time-sync|tunnel-classic)$/i.test(category) ? 'conditional' : 'required'
}

/** Everything that the nodes of a cluster must reach, without the rules of firewalls. `dependencies` is null if unread. */
export function clusterEndpoints(
  cluster: ClusterFacts,
  dependencies: OutboundDependency[] | null,
  asOf: string,
): CandidateEndpoint[] {
  const tunnelTag = `AzureCloud.${regionKey(cluster.location)}`
  return mergeEndpoints(listedEndpoints(cluster), dependencies ?? [], tunnelTag, asOf)
}

/**
 * Everything that nodes must reach through an appliance, compared with the rules of the firewalls on the subnets'
 * default routes. `snapshot` is the network after the change.
 */
export function requiredEndpoints(snapshot: Snapshot): RequiredEndpoints {
  const { cluster, surroundings, takenAt } = snapshot
  const read = surroundings?.outboundDependencies ?? null
  const facts = read !== null && 'facts' in read ? read.facts : null
  const endpoints = clusterEndpoints(cluster, facts, takenAt.slice(0, 10))
  return {
    asOf: LIST_DATE,
    source: pageTitle(LIST_PAGE),
    cloud: cloudOf(cluster.location),
    coverage: {
      arm: read === null ? 'notAsked' : 'facts' in read ? 'asked' : 'unread',
      why: read === null || 'facts' in read ? null : `${read.unread.code}: ${read.unread.message}`,
      notCovered: notCovered(snapshot),
    },
    endpoints: [...judged(endpoints, snapshot), ...customDnsEndpoints(snapshot, LIST_DATE)],
  }
}

function judged(endpoints: CandidateEndpoint[], snapshot: Snapshot): RequiredEndpoint[] {
  const behindAppliance = snapshot.subnets.filter((subnet) => !isDirect(subnet, snapshot))
  const paths = behindAppliance.map((subnet) => firewallPath(subnet, snapshot))
  return endpoints.map((endpoint) => {
    const { isListed: _listed, serviceTag: _tag, ...rest } = endpoint
    return { ...rest, open: opennessOf(endpoint, paths) }
  })
}

/** Whether packets from the subnet go to the internet without an appliance, so that no firewall rule applies to them. */
function isDirect(subnet: SubnetFacts, snapshot: Snapshot): boolean {
  const routes = internetRoutesOf(subnet, snapshot)
  return routes !== 'unread' && routes.every((route) => route === null || nextHopOf(route) === 'Internet')
}

/** The IPv4 ranges of a subnet and the firewall rules that apply to them; null if unknown. */
interface FirewallPath {
  sources: string[]
  ruleSet: (FirewallRuleSet & { unread: null }) | null
}

function firewallPath(subnet: SubnetFacts, snapshot: Snapshot): FirewallPath {
  const firewall = nextHopFirewall(subnet, snapshot)
  const ruleSet = firewall === null ? null : firewallRuleSet(firewall, snapshot)
  const isKnown = ruleSet !== null && ruleSet.unread === null
  return { sources: ipv4Of(subnet.addressPrefixes), ruleSet: isKnown ? ruleSet : null }
}

/** The worst result of all subnets behind an appliance, because nodes start in each of them. */
function opennessOf(endpoint: CandidateEndpoint, paths: FirewallPath[]): Openness {
  const found = paths.flatMap(({ sources, ruleSet }): Openness[] =>
    ruleSet === null || sources.length === 0
      ? ['notChecked']
      : sources.map((source) => evaluateFirewall(endpoint, source, ruleSet)),
  )
  return OPENNESS.toReversed().find((openness) => found.includes(openness)) ?? 'notChecked'
}

function notCovered({ cluster, subnets, virtualNetworks }: Snapshot): string[] {
  const areNetworksRead = subnets.every(({ id }) => virtualNetworks[vnetKeyOf(id)] !== undefined)
  return [
    'Registries and services that workloads use.',
    'Services that cluster extensions, such as Flux or Dapr, use. This service does not read extensions, because they are separate Azure resources.',
    ...(areNetworksRead && subnets.length > 0
      ? []
      : [
          'Custom DNS servers (UDP and TCP 53), if the virtual network uses any. This service could not read the virtual network.',
        ]),
    ...(cluster.features.httpProxy !== null
      ? ['The HTTP proxy that the nodes use. The proxy must reach the endpoints in the list.']
      : []),
  ]
}
