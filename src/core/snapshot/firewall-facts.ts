/** One rule of an Azure Firewall, of either form (classic or policy), as far as egress depends on it. */
interface RuleSources {
  name: string
  /** Addresses, ranges (`10.0.0.1-10.0.0.9`), CIDRs, service tags or `*`. */
  sources: string[]
  /** IP groups whose addresses are sources too. */
  sourceGroupIds: string[]
  /** Sources whose addresses were not read: selectors of pods, countries, or an IP group that could not be read. */
  hasUnreadSources: boolean
}

export interface ApplicationRuleFacts extends RuleSources {
  /** Such as `{ type: 'Https', port: 443 }`. */
  protocols: { type: string; port: number | null }[]
  fqdns: string[]
  fqdnTags: string[]
  /** URLs, web categories and destination addresses narrow or widen the rule in ways that are not looked into. */
  hasOtherConditions: boolean
}

export interface NetworkRuleFacts extends RuleSources {
  /** `TCP`, `UDP`, `ICMP`, `Any`. */
  protocols: string[]
  /** Addresses, ranges, CIDRs, service tags or `*`. */
  destinations: string[]
  /** Names, which work only with the firewall's DNS proxy (limit-egress-traffic). */
  fqdns: string[]
  /** `443`, `1-65535`, `*`. */
  ports: string[]
  /** IP groups whose addresses are destinations too. */
  destinationGroupIds: string[]
  /** Destinations whose addresses were not read: countries, or an IP group that could not be read. */
  hasUnreadDestinations: boolean
}

/** An IP group, which rules refer to by its ID instead of listing addresses. */
export interface IpGroupFacts {
  id: string
  /** Addresses, CIDRs, and ranges. */
  addresses: string[]
}

/** Rules that share an action; the first collection with a rule that fits decides. */
export type RuleCollectionFacts = {
  name: string
  priority: number
  action: 'Allow' | 'Deny'
} & ({ kind: 'application'; rules: ApplicationRuleFacts[] } | { kind: 'network'; rules: NetworkRuleFacts[] })

/**
 * A firewall policy with its rule collections in evaluation order: by the priority of their group, then by their own.
 * Those of a base policy come first and are in a separate policy.
 */
export interface FirewallPolicyFacts extends FirewallPolicyRef {
  dnsProxy: boolean
  /** The servers that the DNS proxy asks; empty for Azure DNS. */
  dnsServers?: string[]
  collections: RuleCollectionFacts[]
}

export interface FirewallPolicyRef {
  id: string
  /** The policy whose rules come before its own. */
  basePolicyId: string | null
}
