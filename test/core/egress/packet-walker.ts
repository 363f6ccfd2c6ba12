import type { Target } from '../../../src/contract/target.ts'
import type { RouteFacts, SubnetFacts } from '../../../src/core/snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../../../src/core/snapshot/snapshot.ts'
import { TAGS } from './random-network.ts'

/**
 * Walks one packet through the network, address by address, with a longest-prefix match of its own. It shares no code
 * with the path model, so that each can be wrong alone.
 */

/** What one packet meets: the kind of path, and the source addresses that it may get. */
export interface Walk {
  path: string
  /** Addresses, or `?` for an address that ARM does not show. */
  sources: string[]
}

/** An address as bits, most significant first. */
export function bitsOf(address: string): string {
  if (!address.includes(':'))
    return address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('')
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const middle = tail === undefined ? [] : Array(8 - left.length - right.length).fill('0')
  return [...left, ...middle, ...right]
    .map((part) => Number.parseInt(part, 16).toString(2).padStart(16, '0'))
    .join('')
}

/** The length of the longest prefix of this destination that holds the address; null for none. */
export function matchLength(name: string, address: string): number | null {
  const prefixes = name.includes('/') ? [name] : (TAGS[name] ?? [])
  const lengths = prefixes.flatMap((prefix) => {
    const [network = '', length = '0'] = prefix.split('/')
    if (network.includes(':') !== address.includes(':')) return []
    return bitsOf(network).slice(0, Number(length)) === bitsOf(address).slice(0, Number(length))
      ? [Number(length)]
      : []
  })
  return lengths.length === 0 ? null : Math.max(...lengths)
}

/** For equal prefixes: a CIDR, then a regional tag, another tag, `AzureCloud` of a region, `AzureCloud`. */
export function rankOf(name: string): number {
  if (name.includes('/')) return 0
  if (name === 'AzureCloud') return 4
  if (name.startsWith('AzureCloud.')) return 3
  return name.includes('.') ? 1 : 2
}

/** The name that matches an address best; undefined for none. */
export function bestMatch<T>(
  items: T[],
  nameOf: (item: T) => string,
  address: string,
  lengthOf: typeof matchLength = matchLength,
): T | undefined {
  return items
    .flatMap((item) => {
      const length = lengthOf(nameOf(item), address)
      return length === null ? [] : [{ item, length, rank: rankOf(nameOf(item)) }]
    })
    .sort((a, b) => b.length - a.length || a.rank - b.rank)[0]?.item
}

/** Where a packet from a node of the pool goes, and the source address that the destination sees. */
export function walk(address: string, subnet: SubnetFacts, pool: AgentPoolFacts, world: Snapshot): Walk {
  if (world.cluster.outboundType === 'block') return { path: 'none', sources: [] }
  const route = routeOf(address, subnet, world)
  const hop = route?.nextHopType.toLowerCase() ?? 'internet'
  const isIpv6 = address.includes(':')
  if (hop === 'virtualappliance' || hop === 'virtualapplianceecmp')
    return { path: 'virtualAppliance', sources: behind(route as RouteFacts, subnet, isIpv6, world) }
  if (hop === 'virtualnetworkgateway')
    return hasGateway(subnet, world)
      ? { path: 'virtualNetworkGateway', sources: ['?'] }
      : { path: 'none', sources: [] }
  if (hop === 'none' || hop === 'vnetlocal') return { path: 'none', sources: [] }
  return translate(subnet, pool, isIpv6, world)
}

function routeOf(address: string, subnet: SubnetFacts, world: Snapshot): RouteFacts | undefined {
  const routes = Object.values(world.routeTables).find(({ id }) => id === subnet.routeTableId)?.routes ?? []
  return bestMatch(routes, ({ addressPrefix }) => addressPrefix, address)
}

/** The appliances on the way of a packet. Packets move from one unknown appliance to another, which look alike in a walk. */
export function appliancesOf(address: string, subnet: SubnetFacts, world: Snapshot): string {
  const route = routeOf(address, subnet, world)
  return (route?.nextHopIpAddresses ?? [route?.nextHopIpAddress ?? '']).join()
}

/** Whether the network of the subnet has a virtual network gateway, or may use that of a peered network. */
function hasGateway({ id }: SubnetFacts, world: Snapshot): boolean {
  const network = Object.values(world.virtualNetworks).find((item) => id.startsWith(`${item.id}/`))
  const isRemote =
    network?.peerings.some(
      ({ useRemoteGateways, isConnected, remoteVirtualNetworkId: remote }) =>
        isConnected && (useRemoteGateways || remote?.includes('/HV_')),
    ) === true
  return network === undefined || network.hasVirtualNetworkGateway || isRemote
}

