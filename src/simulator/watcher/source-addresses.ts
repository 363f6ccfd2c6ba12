import type { Block, Family } from '../lib/ip.ts'
import { at, equalsText, idsAt, type JsonObject, objectsAt, textAt } from '../lib/json.ts'
import { firewallAt, firewallPublicIpIds, firewallSubnetId, hubPublicAddresses } from './next-hop-firewall.ts'
import { matchRoute } from './routes.ts'
import { networkOf, readSubnet, type WorldReader } from './world-reader.ts'

/** A public address, or the CIDR of a prefix, that destinations see as the source. */
export interface SourceAddress {
  /** The ARM resource; for a firewall in a virtual hub the firewall's ID and the address. */
  id: string
  address: string
}

/** The resource that translates the source address of a packet. `none`: there is none, and the packet is dropped. */
export interface Translation {
  kind:
    | 'natGateway'
    | 'instancePublicIp'
    | 'loadBalancer'
    | 'defaultOutbound'
    | 'firewall'
    | 'private'
    | 'none'
    | 'unknown'
  /** The gateway, load balancer or firewall. */
  via: string | undefined
  addresses: SourceAddress[]
}

/** The nodes whose packets are translated: nodes of pools in one subnet with the same kind of public IP. */
export interface Nodes {
  /** The load balancer of their cluster. */
  loadBalancerId: string
  /** Whether each node has a public IP, and the prefixes of these IPs. */
  hasPublicIps: boolean
  publicIpPrefixIds: string[]
}

/** A translation whose public address Resource Manager does not show. */
export function translation(kind: Translation['kind'], via?: string): Translation {
  return { kind, via, addresses: [] }
}

/**
 * The source address of a packet to the internet from a subnet, in the order of precedence of nat-overview. That
 * order is the NAT gateway of the subnet, the NAT gateway of the network, the public IP of the node, the outbound
 * rule of the load balancer, default outbound access. Each family is translated independently. Nodes that keep
 * default outbound access after their subnet became private are not simulated.
 */
export function translateToInternet(
  reader: WorldReader,
  subnet: JsonObject,
  nodes: Nodes,
  family: Family,
): Translation {
  return (
    natGateway(reader, subnet, family) ??
    instancePublicIp(reader, nodes, family) ??
    loadBalancer(reader, nodes.loadBalancerId, family) ??
    // Default outbound access is IPv4 only (default-outbound-access).
    translation(
      family === 'IPv6' || at(subnet, 'properties', 'defaultOutboundAccess') === false
        ? 'none'
        : 'defaultOutbound',
    )
  )
}

const GATEWAY_LISTS = {
  IPv4: ['publicIpAddresses', 'publicIpPrefixes'],
  IPv6: ['publicIpAddressesV6', 'publicIpPrefixesV6'],
} as const

/** A gateway on the subnet takes precedence over a gateway of the whole network, which must be StandardV2. */
function natGateway(reader: WorldReader, subnet: JsonObject, family: Family): Translation | undefined {
  const network = networkOf(reader, subnet)
  const own = textAt(subnet, 'properties', 'natGateway', 'id')
  const gateway = reader.get(own ?? textAt(network, 'properties', 'defaultPublicNatGateway', 'id'))
  const isV2 = equalsText(textAt(gateway, 'sku', 'name'), 'StandardV2')
  if (family === 'IPv6' && !isV2) return undefined
  const ids = GATEWAY_LISTS[family].flatMap((list) => idsAt(gateway, 'properties', list))
  const addresses = resolveAddresses(reader, ids)
  return addresses.length === 0 ? undefined : { kind: 'natGateway', via: textAt(gateway, 'id'), addresses }
}

/** Public IPs of nodes are IPv4 unless their prefix is IPv6. Without a prefix they are unknown until they exist. */
function instancePublicIp(reader: WorldReader, nodes: Nodes, family: Family): Translation | undefined {
  if (!nodes.hasPublicIps) return undefined
  const prefixes = nodes.publicIpPrefixIds.filter((id) => familyOf(reader.get(id)) === family)
  if (prefixes.length === 0) return family === 'IPv4' ? translation('instancePublicIp') : undefined
  return { kind: 'instancePublicIp', via: undefined, addresses: resolveAddresses(reader, prefixes) }
}

