import { parseBlock } from '../lib/ip.ts'
import { idsAt, type JsonObject, lowerCaseAt, objectsAt, textAt } from '../lib/json.ts'
import type { ClusterView } from './cluster-view.ts'
import type { Incident } from './incidents.ts'
import { hubPublicAddresses } from './next-hop-firewall.ts'
import { INTERNET } from './node-groups.ts'
import { type Hop, matchRoute } from './routes.ts'
import type { SourceAddress } from './source-addresses.ts'
import { readSubnet, type WorldReader } from './world-reader.ts'

interface Use extends SourceAddress {
  clusterId: string
}

/**
 * The addresses that packets currently use, and the addresses that they used earlier. An address that lost its packets
 * first and is deleted later is reported too: allow lists may still contain it.
 */
export class AddressUse {
  private former = new Map<string, Use>()

  /** The incidents of addresses that a cluster used before and no longer uses. */
  compare(reader: WorldReader, before: ClusterView, after: ClusterView): Incident[] {
    for (const key of after.sources.keys()) this.former.delete(key)
    return [...before.sources].flatMap(([key, source]): Incident[] => {
      if (after.sources.has(key)) return []
      const use = { ...source, clusterId: after.clusterId }
      const fate = fateOf(reader, source)
      if (fate !== 'addressDeleted') this.former.set(key, use)
      return fate === undefined ? [] : [toIncident(fate, use, true)]
    })
  }

  /** The incident of a removed resource whose addresses packets used earlier. */
  removed(key: string): Incident[] {
    const use = this.former.get(key)
    this.former.delete(key)
    return use === undefined ? [] : [toIncident('addressDeleted', use, false)]
  }

  /** A deleted cluster has no packets, so its addresses cause no incident. */
  forgetCluster(clusterId: string): void {
    for (const [key, use] of this.former) if (use.clusterId === clusterId) this.former.delete(key)
  }
}

function toIncident(kind: 'addressDeleted' | 'addressDetached', use: Use, wasInUse: boolean): Incident {
  const { clusterId: cluster, id: resource, address } = use
  const detail =
    kind === 'addressDeleted'
      ? `${address} is deleted.`
      : `${address} still exists, but nothing that packets could leave by uses it.`
  return { kind, cluster, subnet: null, pools: [], address, resource, wasInUse, detail }
}

/** Undefined for an address that packets only bypass: a route or gateway takes precedence over its resource. */
function fateOf(
  reader: WorldReader,
  { id, address }: SourceAddress,
): 'addressDeleted' | 'addressDetached' | undefined {
  const [ownerId, hubAddress] = id.split('#')
  const body = reader.get(ownerId)
  if (body === undefined) return 'addressDeleted'
  if (hubAddress !== undefined)
    return hubPublicAddresses(body).includes(address) ? undefined : 'addressDeleted'
  return isAttached(reader, body) ? undefined : 'addressDetached'
}

/** A gateway without a subnet and a network carries no traffic, so its addresses are unused. */
function isAttached(reader: WorldReader, body: JsonObject): boolean {
  const gatewayId = textAt(body, 'properties', 'natGateway', 'id')
  if (gatewayId === undefined)
    return ['ipConfiguration', 'loadBalancerFrontendIpConfiguration'].some(
      (member) => textAt(body, 'properties', member, 'id') !== undefined,
    )
  const gateway = reader.get(gatewayId)
  const network = textAt(gateway, 'properties', 'sourceVirtualNetwork', 'id')
  return network !== undefined || idsAt(gateway, 'properties', 'subnets').length > 0
}

const TYPE = 'microsoft.network/applicationgateways'

/** Next hops of a default route that Application Gateway v2 does not support (configuration-infrastructure). */
const UNSUPPORTED: Hop[] = ['VirtualAppliance', 'VirtualApplianceEcmp', 'VirtualNetworkGateway', 'None']

/** Whether a change of this resource can affect an application gateway. */
export function decidesAboutGateways(type: string): boolean {
  return [TYPE, 'microsoft.network/routetables', 'microsoft.network/virtualnetworks'].includes(type)
}

/**
 * IDs of the subnets whose application gateway of version 2 has lost its path to the internet. A gateway without a
 * public frontend is a private deployment, which supports every default route (application-gateway-private-deployment).
 */
export function brokenGatewaySubnets(reader: WorldReader): Set<string> {
  const address = parseBlock(INTERNET.IPv4)
  const subnetIds = reader.list(TYPE).filter(needsInternet).flatMap(subnetsOf)
  return new Set(
    subnetIds.filter((id) => {
      const subnet = readSubnet(reader, id)
      return (
        subnet !== undefined &&
        address !== undefined &&
        UNSUPPORTED.includes(matchRoute(reader, subnet, address).hop)
      )
    }),
  )
}

function needsInternet(gateway: JsonObject): boolean {
  const frontends = objectsAt(gateway, 'properties', 'frontendIPConfigurations')
  return (
    lowerCaseAt(gateway, 'properties', 'sku', 'tier').endsWith('_v2') &&
    frontends.some((frontend) => textAt(frontend, 'properties', 'publicIPAddress', 'id') !== undefined)
  )
}

function subnetsOf(gateway: JsonObject): string[] {
  return objectsAt(gateway, 'properties', 'gatewayIPConfigurations').flatMap(
    (configuration) => textAt(configuration, 'properties', 'subnet', 'id') ?? [],
  )
}
