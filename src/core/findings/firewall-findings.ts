import { entry, listed } from './entry.ts'

type DenyingRules = { rules: { group: string; rule: string }[] }

/** `deny-all of nsg-nodes`. */
function ruleNames({ rules }: DenyingRules): string {
  return listed(rules.map((each) => `${each.rule} of ${each.group}`))
}

/** The first few of many. */
function some(items: string[]): string {
  return items.length <= 4 ? listed(items) : `${items.slice(0, 3).join(', ')} and ${items.length - 3} more`
}

/** What stands in the nodes' way out: firewalls and security groups. Source: rulebook 3.5 and 10. */
export const FIREWALL_FINDINGS = {
  UDR_FIREWALL_RULES: entry<{
    blocked: string[]
    notProven: string[]
    notChecked: number
    why: string | null
  }>({
    severity: 'acknowledge',
    message: (f) => {
      const parts = [
        ...(f.blocked.length === 0 ? [] : [`it does not let through ${some(f.blocked)}`]),
        ...(f.notProven.length === 0
          ? []
          : [`its rules do not prove that it lets through ${some(f.notProven)}`]),
        ...(f.notChecked === 0
          ? []
          : [`${f.notChecked} required endpoints could not be checked, because ${f.why}`]),
      ]
      return `AKS checks that a default route exists, not what the appliance lets through: ${parts.join('; ')}. Nodes that cannot reach what they need do not start.`
    },
    remedy: () =>
      'Open every endpoint of requiredEndpoints on the appliance, then plan again or vouch for it.',
    confidence: 'documented',
    source: 'egress-udr (UDR); outbound-rules-control-egress (OR)',
  }),
  FIREWALL_FQDN_TAG_MISSING: entry<{ firewall: string; sources: string[] }>({
    severity: 'warning',
    message: (f) =>
      `No application rule of ${f.firewall} lets ${listed(f.sources)} through to the tag AzureKubernetesService, which follows the published list by itself.`,
    remedy: () =>
      'Add an application rule with the FQDN tag AzureKubernetesService for HTTP 80 and HTTPS 443.',
    confidence: 'documented',
    source: 'limit-egress-traffic (FW)',
  }),
  FIREWALL_NETWORK_RULES_MISSING: entry<{ firewall: string; endpoints: string[]; lacksDnsProxy: boolean }>({
    severity: 'warning',
    message: (f) => {
      const parts = [
        ...(f.endpoints.length === 0
          ? []
          : [`has no network rule that surely lets through ${listed(f.endpoints)}`]),
        ...(f.lacksDnsProxy ? ['has network rules by name and no DNS proxy, which they need'] : []),
      ]
      return `The firewall ${f.firewall} ${parts.join(', and ')}.`
    },
    remedy: () =>
      'Add network rules to AzureCloud of the region for TCP 9000 and UDP 1194 unless the cluster uses the konnectivity agent, and switch the DNS proxy on for rules by name.',
    confidence: 'documented',
    source: 'limit-egress-traffic (FW); outbound-rules-control-egress (OR)',
  }),
  UDR_SNAT_FIREWALL_SMALL: entry<{ firewall: string; addresses: number; advised: number }>({
    severity: 'warning',
    message: (f) =>
      `The firewall ${f.firewall} has ${f.addresses} public address${f.addresses === 1 ? '' : 'es'}; for production at least ${f.advised} are advised, or connections run out of ports.`,
    remedy: () => 'Add public addresses to the firewall, or a NAT gateway to its subnet.',
    confidence: 'documented',
    source: 'limit-egress-traffic (FW)',
  }),
  UDR_AZFW_PRIVATE_RANGES: entry<{ firewall: string }>({
    severity: 'info',
    message: (f) =>
      `Unless told otherwise, network rules of ${f.firewall} do not translate sources on the way to private ranges (RFC 1918, RFC 6598).`,
    remedy: () => 'Nothing to do, unless services behind private ranges expect the address of the firewall.',
    confidence: 'documented',
    source: 'nat-gateway (NG)',
  }),
  UDR_FW_ROUTE_SELF: entry<{ routeTables: string[] }>({
    severity: 'info',
    message: (f) =>
      `The documented pattern leads the firewall's own public addresses to the internet, and ${listed(f.routeTables)} ${f.routeTables.length === 1 ? 'has' : 'have'} no such route.`,
    remedy: () => 'Add a route for the public address of the firewall, as a /32, to Internet.',
    confidence: 'documented',
    source: 'limit-egress-traffic (FW)',
  }),
  REIMAGE_NEEDS_EGRESS: entry<{ blocked: string[] }>({
    severity: 'blocker',
    message: (f) =>
      `The plan upgrades node images, and new nodes would leave by a firewall that does not let through ${some(f.blocked)}: they would not start.`,
    remedy: () => 'Open these on the firewall first, or plan without upgradeNodeImages.',
    confidence: 'documented',
    source: 'outbound-rules-control-egress (OR); VMExtensionError_OutboundConnFail (SA)',
  }),
  REIMAGE_EGRESS_UNPROVEN: entry<{ unproven: string[] }>({
    severity: 'acknowledge',
    message: (f) =>
      `The plan upgrades node images, and new nodes leave by an appliance of which it is not proven that it lets through ${some(f.unproven)}; without it they do not start.`,
    remedy: () =>
      'Open every endpoint of requiredEndpoints on the appliance, or plan without upgradeNodeImages.',
    confidence: 'documented',
    source: 'outbound-rules-control-egress (OR); VMExtensionError_OutboundConnFail (SA)',
  }),
  NSG_BLOCKS_EGRESS: entry<DenyingRules>({
    severity: 'acknowledge',
    message: (f) =>
      `Nodes may not open connections to port 443 on the internet: ${ruleNames(f)} ${f.rules.length === 1 ? 'denies' : 'deny'} it. Without the endpoints that AKS needs no node starts.`,
    remedy: () => 'Take the rule away, and control what leaves by names on a firewall.',
    confidence: 'documented',
    source: 'outbound-rules-control-egress (OR)',
  }),
  NSG_DENY_EGRESS: entry<DenyingRules>({
    severity: 'warning',
    message: (f) =>
      `Packets to the internet are denied by ${ruleNames(f)}, apart from exceptions; what AKS needs has no fixed addresses, so exceptions cannot hold all of it for good.`,
    remedy: () => 'Control what leaves by names on a firewall, not by addresses in a security group.',
    confidence: 'documented',
    source: 'outbound-rules-control-egress (OR)',
  }),
  NSG_INTRA_SUBNET: entry<DenyingRules>({
    severity: 'blocker',
    message: (f) =>
      `Traffic among the nodes and pods of the cluster is denied by ${ruleNames(f)}, which AKS does not support.`,
    remedy: () =>
      'Allow all traffic between the ranges of the nodes and of the pods; separate pods by network policies.',
    confidence: 'documented',
    source: 'outbound-rules-control-egress (OR); concepts-network-cni-overview (CNI)',
  }),
  SERVICE_TAG_ONLY_ROUTES: entry<{ tables: { routeTable: string; tags: string[] }[] }>({
    severity: 'warning',
    message: (f) =>
      `Only service tags lead to the internet: ${listed(f.tables.map((each) => `${each.tags.join(', ')} in ${each.routeTable}`))}. The registry and the packages that nodes start by are not all behind them.`,
    remedy: () => 'Lead 0.0.0.0/0 to an appliance or gateway that lets the required endpoints through.',
    confidence: 'observed',
    source: 'third-party module notes (TFMOD)',
  }),
  ISTIO_KV: entry<{ features: string[] }>({
    severity: 'info',
    message: (f) =>
      `Certificates of ${listed(f.features)} may come out of Key Vault, which nodes then reach by the appliance too.`,
    remedy: () => 'Open the vault on the appliance, or give it a private endpoint.',
    confidence: 'documented',
    source: 'outbound-rules-control-egress (OR)',
  }),
}
