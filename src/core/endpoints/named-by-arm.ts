import { isCidr } from '../cidr.ts'
import type { OutboundDependency } from '../surroundings.ts'
import { type CandidateEndpoint, endpointKey } from './candidate-endpoint.ts'
import type { EndpointNeed, EndpointProtocol } from './required-endpoint.ts'

/** The names of API servers, of which a cluster has one: AKS names it where the list has the whole region's. */
const API_SERVER = /^\*\.(hcp|tun)\./

/**
 * The published list and AKS's own answer, united: neither alone is promised to be complete (rulebook 10). A place
 * that both name is one entry; a region's wildcard for API servers gives way to the cluster's own.
 */
export function united(
  listed: CandidateEndpoint[],
  dependencies: OutboundDependency[],
  tunnelTag: string,
  asOf: string,
): CandidateEndpoint[] {
  const entries = new Map(listed.map((each) => [endpointKey(each), each]))
  for (const dependency of dependencies) {
    const named = fromArm(dependency, asOf)
    const known = entries.get(endpointKey(named))
    if (known !== undefined) {
      entries.set(endpointKey(named), { ...known, source: 'both' })
      continue
    }
    const region = listed.find((each) => isWildcardFor(each, named))
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
    reason: `AKS names it for this cluster${category === '' ? '' : ` under ${category}`}.`,
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

/** ARM says `Https`, `Http`, `TCP` or `UDP`; TCP to a name on the ports of the web is web traffic. */
function protocolOf(text: string, port: number, kind: CandidateEndpoint['kind']): EndpointProtocol {
  const word = text.toUpperCase()
  if (word === 'HTTPS' || word === 'HTTP' || word === 'UDP') return word
  if (kind !== 'fqdn') return 'TCP'
  return port === 443 ? 'HTTPS' : port === 80 ? 'HTTP' : 'TCP'
}

/** The categories of the public example; what is new is taken for needed. */
function needOf(category: string): EndpointNeed {
  if (/optional/i.test(category)) return 'recommended'
  return /^(time-sync|tunnel-classic)$/i.test(category) ? 'conditional' : 'required'
}
