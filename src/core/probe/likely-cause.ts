import type { EndpointReading, NodeProbe } from '../../contract/probe.ts'
import type { RequiredEndpoint, SubnetRouting } from '../../contract/routing.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'

/** What the plan says about the paths after the change. */
export interface PlannedRouting {
  routing: SubnetRouting[]
  requiredEndpoints: RequiredEndpoint[]
}

/**
 * Authorities of Microsoft's endpoints and of the public web. One service changes between several of them, so only a change
 * from one of these to another name is a sign of interception (inferred).
 */
export const PUBLIC_AUTHORITY =
  /^(microsoft|digicert|globalsign|sectigo|amazon|let.?s encrypt|go ?daddy|entrust|geotrust|rapidssl|thawte|baltimore|gts )|^[er]\d+$|^w[er]\d+$/i

const AZURE_DNS = ['168.63.129.16', '127.0.0.53']

/** The cause of an answer that denies the request: a sentence. */
export function deniedCause({ httpStatus }: EndpointReading, before: number | null): string {
  return httpStatus === 403
    ? `The endpoint now returns 403 instead of ${before}: its allow list may lack the new address, or an appliance denies the request.`
    : `The endpoint now returns ${httpStatus} instead of ${before}: check the endpoint and the appliances on the path to the endpoint.`
}

/** The likely cause from the path model: a sentence. */
export function likelyCause(reading: EndpointReading, node: NodeProbe, plan: PlannedRouting): string {
  const routing = plan.routing.find(({ subnetId }) => idKey(subnetId) === idKey(node.subnetId ?? ''))
  const via = viaOf(routing)
  if (reading.via === 'httpProxy' && reading.outcome === 'proxyFailed') return proxyCause(reading, node)
  if (reading.outcome === 'dnsFailed' && reading.address !== null)
    return `${node.dnsServer === null ? 'The DNS server' : `The DNS server ${node.dnsServer}`} now returns ${reading.address} for the name: check its filters, its zones, and its forwarding.`
  const areOthersResolved = node.readings.some(
    ({ address, outcome, via }) => address !== null && outcome !== 'dnsFailed' && via !== 'httpProxy',
  )
  if (reading.outcome === 'dnsFailed' && areOthersResolved)
    return `The name does not resolve, but other names do: check the zone and the forwarding of the name.${via === null ? '' : ` Packets now pass ${via}.`}`
  if (reading.outcome === 'dnsFailed')
    return node.dnsServer === null || AZURE_DNS.includes(node.dnsServer)
      ? `The name does not resolve.${via === null ? '' : ` Packets now pass ${via}.`}`
      : `The DNS server ${node.dnsServer} does not answer.${via === null ? '' : ` The path to the DNS server now passes ${via}.`}`
  if (reading.outcome === 'tlsFailed' && reading.issuer !== null && !PUBLIC_AUTHORITY.test(reading.issuer))
    return `The node does not trust the certificate, which is issued by ${reading.issuer}: an appliance intercepts TLS.`
  if (reading.origin === 'httpProxy' && via !== null)
    return `The node does not reach the HTTP proxy. Packets that leave the virtual network now pass ${via}. Check the rules and the log of ${via}.`
  if (routing?.leadsTo === 'nowhere') return 'The default route of the subnet drops the packets.'
  if (via === null)
    return 'Check the allow list of the endpoint, which may lack the new address, and the network security groups and routes of the subnet.'
  const required = plan.requiredEndpoints.find(({ destination, port }) =>
    equalsArm(`${destination}:${port}`, reading.endpoint),
  )
  return required?.open === 'blocked'
    ? `The rules of ${via} block the endpoint.`
    : `Packets now pass ${via}, which is the likely cause. Check the rules and the log of ${via}.`
}

/** The proxy is a target itself, which separates its own path from the path behind it. */
function proxyCause({ httpStatus }: EndpointReading, { readings }: NodeProbe): string {
  const unreached = readings.find(({ origin, outcome }) => origin === 'httpProxy' && outcome !== 'reached')
  if (unreached !== undefined) return `The node does not reach its HTTP proxy ${unreached.endpoint}.`
  return httpStatus === null
    ? 'The HTTP proxy does not answer the request: check its log and its own egress path.'
    : `The HTTP proxy returns ${httpStatus}: check its allow list, its log, and its own egress path.`
}

function viaOf(routing: SubnetRouting | undefined): string | null {
  const hop = routing?.defaultRoute?.nextHopIpAddress ?? null
  switch (routing?.leadsTo) {
    case 'azureFirewall':
      return routing.firewallId === null
        ? 'an Azure Firewall'
        : `the firewall \`${lastSegment(routing.firewallId)}\``
    case 'virtualAppliance':
      return hop === null ? 'a virtual appliance' : `the virtual appliance ${hop}`
    case 'virtualNetworkGateway':
      return 'a virtual network gateway'
    case 'several':
      return 'several next hops'
    default:
      return null
  }
}