/** The frontends of the outbound rules; nodes are in the backend pool of every rule of their cluster. */
function loadBalancer(reader: WorldReader, id: string, family: Family): Translation | undefined {
  const balancer = reader.get(id)
  const frontends = objectsAt(balancer, 'properties', 'frontendIPConfigurations')
  const named = objectsAt(balancer, 'properties', 'outboundRules').flatMap((rule) =>
    idsAt(rule, 'properties', 'frontendIPConfigurations'),
  )
  const ids = frontends
    .filter((frontend) => named.some((each) => equalsText(each, textAt(frontend, 'id'))))
    .flatMap((frontend) => {
      const address = textAt(frontend, 'properties', 'publicIPAddress', 'id')
      return address ?? textAt(frontend, 'properties', 'publicIPPrefix', 'id') ?? []
    })
    .filter((addressId) => familyOf(reader.get(addressId)) === family)
  const addresses = resolveAddresses(reader, ids)
  return addresses.length === 0 ? undefined : { kind: 'loadBalancer', via: id, addresses }
}

/** The addresses of the outbound rules, which the API server always allows (api-server-authorized-ip-ranges). */
export function loadBalancerAddresses(reader: WorldReader, id: string): SourceAddress[] {
  return (['IPv4', 'IPv6'] as const).flatMap((family) => loadBalancer(reader, id, family)?.addresses ?? [])
}

/**
 * The source addresses behind appliances: known for Azure Firewall that itself sends the packet to the internet, unknown
 * for every other appliance. Among several appliances, the known addresses are those of some packets. A NAT gateway on the firewall's subnet takes precedence over the firewall's own addresses.
 */
export function translateBehindAppliances(
  reader: WorldReader,
  network: JsonObject | undefined,
  appliances: readonly string[],
  address: Block,
): Translation {
  const parts = appliances.map((appliance) => {
    const firewall = firewallAt(reader, network, appliance)
    return firewall === undefined ? undefined : behindFirewall(reader, firewall, address)
  })
  const known = parts.filter((part) => part !== undefined)
  const [first] = known
  const addresses = distinct(known.flatMap((part) => part.addresses))
  if (first === undefined || known.length < parts.length)
    return { ...translation('unknown', appliances.join(', ')), addresses }
  return { ...first, addresses }
}

function behindFirewall(reader: WorldReader, firewall: JsonObject, address: Block): Translation | undefined {
  const id = textAt(firewall, 'id') ?? ''
  const hubAddresses = hubPublicAddresses(firewall).map((each) => ({ id: `${id}#${each}`, address: each }))
  if (hubAddresses.length > 0 && address.family === 'IPv4')
    return { kind: 'firewall', via: id, addresses: hubAddresses }
  const subnet = readSubnet(reader, firewallSubnetId(firewall) ?? '')
  // Forced tunneling: the firewall forwards the packet to another appliance.
  if (subnet === undefined || matchRoute(reader, subnet, address).hop !== 'Internet') return undefined
  const gateway = natGateway(reader, subnet, address.family)
  if (gateway !== undefined) return { ...gateway, kind: 'firewall' }
  const own = firewallPublicIpIds(firewall).filter((each) => familyOf(reader.get(each)) === address.family)
  const addresses = resolveAddresses(reader, own)
  return addresses.length === 0 ? undefined : { kind: 'firewall', via: id, addresses }
}

function resolveAddresses(reader: WorldReader, ids: string[]): SourceAddress[] {
  return ids.flatMap((id): SourceAddress[] => {
    const body = reader.get(id)
    const address = textAt(body, 'properties', 'ipAddress') ?? textAt(body, 'properties', 'ipPrefix')
    return address === undefined ? [] : [{ id: textAt(body, 'id') ?? id, address }]
  })
}

function familyOf(body: JsonObject | undefined): Family {
  return equalsText(textAt(body, 'properties', 'publicIPAddressVersion'), 'IPv6') ? 'IPv6' : 'IPv4'
}

function distinct(addresses: SourceAddress[]): SourceAddress[] {
  return [...new Map(addresses.map((each) => [each.id.toLowerCase(), each])).values()]
}
