import { includesPort, type Match, matchCidr, strongestMatch, weakestMatch } from '../lib/address-space.ts'
import { isCidr } from '../lib/cidr.ts'
import type { NetworkSecurityGroupFacts, SecurityRuleFacts } from '../snapshot/network-facts.ts'

/** The source or destination of packets: a CIDR of the virtual network, or the internet. */
export type FlowEnd = { kind: 'vnet'; cidr: string } | { kind: 'internet' }

export interface Flow {
  direction: SecurityRuleFacts['direction']
  from: FlowEnd
  to: FlowEnd
  /** Null for any port: a rule for some ports then matches only a part of the flow. */
  port: number | null
}

/** The first rule that applies to TCP packets of a flow, and whether it certainly applies; null if no rule matches. */
export function firstMatchingRule(
  group: NetworkSecurityGroupFacts,
  flow: Flow,
): { rule: SecurityRuleFacts; isSure: boolean } | null {
  let isSure = true
  for (const rule of group.rules) {
    const match = matchOf(rule, flow)
    if (match === 'yes') return { rule, isSure }
    // A rule for a part of the range applies only to that part. The next rules apply to the rest.
    if (match === 'maybe') isSure = false
  }
  return null
}

function matchOf(rule: SecurityRuleFacts, { direction, from, to, port }: Flow): Match {
  if (rule.direction !== direction || !/^(\*|tcp)$/i.test(rule.protocol)) return 'no'
  const found = weakestMatch([
    placesHold(rule.sources, from),
    placesHold(rule.destinations, to),
    portsHold(rule, port),
  ])
  return found === 'yes' && rule.usesApplicationGroups ? 'maybe' : found
}

function portsHold({ destinationPorts }: SecurityRuleFacts, port: number | null): Match {
  if (destinationPorts.includes('*') || destinationPorts.includes('0-65535')) return 'yes'
  if (port === null) return destinationPorts.length > 0 ? 'maybe' : 'no'
  return includesPort(destinationPorts, port) ? 'yes' : 'no'
}

function placesHold(entries: string[], place: FlowEnd): Match {
  if (entries.some((entry) => entry === '*' || entry === '0.0.0.0/0')) return 'yes'
  if (place.kind === 'internet') return strongestMatch(entries.map(holdsInternet))
  const tags = entries.map((entry): Match => (/^VirtualNetwork$/i.test(entry) ? 'yes' : 'no'))
  return strongestMatch([
    matchCidr(
      entries.filter((entry) => isCidr(entry)),
      place.cidr,
    ),
    ...tags,
  ])
}

/** Every tag except the tags of the virtual network contains public addresses, and so does a public range. */
function holdsInternet(entry: string): Match {
  if (/^Internet$/i.test(entry)) return 'yes'
  if (entry === '' || /^(VirtualNetwork|AzureLoadBalancer)$/i.test(entry)) return 'no'
  return 'maybe'
}
