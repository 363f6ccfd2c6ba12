import { includesPort, type Match, matchCidr, strongestMatch, weakestMatch } from '../lib/address-space.ts'
import { isCidr } from '../lib/cidr.ts'
import type { NetworkSecurityGroupFacts, SecurityRuleFacts } from '../snapshot/network-facts.ts'

/** The place that packets go to or come from: a CIDR of the network itself, or the internet. */
export type FlowEnd = { kind: 'vnet'; cidr: string } | { kind: 'internet' }

export interface Flow {
  direction: SecurityRuleFacts['direction']
  from: FlowEnd
  to: FlowEnd
  /** Null for any port, which a rule for some ports then fits only in part. */
  port: number | null
}

/** The first rule that decides over TCP packets of a flow, and whether it surely does; null when none fits. */
export function firstMatchingRule(
  group: NetworkSecurityGroupFacts,
  flow: Flow,
): { rule: SecurityRuleFacts; isSure: boolean } | null {
  let isSure = true
  for (const rule of group.rules) {
    const match = matchOf(rule, flow)
    if (match === 'yes') return { rule, isSure }
    // A rule for a part of the range decides that part only. The next rules decide the rest.
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

/** Every tag but those of the network itself holds some of the internet, and so does a public range. */
function holdsInternet(entry: string): Match {
  if (/^Internet$/i.test(entry)) return 'yes'
  if (entry === '' || /^(VirtualNetwork|AzureLoadBalancer)$/i.test(entry)) return 'no'
  return 'maybe'
}
