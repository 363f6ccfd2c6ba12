import type { Finding } from '../../contract/finding.ts'
import type { RequiredEndpoint } from '../../contract/routing.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { publicServiceFrontends } from '../context/service-frontends.ts'
import { firewallRuleSet, forwardingOf, nextHopFirewall } from '../egress/next-hop-firewall.ts'
import { nextHopOf } from '../egress/routes.ts'
import { defaultRouteOf, gatewayBehind } from '../egress/subnet-attachments.ts'
import { firewallsWithoutDnsProxy } from '../endpoints/custom-dns.ts'
import { type ApiServerAccess, apiServerAccess } from '../endpoints/endpoint-list.ts'
import { mayHaveAksTag } from '../endpoints/firewall-match.ts'
import { ipv4Of } from '../lib/address-space.ts'
import { agree, counted, listed, listedUpTo, named, these } from '../lib/text.ts'
import { documented } from '../references/references.ts'
import type { FirewallFacts } from '../snapshot/network-facts.ts'
import { type Check, rule } from './rule.ts'
import { ENLARGE_FIREWALL } from './snat-capacity.ts'

const shortList = (items: string[]) => listedUpTo(4, items, 3)

/** Recommended number of public addresses of a production firewall (limit-egress-traffic). */
const RECOMMENDED_ADDRESSES = 20

/** Checks the rules and the configuration of the Azure Firewalls that are next hops of the default routes. */
export const checkFirewallPath: Check = (context) => {
  if (context.to !== 'userDefinedRouting' || context.isNoChange) return []
  const firewalls = firewallsOf(context)
  return [
    ...rules(context),
    ...dnsProxies(context),
    ...firewalls.flatMap((firewall) => ruleForm(firewall, context)),
    ...firewalls.flatMap((firewall) => configuration(firewall, context)),
    ...selfRoutes(context),
  ]
}

export const UDR_FIREWALL_RULES = rule<
  { blocked: string[]; notProven: string[]; notChecked: number; why: string | null } & ApiServerAccess
>('UDR_FIREWALL_RULES', {
  severity: 'acknowledge',
  message: (f) => {
    const parts = [
      ...(f.notProven.length === 0
        ? []
        : [`it is unknown whether the appliance allows ${shortList(f.notProven)}`]),
      ...(f.notChecked === 0
        ? []
        : [`this service could not check ${counted(f.notChecked, 'endpoint')}, because ${f.why}`]),
    ]
    return f.blocked.length > 0
      ? `Nodes, pods or add-ons do not work, because ${[`the appliance blocks the required ${agree(f.blocked, 'endpoint', 'endpoints')} ${shortList(f.blocked)}`, ...parts].join('; ')}.`
      : `Nodes, pods or add-ons do not work if the appliance blocks a required endpoint: ${parts.join('; ')}.`
  },
  remedy: (f) =>
    `Configure the appliance to allow every endpoint in the report section "Required egress endpoints" (\`requiredEndpoints\` in the JSON): AKS does not check this access. ${f.blocked.length + f.notProven.length > 0 ? 'Then create a new plan, or acknowledge' : 'Acknowledge'} this finding only if you have confirmed that nodes reach every endpoint.`,
  source: documented('egress-udr', 'outbound-rules-control-egress'),
})

/** AKS checks the route, not the appliance. A person must confirm endpoints that the rules do not clearly allow. */
function rules({ requiredEndpoints, snapshot }: PlanningContext): Finding[] {
  const silent = firewallsWithoutDnsProxy(snapshot).map(({ server }) => server)
  const required = (requiredEndpoints?.endpoints ?? []).filter(
    ({ need, destination }) => need === 'required' && !silent.includes(destination),
  )
  const labelsOf = (open: RequiredEndpoint['open']) =>
    required.filter((endpoint) => endpoint.open === open).map(endpointLabel)
  const [blocked, notProven] = [labelsOf('blocked'), labelsOf('notProven')]
  const notChecked = labelsOf('notChecked').length
  return UDR_FIREWALL_RULES.when(blocked.length + notProven.length + notChecked > 0, {
    blocked,
    notProven,
    notChecked,
    why: notChecked === 0 ? null : whyNotChecked(snapshot),
    ...apiServerAccess(required, endpointLabel),
  })
}

export const FIREWALL_DNS_PROXY_OFF = rule<{ servers: string[]; firewalls: string[] }>(
  'FIREWALL_DNS_PROXY_OFF',
  {
    severity: 'acknowledge',
    message: (f) =>
      `Nodes cannot resolve names, because the virtual network uses ${named('firewall', f.firewalls)} (${listed(f.servers)}) for DNS, but the DNS proxy of ${these('firewall', f.firewalls)} is off.`,
    remedy: 'Enable the DNS proxy on the firewall, or change the DNS servers of the virtual network.',
    source: documented('limit-egress-traffic', 'outbound-rules-control-egress'),
  },
)

