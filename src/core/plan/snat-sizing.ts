/** Ports of one load balancer frontend address (configure-load-balancer-standard). */
export const PORTS_PER_FRONTEND = 64_000

/** Ports of one NAT gateway address (nat-gateway-resource). */
export const PORTS_PER_GATEWAY_ADDRESS = 64_512

/** Automatic allocation by pool size; above 1,000 nodes undocumented, the last row is taken (load-balancer-outbound-connections). */
const AUTOMATIC_PORTS: readonly [nodes: number, ports: number][] = [
  [50, 1024],
  [100, 512],
  [200, 256],
  [400, 128],
  [800, 64],
  [Number.POSITIVE_INFINITY, 32],
]

/** A node's automatic share is capped here; more addresses then add nothing (load-balancer-outbound-connections). */
export const MAX_AUTOMATIC_PORTS = 1024

/** `allocatedOutboundPorts` is a multiple of 8 (load-balancer-outbound-connections). */
const PORT_STEP = 8

/** Addresses that one NAT gateway takes (nat-sku), and one AKS load balancer profile (@azure/arm-containerservice 25.5.0). */
const MAX_ADDRESSES = { natGateway: 16, loadBalancer: 100 }

/** What connections need: ports of one node, and of all nodes together. */
export interface PortDemand {
  perNode: number
  total: number
}

/** What a target needs for a demand. */
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
 * The smallest load balancer for a demand: its addresses carry the ports that are allocated to all nodes
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
