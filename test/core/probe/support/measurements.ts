import type { PathChange, PathSide } from '../../../../src/contract/egress.ts'
import type { EndpointReading, NodeProbe } from '../../../../src/contract/probe.ts'
import type { SubnetRouting } from '../../../../src/contract/routing.ts'
import type { PlannedPaths } from '../../../../src/core/probe/compare-probes.ts'

export const SUBNET =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/nodes'
const FIREWALL = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/azureFirewalls/fw-hub'

export function reading(given: Partial<EndpointReading> = {}): EndpointReading {
  return {
    endpoint: 'mcr.microsoft.com:443',
    origin: 'required',
    need: 'required',
    outcome: 'reached',
    address: '203.0.113.1',
    issuer: 'Microsoft Azure RSA TLS Issuing CA 04',
    httpStatus: 200,
    milliseconds: 20,
    ...given,
  }
}

export function node(readings: EndpointReading[], given: Partial<NodeProbe> = {}): NodeProbe {
  return {
    pool: 'system',
    subnetId: SUBNET,
    instanceId: 'a',
    status: 'completed',
    reason: null,
    isComplete: true,
    dnsServer: '168.63.129.16',
    sourceAddress: null,
    readings,
    ...given,
  }
}

export function routing(given: Partial<SubnetRouting> = {}): SubnetRouting {
  return {
    subnetId: SUBNET.toUpperCase(),
    pools: ['system'],
    routeTableId: null,
    defaultRoute: null,
    halfRoutes: [],
    leadsTo: 'azureFirewall',
    firewallId: FIREWALL,
    problem: null,
    ...given,
  }
}

/** The path of the subnet to the internet, with these addresses after the change. */
export function pathTo(
  addresses: string[],
  given: Partial<PathChange> = {},
  side: Partial<PathSide> = {},
): PathChange {
  const after: PathSide = { path: 'natGateway', via: null, addresses, toCome: 0, isComplete: true, ...side }
  const subnetId = SUBNET.toLowerCase()
  return {
    subnetId,
    pools: ['system'],
    family: 'IPv4',
    destination: 'internet',
    before: { ...after, addresses: [] },
    after,
    ...given,
  }
}

export const PLAN: PlannedPaths = {
  routing: [routing()],
  requiredEndpoints: [],
  paths: [pathTo([], {}, { path: 'virtualAppliance', isComplete: false })],
  asksSource: false,
}
export const failed = (outcome: EndpointReading['outcome'], issuer: string | null = null) =>
  reading({ outcome, issuer, httpStatus: null })

export const proxied = (given: Partial<EndpointReading> = {}) =>
  reading({ via: 'httpProxy', address: null, ...given })
export const proxyReading = (given: Partial<EndpointReading> = {}) =>
  reading({ endpoint: '10.9.0.4:3128', origin: 'httpProxy', issuer: null, httpStatus: 400, ...given })