function dnsProxies({ prepared }: PlanningContext): Finding[] {
  const found = firewallsWithoutDnsProxy(prepared)
  return FIREWALL_DNS_PROXY_OFF.ifAny({
    servers: found.map(({ server }) => server),
    firewalls: [...new Set(found.map(({ firewall }) => lastSegment(firewall.id)))],
  })
}

/** The reason for the first subnet that could not be checked. */
function whyNotChecked(snapshot: PlanningContext['snapshot']): string {
  for (const subnet of snapshot.subnets) {
    if (defaultRouteOf(subnet, snapshot) === null) return 'no default route to an appliance exists yet'
    const firewall = nextHopFirewall(subnet, snapshot)
    if (firewall === null) return 'no Azure Firewall is known at the next hop of the default route'
    const { unread } = firewallRuleSet(firewall, snapshot)
    if (unread !== null) return unread
  }
  return 'no subnet with an IPv4 range was found'
}

export const FIREWALL_FQDN_TAG_MISSING = rule<{ firewall: string; sources: string[] }>(
  'FIREWALL_FQDN_TAG_MISSING',
  {
    severity: 'warning',
    message: (f) =>
      `No application rule of the firewall \`${f.firewall}\` allows the subnet range${agree(f.sources, '', 's')} ${listed(f.sources)} to reach the FQDN tag \`AzureKubernetesService\`, which always contains the published AKS endpoints.`,
    remedy:
      'Add an application rule to the firewall with the FQDN tag `AzureKubernetesService` for HTTP on port 80 and HTTPS on port 443.',
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
    const lead = `The firewall \`${f.firewall}\``
    if (f.endpoints.length === 0)
      return `${lead} has network rules with FQDNs, which require the DNS proxy, but the DNS proxy is off.`
    const proxy = f.lacksDnsProxy
      ? ', and its network rules with FQDNs require the DNS proxy, which is off'
      : ''
    return `${lead} may block ${listed(f.endpoints)}, which commands such as \`kubectl logs\` need without the konnectivity agent${proxy}.`
  },
  remedy: (f) =>
    `${f.endpoints.length === 0 ? '' : 'Run `kubectl get deployment konnectivity-agent -n kube-system`. If the cluster has this agent, no rule is required. Otherwise, add network rules to the firewall that allow `AzureCloud.<region>` on TCP port 9000 and UDP port 1194. '}${f.lacksDnsProxy ? 'Enable the DNS proxy on the firewall.' : ''}`.trim(),
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
  const notOpen = (requiredEndpoints?.endpoints ?? []).filter(({ open }) => open !== 'open')
  const lacksRequiredFqdn = notOpen.some(({ kind, need }) => kind === 'fqdn' && need === 'required')
  // UDR_FIREWALL_RULES reports required endpoints.
  const endpoints = notOpen
    .filter(({ kind, need }) => kind === 'serviceTag' && need !== 'required')
    .map(endpointLabel)
  const hasFqdnRules = ruleSet.collections.some(
    ({ kind, rules }) => kind === 'network' && rules.some(({ fqdns }) => fqdns.length > 0),
  )
  const lacksDnsProxy = hasFqdnRules && !ruleSet.dnsProxy
  return [
    ...FIREWALL_FQDN_TAG_MISSING.when(lacksRequiredFqdn && !mayHaveAksTag(ruleSet, sources), {
      firewall,
      sources,
    }),
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
      `The firewall \`${f.firewall}\` may run out of SNAT ports: it has ${counted(f.addresses, 'public address')}, but Azure recommends at least ${f.advised} for production.`,
    remedy: ENLARGE_FIREWALL,
    source: documented('limit-egress-traffic'),
  },
)

export const UDR_AZFW_PRIVATE_RANGES = rule<{ firewall: string }>('UDR_AZFW_PRIVATE_RANGES', {
  severity: 'info',
  message: (f) =>
    `By default, network rules of the firewall \`${f.firewall}\` keep the original source address of packets whose destination is in a private range (RFC 1918, RFC 6598).`,
  remedy:
    'If services in a private range expect the address of the firewall as the source, remove this range from the setting "Private IP ranges (SNAT)" of the firewall. The firewall then replaces the source address of packets to this range.',
  source: documented('nat-gateway'),
})

function configuration(firewallFacts: FirewallFacts, { snapshot }: PlanningContext): Finding[] {
  const firewall = lastSegment(firewallFacts.id)
  const hasGateway = gatewayBehind(firewallFacts, snapshot) !== null
  const isTranslating = !hasGateway && forwardingOf(firewallFacts, snapshot, 'IPv4') !== 'forced'
  const addresses = firewallFacts.publicIpIds.length
  return [
    ...UDR_SNAT_FIREWALL_SMALL.when(addresses > 0 && addresses < RECOMMENDED_ADDRESSES && isTranslating, {
      firewall,
      addresses,
      advised: RECOMMENDED_ADDRESSES,
    }),
    UDR_AZFW_PRIVATE_RANGES.finding({ firewall }),
  ]
}

