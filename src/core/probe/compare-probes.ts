import type { EndpointReading, NodeProbe } from '../../contract/probe.ts'
import type { RequiredEndpoint, SubnetRouting } from '../../contract/routing.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import { isCidr, uncovered } from '../lib/cidr.ts'

/** What the plan says about the paths after the change. */
export interface PlannedPaths {
  routing: SubnetRouting[]
  requiredEndpoints: RequiredEndpoint[]
  /** Addresses and CIDRs that packets may have as their source; null where ARM does not show them. */
  promised: string[] | null
  /** Nodes trust the authority of their HTTP proxy. */
  trustsProxy?: boolean | undefined
  /** The source address was asked for through this HTTP proxy, so that it is an address of the proxy. */
  sourceProxy?: string | undefined
}

/** An endpoint that a pool reached before the change and does not reach now. */
export interface LostEndpoint {
  /** null for the source address itself. */
  endpoint: string | null
  pool: string
  subnetId: string | null
  /** A sentence. */
  cause: string
}

export interface ProbeVerdict {
  lost: LostEndpoint[]
  /** Sentences. */
  warnings: string[]
}

/**
 * Compares the measurements before and after a change. Only a required endpoint that was reached before and is not now counts
 * as lost. A pool is compared with itself in the same subnet: the instance may have been replaced.
 */
export function compareProbes(before: NodeProbe[], after: NodeProbe[], plan: PlannedPaths): ProbeVerdict {
  const lost: LostEndpoint[] = []
  const warnings: string[] = []
  for (const node of after) {
    const name = `Pool \`${node.pool}\``
    if (node.status !== 'completed') {
      warnings.push(`${name} was not measured after the change. ${node.reason ?? ''}`.trim())
      continue
    }
    const former = before.find((other) => isSamePlace(other, node))
    const known = former?.status === 'completed' ? former : null
    if (known === null)
      warnings.push(`${name} was not measured before the change, so nothing can be compared.`)
    for (const reading of node.readings) {
      const was = known?.readings.find(({ endpoint }) => endpoint === reading.endpoint)
      const change = compareReadings(was, reading, plan.trustsProxy === true)
      const place = { endpoint: reading.endpoint, pool: node.pool, subnetId: node.subnetId }
      if (change === 'lost') {
        const cause = likelyCause(reading, node, plan)
        // ARM does not show whether the cluster needs the others, and nodes work without them.
        if (reading.need === 'required') lost.push({ ...place, cause })
        else
          warnings.push(
            `${name} no longer reaches ${reading.endpoint}, which only some clusters need. ${cause}`,
          )
      } else if (change === 'failedBefore')
        warnings.push(`${name} did not reach ${reading.endpoint} before the change either.`)
      else if (change === 'unreached')
        warnings.push(`${name} does not reach ${reading.endpoint}. It was not measured before the change.`)
      else if (change === 'intercepted' && was !== undefined) {
        const cause = `The certificate is now issued by ${reading.issuer}, before by ${was.issuer}: an appliance intercepts TLS.`
        // Nodes trust only the authority of their cluster for the API server; elsewhere curl has accepted the certificate.
        if (reading.origin === 'apiServer') lost.push({ ...place, cause })
        else warnings.push(`${name} reaches ${reading.endpoint}, but not directly. ${cause}`)
      } else if (change === 'unknown') warnings.push(`${name} reported nothing about ${reading.endpoint}.`)
    }
    const unpromised = unpromisedAddress(node, plan)
    if (plan.sourceProxy === undefined) lost.push(...unpromised)
    else
      warnings.push(
        ...unpromised.map(
          ({ cause }) =>
            `${name} uses the HTTP proxy ${plan.sourceProxy}, so the observed address is that of the proxy. ${cause}`,
        ),
      )
  }
  return { lost, warnings }
}

function isSamePlace(a: NodeProbe, b: NodeProbe): boolean {
  return equalsArm(a.pool, b.pool) && isSameId(a.subnetId, b.subnetId)
}

