import { defaultRouteOf } from '../effective-egress.ts'
import { hasAksTag } from '../endpoints/firewall-match.ts'
import type { RequiredEndpoint } from '../endpoints/required-endpoint.ts'
import { ipv4Of } from '../endpoints/required-endpoints.ts'
import { finding } from '../findings/catalogue.ts'
import { firewallBehind, ruleBookOf } from '../firewall-behind.ts'
import type { FirewallFacts } from '../network-facts.ts'
import type { Finding } from '../plan.ts'
import type { PlanningContext } from '../planning-context.ts'
import { idKey, nameOf } from '../resource-id.ts'
import type { Check } from './check.ts'

/** Public addresses that a production firewall should have (FW). */
const ADVISED_ADDRESSES = 20

/** What the Azure Firewalls behind the default routes let through, and how they are set up (rulebook 3.5, 10). */
export const firewallPath: Check = (context) => {
  if (context.to !== 'userDefinedRouting' || context.isNoChange) return []
  const firewalls = firewallsOf(context)
  return [
    ...rules(context),
    ...firewalls.flatMap((firewall) => ruleForm(firewall, context)),
    ...firewalls.flatMap((firewall) => setUp(firewall, context)),
    ...selfRoutes(context),
  ]
}

/** AKS checks the route and not what stands behind it, so what is not proven is for a person to vouch for. */
function rules({ requiredEndpoints, snapshot }: PlanningContext): Finding[] {
  const required = requiredEndpoints?.endpoints.filter((each) => each.need === 'required') ?? []
  const of = (open: RequiredEndpoint['open']) => required.filter((each) => each.open === open).map(spoken)
  const [blocked, notProven, notChecked] = [of('blocked'), of('notProven'), of('notChecked')]
  if (blocked.length + notProven.length + notChecked.length === 0) return []
  const why = notChecked.length === 0 ? null : whyNotChecked(snapshot)
  return [finding('UDR_FIREWALL_RULES', { blocked, notProven, notChecked: notChecked.length, why })]
}

/** In words, for the first subnet that could not be looked into. */
function whyNotChecked(snapshot: PlanningContext['snapshot']): string {
  for (const subnet of snapshot.subnets) {
    if (defaultRouteOf(subnet, snapshot) === null) return 'no default route to an appliance is there yet'
    const firewall = firewallBehind(subnet, snapshot)
    if (firewall === null) return 'the default route leads to no Azure Firewall that was seen'
    const { unread } = ruleBookOf(firewall, snapshot)
    if (unread !== null) return unread
  }
  return 'no subnet with an IPv4 range was seen'
}

function ruleForm(firewall: FirewallFacts, { requiredEndpoints, snapshot }: PlanningContext): Finding[] {
  const book = ruleBookOf(firewall, snapshot)
  const endpoints = requiredEndpoints?.endpoints ?? []
  if (book.unread !== null) return []
  const name = nameOf(firewall.id)
  const behind = snapshot.subnets.filter((subnet) => firewallBehind(subnet, snapshot)?.id === firewall.id)
  const sources = behind.flatMap((subnet) => ipv4Of(subnet.addressPrefixes))
  const shut = endpoints.filter((each) => each.open !== 'open')
  const findings: Finding[] = []
  const isShutByName = shut.some((each) => each.kind === 'fqdn' && each.need === 'required')
  if (isShutByName && !hasAksTag(book, sources))
    findings.push(finding('FIREWALL_FQDN_TAG_MISSING', { firewall: name, sources }))
  const tunnels = shut.filter((each) => each.kind === 'serviceTag').map(spoken)
  const usesNames = book.collections.some(
    (each) => each.kind === 'network' && each.rules.some((rule) => rule.fqdns.length > 0),
  )
  const lacksDnsProxy = usesNames && !book.dnsProxy
  if (tunnels.length > 0 || lacksDnsProxy)
    findings.push(
      finding('FIREWALL_NETWORK_RULES_MISSING', { firewall: name, endpoints: tunnels, lacksDnsProxy }),
    )
  return findings
}

function setUp(firewall: FirewallFacts, { snapshot }: PlanningContext): Finding[] {
  const name = nameOf(firewall.id)
  const behindGateway = Object.values(snapshot.natGateways).some((gateway) =>
    gateway.subnetIds.some((id) => firewall.subnetIds.map(idKey).includes(idKey(id))),
  )
  const addresses = firewall.publicIpIds.length
  return [
    ...(addresses > 0 && addresses < ADVISED_ADDRESSES && !behindGateway
      ? [finding('UDR_SNAT_FIREWALL_SMALL', { firewall: name, addresses, advised: ADVISED_ADDRESSES })]
      : []),
    finding('UDR_AZFW_PRIVATE_RANGES', { firewall: name }),
  ]
}

/** The documented pattern routes the firewall's own public addresses past it. */
function selfRoutes({ snapshot }: PlanningContext): Finding[] {
  const lacking = snapshot.subnets.flatMap((subnet) => {
    const firewall = firewallBehind(subnet, snapshot)
    const table = snapshot.routeTables[idKey(subnet.routeTableId ?? '')]
    const addresses = (firewall?.publicIpIds ?? []).flatMap(
      (id) => snapshot.publicIps[idKey(id)]?.address ?? [],
    )
    const isPast = (address: string) =>
      table?.routes.some(
        (route) => route.addressPrefix === `${address}/32` && route.nextHopType === 'Internet',
      )
    return table !== undefined && addresses.length > 0 && !addresses.some(isPast) ? [nameOf(table.id)] : []
  })
  return lacking.length === 0 ? [] : [finding('UDR_FW_ROUTE_SELF', { routeTables: [...new Set(lacking)] })]
}

function firewallsOf({ snapshot }: PlanningContext): FirewallFacts[] {
  const found = snapshot.subnets.flatMap((subnet) => firewallBehind(subnet, snapshot) ?? [])
  return [...new Map(found.map((each) => [idKey(each.id), each])).values()]
}

/** `mcr.microsoft.com:443`, with the protocol where it is not the web's. */
function spoken({ destination, port, protocol }: RequiredEndpoint): string {
  const suffix = protocol === 'TCP' || protocol === 'UDP' ? ` (${protocol})` : ''
  return `${destination}:${port}${suffix}`
}
