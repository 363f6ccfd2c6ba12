import type { RuleCollectionFacts } from './firewall-facts.ts'

export interface SubnetFacts {
  id: string
  /** Agent pools that have nodes or pods in it; empty for an AKS-made subnet, which all pools share. */
  pools: string[]
  addressPrefixes: string[]
  natGatewayId: string | null
  routeTableId: string | null
  networkSecurityGroupId: string | null
  /** null when ARM does not show it, which means that default outbound access exists. */
  defaultOutboundAccess: boolean | null
  /** Services with a service endpoint here, such as `Microsoft.Storage`: their traffic meets no default route. */
  serviceEndpoints: string[]
  /** Services that the subnet is delegated to, such as `Microsoft.ContainerService/managedClusters`. */
  delegations: string[]
  /** Whether an application gateway lives in it; nodes cannot share such a subnet. */
  hasApplicationGateway: boolean
  /** `/subscriptions/…/resourceGroups/…` in lower case of each resource that has an address in it, each once. */
  occupantGroups: string[]
  /** IDs in lower case of the load balancers and network interfaces, except those of scale sets, with an address in it. */
  occupants?: string[]
}

export interface VirtualNetworkFacts {
  id: string
  subnets: SubnetFacts[]
  addressPrefixes: string[]
  /** `encryption.enabled`: traffic between its virtual machines is encrypted. */
  isEncrypted: boolean
  /** Custom DNS servers; empty for the DNS of Azure. */
  dnsServers: string[]
  /** A StandardV2 NAT gateway that serves every subnet without a NAT gateway of its own (`defaultPublicNatGateway`). */
  natGatewayId: string | null
  peerings: VirtualNetworkPeeringFacts[]
  /** Whether a gateway for VPN or ExpressRoute lives in `GatewaySubnet`. */
  hasVirtualNetworkGateway: boolean
  /** Whether `RouteServerSubnet` exists, which has no other use. Whether ARM lists its occupants is not documented. */
  hasRouteServer: boolean
}

export interface VirtualNetworkPeeringFacts {
  name: string
  remoteVirtualNetworkId: string | null
  /** Routes of the remote gateway arrive here; also true for a connection to a virtual hub. */
  useRemoteGateways: boolean
  isConnected: boolean
}

export interface NatGatewayFacts {
  id: string
  location: string
  sku: string
  zones: string[]
  idleTimeoutInMinutes: number
  publicIpIds: string[]
  publicIpPrefixIds: string[]
  subnetIds: string[]
  /** The virtual network that a StandardV2 gateway serves as a whole (`sourceVirtualNetwork`). */
  sourceVirtualNetworkId: string | null
  provisioningState: string
}

export interface PublicIpFacts {
  id: string
  location: string
  sku: string
  zones: string[]
  /** null while it is not allocated. */
  address: string | null
  version: 'IPv4' | 'IPv6'
  allocationMethod: string
  /** The IP configuration that holds it (load balancer, NIC, firewall), if any. */
  attachedTo: string | null
  natGatewayId: string | null
  routingPreferenceInternet: boolean
  /** `ddosSettings.protectionMode` is `Enabled`: protection of the address itself, not of its network. */
  ddosProtected: boolean
  tags: Record<string, string>
  provisioningState: string
  /** Not in Azure yet: the plan itself makes it, and its address is known when that step is done. */
  isPlanned?: true
}

export interface PublicIpPrefixFacts {
  id: string
  location: string
  sku: string
  zones: string[]
  /** CIDR, null while it is not allocated. */
  prefix: string | null
  prefixLength: number
  version: 'IPv4' | 'IPv6'
  natGatewayId: string | null
  loadBalancerFrontendId: string | null
  /** Public IPs that were taken out of it. */
  publicIpIds: string[]
  customIpPrefixId: string | null
  routingPreferenceInternet: boolean
  provisioningState: string
  /** As for a public IP. */
  isPlanned?: true
}

export interface RouteFacts {
  name: string
  addressPrefix: string
  /** `VirtualAppliance`, `VirtualApplianceEcmp`, `VirtualNetworkGateway`, `Internet`, `VnetLocal`, `None`. */
  nextHopType: string
  nextHopIpAddress: string | null
  /** The next hops of `VirtualApplianceEcmp` (`nextHop.nextHopIpAddresses`); omitted for every other type. */
  nextHopIpAddresses?: string[]
}

export interface RouteTableFacts {
  id: string
  location: string
  disableBgpRoutePropagation: boolean
  routes: RouteFacts[]
  subnetIds: string[]
}

export interface LoadBalancerFacts {
  id: string
  name: string
  sku: string
  frontends: {
    name: string
    id: string
    publicIpId: string | null
    publicIpPrefixId: string | null
    privateAddress: string | null
  }[]
  outboundRules: {
    name: string
    frontendIds: string[]
    allocatedOutboundPorts: number | null
    idleTimeoutInMinutes: number | null
  }[]
  loadBalancingRules: { name: string; frontendId: string; frontendPort: number; protocol: string }[]
  /** IDs in lower case of the network interfaces behind a Basic load balancer. */
  basicBackends?: string[]
}

export interface FirewallFacts {
  id: string
  /** `sku.tier`, such as `Standard` or `Premium`; null where ARM shows none. */
  tier: string | null
  privateAddresses: string[]
  publicIpIds: string[]
  /** Public addresses of a firewall in a virtual hub, which are no resources (`hubIPAddresses.publicIPs`). */
  hubPublicAddresses: string[]
  /** The virtual hub of the firewall; null for a firewall in a virtual network. */
  virtualHubId: string | null
  /** It has `managementIpConfiguration`, so that routes of its subnet can send its traffic to another hop. */
  hasManagementInterface: boolean
  /** The subnets that its traffic leaves from. A NAT gateway on them overrides its own addresses. */
  subnetIds: string[]
  /** The policy that holds its rules; null for one whose rules are its own. */
  policyId: string | null
  /** Whether it resolves names itself, which network rules with domain names require. A policy has its own setting. */
  dnsProxy: boolean
  /** The servers that the DNS proxy asks; empty for Azure DNS. A policy has its own setting. */
  dnsServers?: string[]
  /** Its own rules, by priority; empty for one with a policy. */
  collections: RuleCollectionFacts[]
}

/** One rule of a network security group, the default ones included. */
export interface SecurityRuleFacts {
  name: string
  direction: 'Inbound' | 'Outbound'
  access: 'Allow' | 'Deny'
  /** The smallest decides first; default rules are at 65000 and above. */
  priority: number
  /** `Tcp`, `Udp`, `Icmp`, `Esp`, `Ah` or `*`. */
  protocol: string
  /** CIDRs, addresses, service tags or `*`. */
  sources: string[]
  destinations: string[]
  /** `443`, `1-1024` or `*`. */
  destinationPorts: string[]
  /** Also names application security groups, whose members are not read. */
  usesApplicationGroups: boolean
}

export interface NetworkSecurityGroupFacts {
  id: string
  subnetIds: string[]
  rules: SecurityRuleFacts[]
}
