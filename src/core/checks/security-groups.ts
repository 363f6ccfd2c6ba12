import { isCidr } from '../cidr.ts'
import { isAksOwned } from '../egress-addresses.ts'
import { finding } from '../findings/catalogue.ts'
import type { SubnetFacts } from '../network-facts.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import { decidingRule, type Place } from '../security-match.ts'
import type { NetworkSecurityGroupFacts } from '../security-rules.ts'
import type { Check } from './check.ts'

/** Priorities from here on are those of the default rules. */
const DEFAULT_PRIORITY = 65_000

/** What the user's security groups on the subnets do to the nodes' way out and among themselves (rulebook 10). */
export const securityGroups: Check = (context) => {
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

function wayOut(context: PlanningContext): Finding[] {
  const shut: { group: string; rule: string }[] = []
  const narrowed: { group: string; rule: string }[] = []
  for (const { subnet, group } of guarded(context)) {
    const denying = subnet.addressPrefixes
      .filter(isCidr)
      .map((cidr) =>
        decidingRule(group, { direction: 'Outbound', from: inside(cidr), to: INTERNET, port: 443 }),
      )
      .find((decision) => decision?.rule.access === 'Deny')
    if (!denying) continue
    const row = { group: nameOf(group.id), rule: denying.rule.name }
    if (denying.isSure) shut.push(row)
    else narrowed.push(row)
  }
  const findings: Finding[] = []
  if (shut.length > 0) findings.push(finding('NSG_BLOCKS_EGRESS', { rules: distinct(shut) }))
  if (narrowed.length > 0) findings.push(finding('NSG_DENY_EGRESS', { rules: distinct(narrowed) }))
  return findings
}

/** Nodes and pods of the cluster must reach each other on every port (OR, CNI). */
function intraSubnet(context: PlanningContext): Finding[] {
  const { snapshot } = context
  const ranges = [...snapshot.subnets.flatMap((subnet) => subnet.addressPrefixes), ...podRanges(context)]
  const found = guarded(context).flatMap(({ subnet, group }) =>
    subnet.addressPrefixes.filter(isCidr).flatMap((own) =>
      ranges
        .filter((range) => isCidr(range) && range.includes(':') === own.includes(':'))
        .flatMap((range) => [
          decidingRule(group, { direction: 'Outbound', from: inside(own), to: inside(range), port: null }),
          decidingRule(group, { direction: 'Inbound', from: inside(range), to: inside(own), port: null }),
        ])
        .flatMap((decision) =>
          decision?.rule.access === 'Deny' && decision.rule.priority < DEFAULT_PRIORITY
            ? [{ group: nameOf(group.id), rule: decision.rule.name }]
            : [],
        ),
    ),
  )
  return found.length === 0 ? [] : [finding('NSG_INTRA_SUBNET', { rules: distinct(found) })]
}

/** With an overlay or kubenet the packets of pods cross the subnet with addresses of their own (CNI). */
function podRanges({ snapshot: { cluster } }: PlanningContext): string[] {
  const isKubenet = cluster.networkPlugin?.toLowerCase() === 'kubenet'
  return isKubenet || cluster.networkPluginMode?.toLowerCase() === 'overlay' ? cluster.podCidrs : []
}

const INTERNET: Place = { kind: 'internet' }

function inside(cidr: string): Place {
  return { kind: 'vnet', cidr }
}

function distinct(rules: { group: string; rule: string }[]): { group: string; rule: string }[] {
  return [...new Map(rules.map((each) => [`${each.group} ${each.rule}`, each])).values()]
}
