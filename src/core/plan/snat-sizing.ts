import type { EgressAddress } from '../egress/addresses.ts'
import { hopFirewalls } from '../egress/next-hop-firewall.ts'
import type { EgressPath } from '../egress/paths.ts'
import { gatewayBehind } from '../egress/subnet-attachments.ts'
import { holdsAddress, prefixAddressCount } from '../lib/cidr.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
/** Ports of one load balancer frontend address (configure-load-balancer-standard). */
export const PORTS_PER_FRONTEND = 64_000

/** Ports of one NAT gateway address (nat-gateway-resource). */
export const PORTS_PER_GATEWAY_ADDRESS = 64_512

/** Automatic allocation by the number of nodes. Above 1,000 nodes, it is undocumented and the last row applies (load-balancer-outbound-connections). */
const AUTOMATIC_PORTS: readonly [nodes: number, ports: number][] = [
  [50, 1024],
  [100, 512],
  [200, 256],
  [400, 128],
  [800, 64],
  [Number.POSITIVE_INFINITY, 32],
]

/** The maximum automatic number of ports per node, regardless of the number of addresses (load-balancer-outbound-connections). */
export const MAX_AUTOMATIC_PORTS = 1024

/** `allocatedOutboundPorts` is a multiple of 8 (load-balancer-outbound-connections). */
const PORT_STEP = 8

/** The maximum number of addresses of a NAT gateway (nat-sku), and of a load balancer profile of AKS (@azure/arm-containerservice 25.5.0). */
const MAX_ADDRESSES = { natGateway: 16, loadBalancer: 100 }

/** The ports that connections need: on one node, and on all nodes together. */
export interface PortDemand {
  perNode: number
  total: number
}

/** The size of a target for a demand. */
export interface SnatSizing {
  ipCount: number
  /** `allocatedOutboundPorts` of a load balancer; null for automatic allocation, and for a NAT gateway. */
  portsPerNode: number | null
}

/** The automatic share of one node: min(table(nodes) × addresses, 1024) (load-balancer-outbound-connections). */
export function automaticPorts(nodes: number, addresses: number): number {
  const [, ports] = AUTOMATIC_PORTS.find(([most]) => nodes <= most) ?? [0, 0]
  return Math.min(ports * addresses, MAX_AUTOMATIC_PORTS)
}

/**
 * The smallest load balancer for a demand: its addresses have enough ports for the allocation to all nodes
 * (load-balancer-standard: addresses = nodes × ports per node / 64,000). A node gets more than 1,024 ports only by
 * `allocatedOutboundPorts`, not by more addresses. Null if no load balancer is large enough.
 */
export function sizeLoadBalancer(
  { perNode, total }: PortDemand,
  nodes: number,
  explicitPorts: number,
): SnatSizing | null {
  const isAutomatic = explicitPorts === 0 && perNode <= MAX_AUTOMATIC_PORTS
  const ports = Math.max(explicitPorts, Math.ceil(perNode / PORT_STEP) * PORT_STEP)
  const forNodes = isAutomatic
    ? Math.ceil(perNode / automaticPorts(nodes, 1))
    : Math.ceil((ports * nodes) / PORTS_PER_FRONTEND)
  const ipCount = Math.max(1, forNodes, Math.ceil(total / PORTS_PER_FRONTEND))
  if (ports > PORTS_PER_FRONTEND || ipCount > MAX_ADDRESSES.loadBalancer) return null
  return { ipCount, portsPerNode: isAutomatic ? null : ports }
}

/** The smallest NAT gateway for a demand, which all nodes share; null if no gateway is large enough. */
export function sizeNatGateway(total: number): SnatSizing | null {
  const ipCount = Math.max(1, Math.ceil(total / PORTS_PER_GATEWAY_ADDRESS))
  return ipCount > MAX_ADDRESSES.natGateway ? null : { ipCount, portsPerNode: null }
}

/** An Azure Firewall has these ports per address and instance, and at least two instances (integrate-with-nat-gateway). */
export const FIREWALL_PORTS = 2_496
export const MIN_FIREWALL_INSTANCES = 2

/** The SNAT ports of all addresses of an IPv4 path; null if unknown. A firewall has the ports of its minimum number of instances. */
export function portsOfPath(egress: EgressPath, snapshot: Snapshot): number | null {
  const { path, addresses } = egress
  if (path === 'none' && addresses.length === 0) return 0
  const each = portsPerAddress(egress, snapshot)
  const existing = addresses.filter(({ created, planned }) => created === undefined && planned === undefined)
  const isOpen = existing.some(({ address, isUndecided }) => address === null || isUndecided === true)
  const known = isOpen ? null : countOf(existing)
  const coming = addresses.reduce((sum, { created, planned }) => sum + (created ?? planned ?? 0), 0)
  return each === null || known === null ? null : (known + coming) * each
}

function portsPerAddress(egress: EgressPath, snapshot: Snapshot): number | null {
  const { path } = egress
  if (path === 'loadBalancer') return PORTS_PER_FRONTEND
  if (path === 'natGateway') return PORTS_PER_GATEWAY_ADDRESS
  if (path !== 'virtualAppliance') return null
  const ports = hopFirewalls(egress, snapshot).map((firewall) => {
    if (firewall === null) return null
    return gatewayBehind(firewall, snapshot) === null
      ? FIREWALL_PORTS * MIN_FIREWALL_INSTANCES
      : PORTS_PER_GATEWAY_ADDRESS
  })
  return ports.every((each) => each === ports[0]) ? (ports[0] ?? null) : null
}

/** The number of IPv4 addresses, including each address of a prefix; null if one is unknown. */
export function countOf(addresses: EgressAddress[]): number | null {
  const v4 = addresses.filter((address) => address.family === 'IPv4').map(({ address }) => address)
  if (v4.some((address) => address === null)) return null
  const known = v4.flatMap((address) => address ?? [])
  // A resource can use a prefix, and also a public IP from this prefix.
  const isPart = (address: string) =>
    known.some((prefix) => prefix !== address && prefix.includes('/') && holdsAddress(prefix, address))
  return known
    .filter((address) => !isPart(address))
    .reduce((sum, address) => {
      const [, length] = address.split('/')
      return sum + (length === undefined ? 1 : prefixAddressCount(Number(length), 'IPv4'))
    }, 0)
}