function isSameId(a: string | null, b: string | null): boolean {
  return idKey(a ?? '') === idKey(b ?? '')
}

type Change = 'same' | 'lost' | 'failedBefore' | 'unreached' | 'intercepted' | 'unknown'

function compareReadings(
  before: EndpointReading | undefined,
  after: EndpointReading,
  trustsProxy: boolean,
): Change {
  if (after.outcome === 'unknown') return 'unknown'
  const isKnown = before !== undefined && before.outcome !== 'unknown'
  if (after.outcome !== 'reached')
    return !isKnown ? 'unreached' : before.outcome === 'reached' ? 'lost' : 'failedBefore'
  // A proxy whose authority the cluster trusts may issue certificates itself: the administrators chose that.
  const isExpected = trustsProxy && after.via === 'httpProxy' && after.origin !== 'apiServer'
  return before?.outcome === 'reached' && !isExpected && isIntercepted(before, after) ? 'intercepted' : 'same'
}

/**
 * Authorities of Microsoft's endpoints and of the public web. One service changes between several of them, so only a change
 * from one of these to another name is a sign of interception (inferred).
 */
const PUBLIC_AUTHORITY =
  /microsoft|digicert|globalsign|sectigo|amazon|let's encrypt|^[er]\d+$|^w[er]\d+$|gts |godaddy|entrust/i

function isIntercepted(before: EndpointReading, after: EndpointReading): boolean {
  if (before.issuer === null || after.issuer === null || before.issuer === after.issuer) return false
  if (after.origin === 'apiServer') return true
  return PUBLIC_AUTHORITY.test(before.issuer) && !PUBLIC_AUTHORITY.test(after.issuer)
}

function unpromisedAddress(node: NodeProbe, { promised }: PlannedPaths): LostEndpoint[] {
  const { sourceAddress, pool, subnetId } = node
  if (sourceAddress === null || promised === null) return []
  if (uncovered(promised.filter(isCidr), [sourceAddress]).length === 0) return []
  const list = promised.length === 0 ? 'none' : promised.join(', ')
  const cause = `Packets leave from ${sourceAddress}. The addresses in the plan are: ${list}.`
  return [{ endpoint: null, pool, subnetId, cause }]
}

const AZURE_DNS = ['168.63.129.16', '127.0.0.53']

/** The likely cause from the path model: a sentence. */
function likelyCause(reading: EndpointReading, node: NodeProbe, plan: PlannedPaths): string {
  const routing = plan.routing.find(({ subnetId }) => isSameId(subnetId, node.subnetId))
  const via = viaOf(routing)
  if (reading.via === 'httpProxy' && reading.outcome === 'proxyFailed') return proxyCause(reading, node)
  if (reading.outcome === 'dnsFailed')
    return node.dnsServer === null || AZURE_DNS.includes(node.dnsServer)
      ? `The name does not resolve.${via === null ? '' : ` Packets now pass ${via}.`}`
      : `The DNS server ${node.dnsServer} does not answer.${via === null ? '' : ` The path to it now passes ${via}.`}`
  if (reading.outcome === 'tlsFailed' && reading.issuer !== null && !PUBLIC_AUTHORITY.test(reading.issuer))
    return `The node does not trust the certificate, which is issued by ${reading.issuer}: an appliance intercepts TLS.`
  if (reading.origin === 'httpProxy' && via !== null)
    return `The HTTP proxy is not reached. Packets that leave the virtual network now pass ${via}: check its rules and its log.`
  if (routing?.leadsTo === 'nowhere') return 'The default route of the subnet drops the packets.'
  if (via === null) return 'A network security group or a route of the subnet stops the packets.'
  const required = plan.requiredEndpoints.find(({ destination, port }) =>
    equalsArm(`${destination}:${port}`, reading.endpoint),
  )
  return required?.open === 'blocked'
    ? `No rule of ${via} allows it.`
    : `Packets now pass ${via}, which is the likely cause: check its rules and its log.`
}

/** The proxy is a target itself, so that its own path is told from the path behind it. */
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
