import type { Finding } from '../../contract/finding.ts'
import type { RequiredEndpoint } from '../../contract/routing.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { firewallRuleSet, nextHopFirewall } from '../egress/next-hop-firewall.ts'
import { defaultRouteOf } from '../egress/paths.ts'
import { nextHopOf } from '../egress/routes.ts'
import { hasAksTag } from '../endpoints/firewall-match.ts'
import { ipv4Of } from '../endpoints/required-endpoints.ts'
import { listed, listedUpTo } from '../lib/text.ts'
import { documented } from '../references/references.ts'
import type { FirewallFacts } from '../snapshot/network-facts.ts'
import { type Check, rule } from './rule.ts'

const some = (items: string[]) => listedUpTo(4, items, 3)

/** Public addresses that a production firewall should have (limit-egress-traffic). */
const ADVISED_ADDRESSES = 20

/** What the Azure Firewalls behind the default routes allow, and how they are configured. */
export const checkFirewallPath: Check = (context) => {
  if (context.to !== 'userDefinedRouting' || context.isNoChange) return []
  const firewalls = firewallsOf(context)
  return [
    ...rules(context),
    ...firewalls.flatMap((firewall) => ruleForm(firewall, context)),
    ...firewalls.flatMap((firewall) => configuration(firewall, context)),
    ...selfRoutes(context),
  ]
}

export const UDR_FIREWALL_RULES = rule<{
  blocked: string[]
  notProven: string[]
  notChecked: number
  why: string | null
}>('UDR_FIREWALL_RULES', {
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
  remedy: 'Open every endpoint of requiredEndpoints on the appliance, then plan again or vouch for it.',
  source: documented('egress-udr', 'outbound-rules-control-egress'),
})

/** AKS checks the route, not what is behind it. A person must confirm what the rules do not prove. */
function rules({ requiredEndpoints, snapshot }: PlanningContext): Finding[] {
  const required = requiredEndpoints?.endpoints.filter(({ need }) => need === 'required') ?? []
  const labelsOf = (open: RequiredEndpoint['open']) =>
    required.filter((endpoint) => endpoint.open === open).map(endpointLabel)
  const [blocked, notProven] = [labelsOf('blocked'), labelsOf('notProven')]
  const notChecked = labelsOf('notChecked').length
  return UDR_FIREWALL_RULES.when(blocked.length + notProven.length + notChecked > 0, {
    blocked,
    notProven,
    notChecked,
    why: notChecked === 0 ? null : whyNotChecked(snapshot),
  })
}

/** The reason for the first subnet that could not be checked. */
function whyNotChecked(snapshot: PlanningContext['snapshot']): string {
  for (const subnet of snapshot.subnets) {
    if (defaultRouteOf(subnet, snapshot) === null) return 'no default route to an appliance is there yet'
    const firewall = nextHopFirewall(subnet, snapshot)
    if (firewall === null) return 'the default route leads to no Azure Firewall that was seen'
    const { unread } = firewallRuleSet(firewall, snapshot)
    if (unread !== null) return unread
  }
  return 'no subnet with an IPv4 range was seen'
}

export const FIREWALL_FQDN_TAG_MISSING = rule<{ firewall: string; sources: string[] }>(
  'FIREWALL_FQDN_TAG_MISSING',
  {
    severity: 'warning',
    message: (f) =>
      `No application rule of ${f.firewall} lets ${listed(f.sources)} through to the tag AzureKubernetesService, which follows the published list by itself.`,
    remedy: 'Add an application rule with the FQDN tag AzureKubernetesService for HTTP 80 and HTTPS 443.',
    source: documented('limit-egress-traffic'),
  },
)

export const FIREWALL_NETWORK_RULES_MISSING = rule<{
  firewall: string
  endpoints: string[]
  lacksDnsProxy: boolean
}>('FIREWALL_NETWORK_RULES_MISSING', {
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
  remedy:
    'Add network rules to AzureCloud of the region for TCP 9000 and UDP 1194 unless the cluster uses the konnectivity agent, and switch the DNS proxy on for rules by name.',
  source: documented('limit-egress-traffic', 'outbound-rules-control-egress'),
})

function ruleForm(facts: FirewallFacts, { requiredEndpoints, snapshot }: PlanningContext): Finding[] {
  const ruleSet = firewallRuleSet(facts, snapshot)
  const { id } = facts
  if (ruleSet.unread !== null) return []
  const firewall = lastSegment(id)
  const sources = snapshot.subnets
    .filter((subnet) => nextHopFirewall(subnet, snapshot)?.id === id)
    .flatMap((subnet) => ipv4Of(subnet.addressPrefixes))
  const closed = (requiredEndpoints?.endpoints ?? []).filter(({ open }) => open !== 'open')
  const isFqdnClosed = closed.some(({ kind, need }) => kind === 'fqdn' && need === 'required')
  const endpoints = closed.filter(({ kind }) => kind === 'serviceTag').map(endpointLabel)
  const hasFqdnRules = ruleSet.collections.some(
    ({ kind, rules }) => kind === 'network' && rules.some(({ fqdns }) => fqdns.length > 0),
  )
  const lacksDnsProxy = hasFqdnRules && !ruleSet.dnsProxy
  return [
    ...FIREWALL_FQDN_TAG_MISSING.when(isFqdnClosed && !hasAksTag(ruleSet, sources), { firewall, sources }),
    ...FIREWALL_NETWORK_RULES_MISSING.when(endpoints.length > 0 || lacksDnsProxy, {
      firewall,
      endpoints,
      lacksDnsProxy,
    }),
  ]
}