export const UDR_FW_ROUTE_SELF = rule<{ routeTables: string[]; services: string[] }>('UDR_FW_ROUTE_SELF', {
  severity: 'info',
  message: (f) =>
    `The public Service${agree(f.services, '', 's')} ${listedUpTo(
      4,
      f.services.map((service) => `\`${service}\``),
      3,
    )} may need a route with the next hop type \`Internet\` for the public addresses of the firewall, but ${named('route table', f.routeTables)} ${agree(f.routeTables, 'has', 'have')} no such route.`,
  remedy: (f) =>
    `Check whether the firewall forwards inbound traffic to ${these('public Service', f.services)}. If it does not, add no route. If it does, add a /32 route with the next hop type \`Internet\` for each public address of the firewall. After that, pods cannot connect to host names that resolve to the firewall.`,
  source: documented('limit-egress-traffic', 'azure-docs issue 101377', 'azure-docs issue 76132'),
})

/**
 * In the documented pattern for inbound traffic, routes for the firewall's own public addresses bypass the firewall. They
 * serve public Services only.
 */
function selfRoutes({ snapshot }: PlanningContext): Finding[] {
  const services = publicServiceFrontends(snapshot).map(({ name, address }) => address ?? name)
  if (services.length === 0) return []
  const tablesWithoutRoute = snapshot.subnets.flatMap((subnet) => {
    const firewall = nextHopFirewall(subnet, snapshot)
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const addresses = (firewall?.publicIpIds ?? []).flatMap(
      (id) => snapshot.publicIps[idKey(id)]?.address ?? [],
    )
    const hasBypassRoute = (address: string) =>
      table?.routes.some(
        (route) => route.addressPrefix === `${address}/32` && nextHopOf(route) === 'Internet',
      )
    return table !== undefined && addresses.length > 0 && !addresses.some(hasBypassRoute)
      ? [lastSegment(table.id)]
      : []
  })
  const routeTables = [...new Set(tablesWithoutRoute)]
  return UDR_FW_ROUTE_SELF.when(routeTables.length > 0, { routeTables, services })
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
    `During the planned node image upgrade, new nodes would not start, because the firewall on their egress path blocks ${shortList(f.blocked)}.`,
  remedy: (f) =>
    `Allow ${these('endpoint', f.blocked)} on the firewall first, or create a plan without \`upgradeNodeImages\`.`,
  source: documented('outbound-rules-control-egress', { text: 'VMExtensionError_OutboundConnFail' }),
})

export const REIMAGE_EGRESS_UNPROVEN = rule<{ unproven: string[] }>('REIMAGE_EGRESS_UNPROVEN', {
  severity: 'acknowledge',
  message: (f) =>
    `During the planned node image upgrade, new nodes do not start if the appliance on their egress path blocks a required endpoint: it is unknown whether the appliance allows ${shortList(f.unproven)}.`,
  remedy:
    'Configure the appliance to allow every endpoint in the report section "Required egress endpoints" (`requiredEndpoints` in the JSON), or create a plan without `upgradeNodeImages`. Acknowledge this finding only if you have confirmed that nodes reach every endpoint.',
  source: documented('outbound-rules-control-egress', { text: 'VMExtensionError_OutboundConnFail' }),
})

/** Conditions of endpoints that nodes need to start and to become ready. */
const NODE_CONDITIONS = ['always', 'public API server', 'custom DNS servers']

/** New nodes test their egress when they start. Without egress, the node image upgrade of the plan would fail. */
export const checkImageUpgradeEgress: Check = ({ request, requiredEndpoints, to }) => {
  if (request.upgradeNodeImages !== true || requiredEndpoints === null) return []
  const destinationsOf = (hasState: (open: RequiredEndpoint['open']) => boolean) => {
    const endpoints = requiredEndpoints.endpoints.filter(
      ({ need, when, open }) => need === 'required' && NODE_CONDITIONS.includes(when) && hasState(open),
    )
    return [...new Set(endpoints.map(({ destination }) => destination))]
  }
  const blocked = destinationsOf((open) => open === 'blocked')
  // With the target userDefinedRouting, UDR_FIREWALL_RULES reports it.
  return blocked.length > 0 || to === 'userDefinedRouting'
    ? REIMAGE_NEEDS_EGRESS.ifAny({ blocked })
    : REIMAGE_EGRESS_UNPROVEN.ifAny({ unproven: destinationsOf((open) => open !== 'open') })
}
