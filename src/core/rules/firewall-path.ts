import type { Finding } from '../../contract/finding.ts'
import type { RequiredEndpoint } from '../../contract/routing.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { firewallRuleSet, nextHopFirewall } from '../egress/next-hop-firewall.ts'
import { defaultRouteOf } from '../egress/paths.ts'
import { hasAksTag } from '../endpoints/firewall-match.ts'
import { ipv4Of } from '../endpoints/required-endpoints.ts'
import { listed } from '../lib/text.ts'
import type { FirewallFacts } from '../snapshot/network-facts.ts'
import { type Check, rule } from './rule.ts'

/** Public addresses that a production firewall should have (limit-egress-traffic). */
const ADVISED_ADDRESSES = 20

/** What the Azure Firewalls behind the default routes let through, and how they are set up. */
export const checkFirewallPath: Check = (context) => {
  if (context.to !== 'userDefinedRouting' || context.isNoChange) return []
  const firewalls = firewallsOf(context)
  return [
    ...rules(context),
    ...firewalls.flatMap((firewall) => ruleForm(firewall, context)),
    ...firewalls.flatMap((firewall) => setUp(firewall, context)),
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
  remedy: () => 'Open every endpoint of requiredEndpoints on the appliance, then plan again or vouch for it.',
  confidence: 'documented',
  source: 'egress-udr (UDR); outbound-rules-control-egress (OR)',
})

/** AKS checks the route and not what stands behind it, so what is not proven is for a person to vouch for. */
function rules({ requiredEndpoints, snapshot }: PlanningContext): Finding[] {
  const required = requiredEndpoints?.endpoints.filter((each) => each.need === 'required') ?? []
  const of = (open: RequiredEndpoint['open']) => required.filter((each) => each.open === open).map(spoken)
  const [blocked, notProven, notChecked] = [of('blocked'), of('notProven'), of('notChecked')]
  if (blocked.length + notProven.length + notChecked.length === 0) return []
  const why = notChecked.length === 0 ? null : whyNotChecked(snapshot)
  return [UDR_FIREWALL_RULES.finding({ blocked, notProven, notChecked: notChecked.length, why })]
}

/** In words, for the first subnet that could not be looked into. */
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
    remedy: () =>
      'Add an application rule with the FQDN tag AzureKubernetesService for HTTP 80 and HTTPS 443.',
    confidence: 'documented',
    source: 'limit-egress-traffic (FW)',
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
  remedy: () =>
    'Add network rules to AzureCloud of the region for TCP 9000 and UDP 1194 unless the cluster uses the konnectivity agent, and switch the DNS proxy on for rules by name.',
  confidence: 'documented',
  source: 'limit-egress-traffic (FW); outbound-rules-control-egress (OR)',
})

function ruleForm(firewall: FirewallFacts, { requiredEndpoints, snapshot }: PlanningContext): Finding[] {
  const book = firewallRuleSet(firewall, snapshot)
  const endpoints = requiredEndpoints?.endpoints ?? []
  if (book.unread !== null) return []
  const name = lastSegment(firewall.id)
  const behind = snapshot.subnets.filter((subnet) => nextHopFirewall(subnet, snapshot)?.id === firewall.id)
  const sources = behind.flatMap((subnet) => ipv4Of(subnet.addressPrefixes))
  const shut = endpoints.filter((each) => each.open !== 'open')
  const findings: Finding[] = []
  const isShutByName = shut.some((each) => each.kind === 'fqdn' && each.need === 'required')
  if (isShutByName && !hasAksTag(book, sources))
    findings.push(FIREWALL_FQDN_TAG_MISSING.finding({ firewall: name, sources }))
  const tunnels = shut.filter((each) => each.kind === 'serviceTag').map(spoken)
  const usesNames = book.collections.some(
    (each) => each.kind === 'network' && each.rules.some((rule) => rule.fqdns.length > 0),
  )
  const lacksDnsProxy = usesNames && !book.dnsProxy
  if (tunnels.length > 0 || lacksDnsProxy)
    findings.push(
      FIREWALL_NETWORK_RULES_MISSING.finding({ firewall: name, endpoints: tunnels, lacksDnsProxy }),
    )
  return findings
}

export const UDR_SNAT_FIREWALL_SMALL = rule<{ firewall: string; addresses: number; advised: number }>(
  'UDR_SNAT_FIREWALL_SMALL',
  {
    severity: 'warning',
    message: (f) =>
      `The firewall ${f.firewall} has ${f.addresses} public address${f.addresses === 1 ? '' : 'es'}; for production at least ${f.advised} are advised, or connections run out of ports.`,
    remedy: () => 'Add public addresses to the firewall, or a NAT gateway to its subnet.',
    confidence: 'documented',
    source: 'limit-egress-traffic (FW)',
  },
)

export const UDR_AZFW_PRIVATE_RANGES = rule<{ firewall: string }>('UDR_AZFW_PRIVATE_RANGES', {
  severity: 'info',
  message: (f) =>
    `Unless told otherwise, network rules of ${f.firewall} do not translate sources on the way to private ranges (RFC 1918, RFC 6598).`,
  remedy: () => 'Nothing to do, unless services behind private ranges expect the address of the firewall.',
  confidence: 'documented',
  source: 'nat-gateway (NG)',
})

