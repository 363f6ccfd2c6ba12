import type { Finding } from '../../contract/finding.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { isAksOwned } from '../egress/addresses.ts'
import { type FlowEnd, firstMatchingRule } from '../egress/nsg-evaluation.ts'
import { isCidr } from '../lib/cidr.ts'
import { listed } from '../lib/text.ts'
import type { NetworkSecurityGroupFacts, SubnetFacts } from '../snapshot/network-facts.ts'
import { type Check, rule } from './rule.ts'

type DenyingRules = { rules: { group: string; rule: string }[] }

/** Priorities from here on are those of the default rules. */
const DEFAULT_PRIORITY = 65_000

/** What the user's security groups on the subnets do to the nodes' way out and among themselves. */
export const checkSecurityGroups: Check = (context) => {
  const { to, isNoChange, vnet } = context
  if (isNoChange || vnet.kind !== 'byo') return []
  const staysInside = to === 'none' || to === 'block'
  return [...intraSubnet(context), ...(staysInside ? [] : wayOut(context))]
}

interface Guarded {
  subnet: SubnetFacts
  group: NetworkSecurityGroupFacts
}

/** The groups of AKS's own follow the outbound type by themselves. */
function guarded({ snapshot }: PlanningContext): Guarded[] {
  return snapshot.subnets.flatMap((subnet) => {
    const group = snapshot.networkSecurityGroups[idKey(subnet.networkSecurityGroupId ?? '')]
    return group === undefined || isAksOwned(group.id, snapshot) ? [] : [{ subnet, group }]
  })
}

export const NSG_BLOCKS_EGRESS = rule<DenyingRules>('NSG_BLOCKS_EGRESS', {
  severity: 'acknowledge',
  message: (f) =>
    `Nodes may not open connections to port 443 on the internet: ${ruleNames(f)} ${f.rules.length === 1 ? 'denies' : 'deny'} it. Without the endpoints that AKS needs no node starts.`,
  remedy: () => 'Take the rule away, and control what leaves by names on a firewall.',
  confidence: 'documented',
  source: 'outbound-rules-control-egress (OR)',
})

export const NSG_DENY_EGRESS = rule<DenyingRules>('NSG_DENY_EGRESS', {
  severity: 'warning',
  message: (f) =>
    `Packets to the internet are denied by ${ruleNames(f)}, apart from exceptions; what AKS needs has no fixed addresses, so exceptions cannot hold all of it for good.`,
  remedy: () => 'Control what leaves by names on a firewall, not by addresses in a security group.',
  confidence: 'documented',
  source: 'outbound-rules-control-egress (OR)',
})

function wayOut(context: PlanningContext): Finding[] {
  const shut: { group: string; rule: string }[] = []
  const narrowed: { group: string; rule: string }[] = []
  for (const { subnet, group } of guarded(context)) {
    const denying = subnet.addressPrefixes
      .filter(isCidr)
      .map((cidr) =>
        firstMatchingRule(group, { direction: 'Outbound', from: inside(cidr), to: INTERNET, port: 443 }),
      )
      .find((decision) => decision?.rule.access === 'Deny')
    if (!denying) continue
    const row = { group: lastSegment(group.id), rule: denying.rule.name }
    if (denying.isSure) shut.push(row)
    else narrowed.push(row)
  }
  const findings: Finding[] = []
  if (shut.length > 0) findings.push(NSG_BLOCKS_EGRESS.finding({ rules: distinct(shut) }))
  if (narrowed.length > 0) findings.push(NSG_DENY_EGRESS.finding({ rules: distinct(narrowed) }))
  return findings
}

export const NSG_INTRA_SUBNET = rule<DenyingRules>('NSG_INTRA_SUBNET', {
  severity: 'blocker',
  message: (f) =>
    `Traffic among the nodes and pods of the cluster is denied by ${ruleNames(f)}, which AKS does not support.`,
  remedy: () =>
    'Allow all traffic between the ranges of the nodes and of the pods; separate pods by network policies.',
  confidence: 'documented',
  source: 'outbound-rules-control-egress (OR); concepts-network-cni-overview (CNI)',
})

/** Nodes and pods of the cluster must reach each other on every port (outbound-rules-control-egress, concepts-network-cni-overview). */
function intraSubnet(context: PlanningContext): Finding[] {
  const { snapshot } = context
  const ranges = [...snapshot.subnets.flatMap((subnet) => subnet.addressPrefixes), ...podRanges(context)]
  const found = guarded(context).flatMap(({ subnet, group }) =>
    subnet.addressPrefixes.filter(isCidr).flatMap((own) =>
      ranges
        .filter((range) => isCidr(range) && range.includes(':') === own.includes(':'))
        .flatMap((range) => [
          firstMatchingRule(group, {
            direction: 'Outbound',
            from: inside(own),
            to: inside(range),
            port: null,
          }),
          firstMatchingRule(group, {
            direction: 'Inbound',
            from: inside(range),
            to: inside(own),
            port: null,
          }),
        ])
        .flatMap((decision) =>
          decision?.rule.access === 'Deny' && decision.rule.priority < DEFAULT_PRIORITY
            ? [{ group: lastSegment(group.id), rule: decision.rule.name }]
            : [],
        ),
    ),
  )
  return found.length === 0 ? [] : [NSG_INTRA_SUBNET.finding({ rules: distinct(found) })]
}

/** With an overlay or kubenet the packets of pods cross the subnet with addresses of their own (concepts-network-cni-overview). */
function podRanges({ snapshot: { cluster } }: PlanningContext): string[] {
  const isKubenet = cluster.networkPlugin?.toLowerCase() === 'kubenet'
  return isKubenet || cluster.networkPluginMode?.toLowerCase() === 'overlay' ? cluster.podCidrs : []
}

const INTERNET: FlowEnd = { kind: 'internet' }

function inside(cidr: string): FlowEnd {
  return { kind: 'vnet', cidr }
}

function distinct(rules: { group: string; rule: string }[]): { group: string; rule: string }[] {
  return [...new Map(rules.map((each) => [`${each.group} ${each.rule}`, each])).values()]
}

/** `deny-all of nsg-nodes`. */
function ruleNames({ rules }: DenyingRules): string {
  return listed(rules.map((each) => `${each.rule} of ${each.group}`))
}
