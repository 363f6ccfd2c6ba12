import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { includesPort, type Match, matchCidr, strongestMatch, weakestMatch } from '../lib/address-space.ts'
import { isCidr } from '../lib/cidr.ts'
import { groupedClauses, listed, listedCode, these } from '../lib/text.ts'
import { documented } from '../references/references.ts'
import type { NetworkSecurityGroupFacts, SecurityRuleFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import { isKubenet } from '../snapshot/network-profile.ts'
import { type Check, rule } from './rule.ts'

type GroupRule = { group: string; rule: string }

/** The lowest priority number of the default rules. */
const DEFAULT_PRIORITY = 65_000

/** Whether customer-managed network security groups on the subnets deny egress, or traffic inside the cluster. */
export const checkSecurityGroups: Check = (context) => {
  const { to, isNoChange, vnet } = context
  if (isNoChange || vnet.kind !== 'byo') return []
  const hasEgress = to !== 'none' && to !== 'block'
  return [...intraSubnet(context), ...(hasEgress ? egress(context) : [])]
}

interface Guarded {
  subnet: SubnetFacts
  group: NetworkSecurityGroupFacts
}

/** Subnets with a customer-managed network security group. AKS adapts AKS-managed groups to the outbound type. */
function guarded({ snapshot }: PlanningContext): Guarded[] {
  return snapshot.subnets.flatMap((subnet) => {
    const group = snapshot.networkSecurityGroups[idKey(subnet.networkSecurityGroupId ?? '')]
    return group === undefined || isAksOwned(group.id, snapshot) ? [] : [{ subnet, group }]
  })
}

export const NSG_BLOCKS_EGRESS = rule<{ rules: GroupRule[] }>('NSG_BLOCKS_EGRESS', {
  severity: 'acknowledge',
  message: (f) =>
    `Nodes cannot start, because AKS requires connections to port 443 on the internet, and ${deny(f.rules)} these connections.`,
  remedy: (f) => `Restrict egress by FQDN on a firewall instead, and then remove ${these('rule', f.rules)}.`,
  source: documented('outbound-rules-control-egress'),
})

export const NSG_DENY_EGRESS = rule<{ rules: GroupRule[] }>('NSG_DENY_EGRESS', {
  severity: 'warning',
  message: (f) =>
    `${deny(f.rules, 'The')} egress to internet addresses that no other rule allows, so nodes lose access to an AKS endpoint when it gets such an address.`,
  remedy:
    'Restrict egress by FQDN on a firewall, because security rules cannot match FQDNs. Then allow egress to the internet in the network security group.',
  source: documented('outbound-rules-control-egress'),
})

function egress(context: PlanningContext): Finding[] {
  const denials = guarded(context).flatMap(({ subnet, group }) => {
    const decisions = subnet.addressPrefixes
      .filter(isCidr)
      .map((cidr) =>
        firstMatchingRule(group, { direction: 'Outbound', from: inside(cidr), to: INTERNET, port: 443 }),
      )
    const denial = decisions.find((decision) => decision?.rule.access === 'Deny')
    return denial ? [{ ...denial, group }] : []
  })
  const rulesOf = (isSure: boolean) =>
    distinct(
      denials
        .filter((denial) => denial.isSure === isSure)
        .map(({ group, rule }) => ({ group: lastSegment(group.id), rule: rule.name })),
    )
  return [
    ...NSG_BLOCKS_EGRESS.ifAny({ rules: rulesOf(true) }),
    ...NSG_DENY_EGRESS.ifAny({ rules: rulesOf(false) }),
  ]
}

export const NSG_INTRA_SUBNET = rule<{ rules: GroupRule[] }>('NSG_INTRA_SUBNET', {
  severity: 'blocker',
  message: (f) =>
    `${deny(f.rules, 'The')} traffic between nodes and pods of the cluster, but AKS requires this traffic.`,
  remedy:
    'Allow all traffic within and between the address ranges of nodes and pods in the network security group. To isolate pods from each other, use network policies instead.',
  source: documented('outbound-rules-control-egress', 'concepts-network-cni-overview'),
})

/** Nodes and pods of the cluster must reach each other on every port (outbound-rules-control-egress, concepts-network-cni-overview). */
function intraSubnet(context: PlanningContext): Finding[] {
  const { snapshot } = context
  const ranges = [...snapshot.subnets.flatMap((subnet) => subnet.addressPrefixes), ...podRanges(context)]
  const rules = guarded(context).flatMap(({ subnet, group }) =>
    subnet.addressPrefixes
      .filter(isCidr)
      .flatMap((nodeRange) =>
        ranges
          .filter((range) => isCidr(range) && range.includes(':') === nodeRange.includes(':'))
          .flatMap((range) => {
            const [here, there] = [inside(nodeRange), inside(range)]
            return [
              firstMatchingRule(group, { direction: 'Outbound', from: here, to: there, port: null }),
              firstMatchingRule(group, { direction: 'Inbound', from: there, to: here, port: null }),
            ]
          }),
      )
      .flatMap((decision) =>
        decision?.rule.access === 'Deny' && decision.rule.priority < DEFAULT_PRIORITY
          ? [{ group: lastSegment(group.id), rule: decision.rule.name }]
          : [],
      ),
  )
  return NSG_INTRA_SUBNET.ifAny({ rules: distinct(rules) })
}

/** With Azure CNI Overlay or kubenet, pod packets cross the subnet with pod addresses (concepts-network-cni-overview). */
function podRanges({ snapshot: { cluster } }: PlanningContext): string[] {
  return isKubenet(cluster) || equalsArm(cluster.networkPluginMode, 'overlay') ? cluster.podCidrs : []
}

const INTERNET: FlowEnd = { kind: 'internet' }

function inside(cidr: string): FlowEnd {
  return { kind: 'vnet', cidr }
}

function distinct(rules: GroupRule[]): GroupRule[] {
  return [...new Map(rules.map((rule) => [`${rule.group} ${rule.rule}`, rule])).values()]
}

/** ``the rule `deny-all` of the network security group `nsg-nodes` denies``. */
function deny(rules: GroupRule[], article: 'the' | 'The' = 'the'): string {
  const names = listed(
    groupedClauses(
      rules,
      'rule',
      'group',
      (names, group) => `${listedCode(names)} of the network security group \`${group}\``,
    ),
  )
  return rules.length === 1 ? `${article} rule ${names} denies` : `${article} rules ${names} deny`
}

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