function setUp(firewall: FirewallFacts, { snapshot }: PlanningContext): Finding[] {
  const name = lastSegment(firewall.id)
  const behindGateway = Object.values(snapshot.natGateways).some((gateway) =>
    gateway.subnetIds.some((id) => firewall.subnetIds.map(idKey).includes(idKey(id))),
  )
  const addresses = firewall.publicIpIds.length
  return [
    ...(addresses > 0 && addresses < ADVISED_ADDRESSES && !behindGateway
      ? [UDR_SNAT_FIREWALL_SMALL.finding({ firewall: name, addresses, advised: ADVISED_ADDRESSES })]
      : []),
    UDR_AZFW_PRIVATE_RANGES.finding({ firewall: name }),
  ]
}

export const UDR_FW_ROUTE_SELF = rule<{ routeTables: string[] }>('UDR_FW_ROUTE_SELF', {
  severity: 'info',
  message: (f) =>
    `The documented pattern leads the firewall's own public addresses to the internet, and ${listed(f.routeTables)} ${f.routeTables.length === 1 ? 'has' : 'have'} no such route.`,
  remedy: () => 'Add a route for the public address of the firewall, as a /32, to Internet.',
  confidence: 'documented',
  source: 'limit-egress-traffic (FW)',
})

/** The documented pattern routes the firewall's own public addresses past it. */
function selfRoutes({ snapshot }: PlanningContext): Finding[] {
  const lacking = snapshot.subnets.flatMap((subnet) => {
    const firewall = nextHopFirewall(subnet, snapshot)
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const addresses = (firewall?.publicIpIds ?? []).flatMap(
      (id) => snapshot.publicIps[idKey(id)]?.address ?? [],
    )
    const isPast = (address: string) =>
      table?.routes.some(
        (route) => route.addressPrefix === `${address}/32` && route.nextHopType === 'Internet',
      )
    return table !== undefined && addresses.length > 0 && !addresses.some(isPast)
      ? [lastSegment(table.id)]
      : []
  })
  return lacking.length === 0 ? [] : [UDR_FW_ROUTE_SELF.finding({ routeTables: [...new Set(lacking)] })]
}

function firewallsOf({ snapshot }: PlanningContext): FirewallFacts[] {
  const found = snapshot.subnets.flatMap((subnet) => nextHopFirewall(subnet, snapshot) ?? [])
  return [...new Map(found.map((each) => [idKey(each.id), each])).values()]
}

/** `mcr.microsoft.com:443`, with the protocol where it is not the web's. */
function spoken({ destination, port, protocol }: RequiredEndpoint): string {
  const suffix = protocol === 'TCP' || protocol === 'UDP' ? ` (${protocol})` : ''
  return `${destination}:${port}${suffix}`
}

export const REIMAGE_NEEDS_EGRESS = rule<{ blocked: string[] }>('REIMAGE_NEEDS_EGRESS', {
  severity: 'blocker',
  message: (f) =>
    `The plan upgrades node images, and new nodes would leave by a firewall that does not let through ${some(f.blocked)}: they would not start.`,
  remedy: () => 'Open these on the firewall first, or plan without upgradeNodeImages.',
  confidence: 'documented',
  source: 'outbound-rules-control-egress (OR); VMExtensionError_OutboundConnFail (SA)',
})

export const REIMAGE_EGRESS_UNPROVEN = rule<{ unproven: string[] }>('REIMAGE_EGRESS_UNPROVEN', {
  severity: 'acknowledge',
  message: (f) =>
    `The plan upgrades node images, and new nodes leave by an appliance of which it is not proven that it lets through ${some(f.unproven)}; without it they do not start.`,
  remedy: () =>
    'Open every endpoint of requiredEndpoints on the appliance, or plan without upgradeNodeImages.',
  confidence: 'documented',
  source: 'outbound-rules-control-egress (OR); VMExtensionError_OutboundConnFail (SA)',
})

/** New nodes test their way out when they start; without it the upgrade that the plan makes itself would fail. */
export const checkImageUpgradeEgress: Check = ({ request, requiredEndpoints, to }) => {
  if (request.upgradeNodeImages !== true || requiredEndpoints === null) return []
  const required = requiredEndpoints.endpoints.filter(
    (each) => each.need === 'required' && each.when === 'always',
  )
  const blocked = required.filter((each) => each.open === 'blocked').map((each) => each.destination)
  if (blocked.length > 0) return [REIMAGE_NEEDS_EGRESS.finding({ blocked })]
  const unproven = required.filter((each) => each.open !== 'open').map((each) => each.destination)
  // With the target userDefinedRouting UDR_FIREWALL_RULES says it already.
  return unproven.length === 0 || to === 'userDefinedRouting'
    ? []
    : [REIMAGE_EGRESS_UNPROVEN.finding({ unproven })]
}

/** The first few of many. */
function some(items: string[]): string {
  return items.length <= 4 ? listed(items) : `${items.slice(0, 3).join(', ')} and ${items.length - 3} more`
}