export const UDR_SNAT_FIREWALL_SMALL = rule<{ firewall: string; addresses: number; advised: number }>(
  'UDR_SNAT_FIREWALL_SMALL',
  {
    severity: 'warning',
    message: (f) =>
      `The firewall ${f.firewall} has ${f.addresses} public address${f.addresses === 1 ? '' : 'es'}; for production at least ${f.advised} are advised, or connections run out of ports.`,
    remedy: 'Add public addresses to the firewall, or a NAT gateway to its subnet.',
    source: documented('limit-egress-traffic'),
  },
)

export const UDR_AZFW_PRIVATE_RANGES = rule<{ firewall: string }>('UDR_AZFW_PRIVATE_RANGES', {
  severity: 'info',
  message: (f) =>
    `Unless told otherwise, network rules of ${f.firewall} do not translate sources on the way to private ranges (RFC 1918, RFC 6598).`,
  remedy: 'Nothing to do, unless services behind private ranges expect the address of the firewall.',
  source: documented('nat-gateway'),
})

function configuration(
  { id, subnetIds, publicIpIds }: FirewallFacts,
  { snapshot }: PlanningContext,
): Finding[] {
  const firewall = lastSegment(id)
  const subnets = new Set(subnetIds.map(idKey))
  const hasGateway = Object.values(snapshot.natGateways).some((gateway) =>
    gateway.subnetIds.some((subnetId) => subnets.has(idKey(subnetId))),
  )
  const addresses = publicIpIds.length
  return [
    ...UDR_SNAT_FIREWALL_SMALL.when(addresses > 0 && addresses < ADVISED_ADDRESSES && !hasGateway, {
      firewall,
      addresses,
      advised: ADVISED_ADDRESSES,
    }),
    UDR_AZFW_PRIVATE_RANGES.finding({ firewall }),
  ]
}

export const UDR_FW_ROUTE_SELF = rule<{ routeTables: string[] }>('UDR_FW_ROUTE_SELF', {
  severity: 'info',
  message: (f) =>
    `The documented pattern leads the firewall's own public addresses to the internet, and ${listed(f.routeTables)} ${f.routeTables.length === 1 ? 'has' : 'have'} no such route.`,
  remedy: 'Add a route for the public address of the firewall, as a /32, to Internet.',
  source: documented('limit-egress-traffic'),
})

/** The documented pattern routes the firewall's own public addresses past the firewall. */
function selfRoutes({ snapshot }: PlanningContext): Finding[] {
  const lacking = snapshot.subnets.flatMap((subnet) => {
    const firewall = nextHopFirewall(subnet, snapshot)
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const addresses = (firewall?.publicIpIds ?? []).flatMap(
      (id) => snapshot.publicIps[idKey(id)]?.address ?? [],
    )
    const isRoutedPast = (address: string) =>
      table?.routes.some(
        (route) => route.addressPrefix === `${address}/32` && nextHopOf(route) === 'Internet',
      )
    return table !== undefined && addresses.length > 0 && !addresses.some(isRoutedPast)
      ? [lastSegment(table.id)]
      : []
  })
  return UDR_FW_ROUTE_SELF.ifAny({ routeTables: [...new Set(lacking)] })
}

function firewallsOf({ snapshot }: PlanningContext): FirewallFacts[] {
  const firewalls = snapshot.subnets.flatMap((subnet) => nextHopFirewall(subnet, snapshot) ?? [])
  return [...new Map(firewalls.map((firewall) => [idKey(firewall.id), firewall])).values()]
}

/** `mcr.microsoft.com:443`, with the protocol unless it is HTTP or HTTPS. */
function endpointLabel({ destination, port, protocol }: RequiredEndpoint): string {
  const suffix = protocol === 'TCP' || protocol === 'UDP' ? ` (${protocol})` : ''
  return `${destination}:${port}${suffix}`
}

export const REIMAGE_NEEDS_EGRESS = rule<{ blocked: string[] }>('REIMAGE_NEEDS_EGRESS', {
  severity: 'blocker',
  message: (f) =>
    `The plan upgrades node images, and new nodes would leave by a firewall that does not let through ${some(f.blocked)}: they would not start.`,
  remedy: 'Open these on the firewall first, or plan without upgradeNodeImages.',
  source: documented('outbound-rules-control-egress', { text: 'VMExtensionError_OutboundConnFail' }),
})

export const REIMAGE_EGRESS_UNPROVEN = rule<{ unproven: string[] }>('REIMAGE_EGRESS_UNPROVEN', {
  severity: 'acknowledge',
  message: (f) =>
    `The plan upgrades node images, and new nodes leave by an appliance of which it is not proven that it lets through ${some(f.unproven)}; without it they do not start.`,
  remedy: 'Open every endpoint of requiredEndpoints on the appliance, or plan without upgradeNodeImages.',
  source: documented('outbound-rules-control-egress', { text: 'VMExtensionError_OutboundConnFail' }),
})

/** New nodes test their egress when they start. Without it, the node image upgrade of the plan would fail. */
export const checkImageUpgradeEgress: Check = ({ request, requiredEndpoints, to }) => {
  if (request.upgradeNodeImages !== true || requiredEndpoints === null) return []
  const destinationsOf = (isWanted: (open: RequiredEndpoint['open']) => boolean) =>
    requiredEndpoints.endpoints
      .filter(({ need, when, open }) => need === 'required' && when === 'always' && isWanted(open))
      .map(({ destination }) => destination)
  const blocked = destinationsOf((open) => open === 'blocked')
  // With the target userDefinedRouting, UDR_FIREWALL_RULES reports it.
  return blocked.length > 0 || to === 'userDefinedRouting'
    ? REIMAGE_NEEDS_EGRESS.ifAny({ blocked })
    : REIMAGE_EGRESS_UNPROVEN.ifAny({ unproven: destinationsOf((open) => open !== 'open') })
}
