import type { NetworkManagementClient } from '@azure/arm-network'
import type { NetworkFacts, NetworkKind } from './arm.ts'
import type { BodyReader } from './body-reader.ts'
import { translateFirewall } from './translate-firewall.ts'
import { translateLoadBalancer } from './translate-load-balancer.ts'
import { translateNatGateway } from './translate-nat-gateway.ts'
import { translateNetworkSecurityGroup } from './translate-network-security-group.ts'
import { translatePublicIp } from './translate-public-ip.ts'
import { translatePublicIpPrefix } from './translate-public-ip-prefix.ts'
import { translateRouteTable } from './translate-route-table.ts'
import { translateVirtualNetwork } from './translate-virtual-network.ts'

/** How one resource is translated, for each kind; which SDK operations read it follows from its name. */
export const NETWORK_TRANSLATIONS: { [K in NetworkKind]: (body: BodyReader) => NetworkFacts[K] } = {
  virtualNetworks: translateVirtualNetwork,
  natGateways: translateNatGateway,
  publicIPAddresses: translatePublicIp,
  publicIPPrefixes: translatePublicIpPrefix,
  routeTables: translateRouteTable,
  loadBalancers: translateLoadBalancer,
  azureFirewalls: translateFirewall,
  networkSecurityGroups: translateNetworkSecurityGroup,
}

/** What is common to the SDK's operation groups of all kinds. */
export interface NetworkOperations {
  listAll(): { byPage(): AsyncIterableIterator<unknown> }
  get(resourceGroup: string, name: string): Promise<unknown>
}

/** The SDK's operations for a kind; its groups are named as ARM's resource types are. */
export function networkOperations(client: NetworkManagementClient, kind: NetworkKind): NetworkOperations {
  return client[kind]
}