/** The walks of all pools of a subnet as one: nodes with public IPs beside others add their addresses. */
export function walkAll(address: string, subnet: SubnetFacts, world: Snapshot): Walk {
  const walks = poolsOf(subnet, world).map((pool) => walk(address, subnet, pool, world))
  const general = walks.find(({ path }) => path !== 'instancePublicIp') ?? walks[0]
  return { path: general?.path ?? '', sources: [...new Set(walks.flatMap(({ sources }) => sources))].sort() }
}

/** The pools with nodes in the subnet. All pools share the subnet of an AKS-managed network. */
export function poolsOf({ pools }: SubnetFacts, { cluster }: Snapshot): AgentPoolFacts[] {
  return cluster.agentPools.filter(({ name }) => pools.length === 0 || pools.includes(name))
}

/**
 * The network after AKS has changed the type, as far as the tests know it: addresses that AKS creates are `new`. In its own
 * network, AKS attaches its NAT gateway to the subnet, and detaches it with the type.
 */
export function afterTypeChange(snapshot: Snapshot, target: Target): Snapshot {
  const { outboundType } = target
  const sku = target.outboundType === 'managedNATGateway' ? target.natGateway.sku : 'Standard'
  const made = { id: '/new', address: 'new' } as Snapshot['publicIps'][string]
  const madeIpv6 = { id: '/new-v6', address: 'new::1' } as Snapshot['publicIps'][string]
  // The load balancer and the StandardV2 gateway of a dual-stack cluster have addresses of each family.
  const isDual =
    (outboundType === 'loadBalancer' || sku === 'StandardV2') && snapshot.cluster.ipFamilies.includes('IPv6')
  const profile = { effectiveOutboundIpIds: ['/new', ...(isDual ? ['/new-v6'] : [])] }
  const publicIps = { ...snapshot.publicIps, '/new': made, '/new-v6': madeIpv6 }
  const cluster = {
    ...snapshot.cluster,
    outboundType,
    loadBalancerProfile: outboundType === 'loadBalancer' ? profile : null,
    natGatewayProfile: outboundType === 'managedNATGateway' ? profile : null,
  } as Snapshot['cluster']
  const isNat = outboundType === 'managedNATGateway'
  const attached = { id: '/aks-gateway', sku, publicIpIds: profile.effectiveOutboundIpIds, subnetIds: [] }
  const natGateways = { ...snapshot.natGateways, '/aks-gateway': attached as never }
  const subnets = snapshot.subnets.map((subnet) => {
    const isAks = subnet.natGatewayId?.includes(`/${snapshot.cluster.nodeResourceGroup}/`) === true
    if (subnet.pools.length > 0) return subnet
    return isNat
      ? { ...subnet, natGatewayId: '/aks-gateway' }
      : isAks
        ? { ...subnet, natGatewayId: null }
        : subnet
  })
  return { ...snapshot, publicIps, natGateways, subnets, cluster }
}

function behind(route: RouteFacts, subnet: SubnetFacts, isIpv6: boolean, world: Snapshot): string[] {
  const hops = route.nextHopIpAddresses ?? [route.nextHopIpAddress ?? '']
  return hops.flatMap((hop) => {
    const [firewall, second] = firewallsNear(subnet, hop, world)
    if (firewall === undefined || second !== undefined || isIpv6) return ['?']
    const [home] = firewall.subnetIds
    if (home !== undefined && isForced(home, world)) return ['?']
    const nat = home === undefined ? undefined : gatewayAt(home, null, world)
    // Routes that were not read, or that are learned over BGP, may send the packets elsewhere.
    const isOpen =
      home !== undefined &&
      (isUnread(home, world) || (firewall.hasManagementInterface && learns(home, world)))
    const elsewhere = isOpen ? ['?'] : []
    if (nat !== undefined) return [...named(nat.publicIpIds, isIpv6, world), ...elsewhere]
    return [...named(firewall.publicIpIds, isIpv6, world), ...firewall.hubPublicAddresses, ...elsewhere]
  })
}

/** The firewalls with an address in the network of a subnet, in a network that it is peered with, or in its virtual hub. */
function firewallsNear(subnet: SubnetFacts, address: string, { firewalls, virtualNetworks }: Snapshot) {
  const [own = ''] = subnet.id.split('/subnets/')
  const peerings = Object.values(virtualNetworks).find(({ id }) => id === own)?.peerings ?? []
  const near = [own, ...peerings.flatMap((item) => (item.isConnected ? [item.remoteVirtualNetworkId] : []))]
  return Object.values(firewalls).filter(({ privateAddresses, subnetIds, virtualHubId }) => {
    const [home] = subnetIds.map((id) => id.split('/subnets/')[0] ?? '')
    const hub = virtualHubId?.split('/').at(-1)
    const isNear = near.some((id) => id === home || (hub !== undefined && id?.split('_')[1] === hub))
    return privateAddresses[0] === address && isNear
  })
}

/** Whether nothing on the subnet of a firewall overrides a default route from the gateway of its network. */
function learns(subnetId: string, { virtualNetworks, routeTables }: Snapshot): boolean {
  const network = Object.values(virtualNetworks).find(({ id }) => subnetId.startsWith(`${id}/`))
  const tableId = network?.subnets.find(({ id }) => id === subnetId)?.routeTableId
  const table = Object.values(routeTables).find(({ id }) => id === tableId)
  return (
    network?.hasVirtualNetworkGateway === true &&
    (table === undefined || (table.routes.length === 0 && !table.disableBgpRoutePropagation))
  )
}

/** Whether the default route on the subnet of a firewall sends its packets to another hop than the internet. */
function isForced(subnetId: string, world: Snapshot): boolean {
  const subnets = Object.values(world.virtualNetworks).flatMap((network) => network.subnets)
  const tableId = subnets.find(({ id }) => id === subnetId)?.routeTableId
  const table = Object.values(world.routeTables).find(({ id }) => id === tableId)
  return table?.routes.some(({ nextHopType }) => nextHopType !== 'Internet') === true
}

function isUnread(subnetId: string, world: Snapshot): boolean {
  return world.unread.some(({ what }) => subnetId.startsWith(`${what}/`))
}

function named(ids: string[], isIpv6: boolean, world: Snapshot): string[] {
  return ids
    .map((id) => Object.values(world.publicIps).find((item) => item.id === id)?.address ?? '?')
    .filter((address) => address === '?' || address.includes(':') === isIpv6)
}

/** The NAT gateway of a subnet: its own, as the subnet or the gateway shows, then that of its network. */
function gatewayAt(subnetId: string, own: string | null, world: Snapshot) {
  const gateways = Object.values(world.natGateways)
  const networkId = subnetId.split('/subnets/')[0]
  const network = Object.values(world.virtualNetworks).find(({ id }) => id === networkId)
  const shown = network?.natGatewayId ?? null
  return (
    gateways.find(({ id }) => id === own) ??
    (own === null ? gateways.find(({ subnetIds }) => subnetIds.includes(subnetId)) : undefined) ??
    gateways.find(({ id }) => id === shown) ??
    gateways.find(({ sourceVirtualNetworkId }) => sourceVirtualNetworkId === networkId)
  )
}

function translate(subnet: SubnetFacts, pool: AgentPoolFacts, isIpv6: boolean, world: Snapshot): Walk {
  const { cluster } = world
  const gateway = gatewayAt(subnet.id, subnet.natGatewayId, world)
  const gatewaySources = gateway === undefined ? [] : named(gateway.publicIpIds, isIpv6, world)
  if (gateway !== undefined && (!isIpv6 || (gateway.sku === 'StandardV2' && gatewaySources.length > 0)))
    return { path: 'natGateway', sources: gatewaySources }
  const { natGatewayProfile, loadBalancerProfile, outboundType } = cluster
  if (outboundType === 'managedNATGateway' && gateway === undefined && !isIpv6)
    return {
      path: 'natGateway',
      sources: named(natGatewayProfile?.effectiveOutboundIpIds ?? [], isIpv6, world),
    }
  if (pool.enableNodePublicIP && !isIpv6)
    return {
      path: 'instancePublicIp',
      sources: [pool.nodePublicIpPrefixIds.length === 0 ? '?' : '20.1.1.0/28'],
    }
  const balancer = named(loadBalancerProfile?.effectiveOutboundIpIds ?? [], isIpv6, world)
  if (outboundType === 'loadBalancer' && balancer.length > 0)
    return { path: 'loadBalancer', sources: balancer }
  if (isIpv6) return { path: 'none', sources: [] }
  if (outboundType === 'loadBalancer') return { path: 'loadBalancer', sources: balancer }
  return subnet.defaultOutboundAccess === false
    ? { path: 'none', sources: [] }
    : { path: 'defaultOutbound', sources: ['?'] }
}
