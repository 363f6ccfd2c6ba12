/**
 * What was read from Resource Manager about one cluster at one moment, as plain data. The planner may
 * know nothing else. Resource ids are kept as ARM spelled them; every map is keyed by the id in lower
 * case, because ARM compares ids without case and answers with mixed case (recordings/README).
 */
export interface Snapshot {
  /** RFC 3339, when the last read of this snapshot ended. */
  takenAt: string
  cluster: ClusterFacts
  /** Every subnet that the cluster's nodes and pods use; in a managed VNet the one that AKS made, if seen. */
  subnets: SubnetFacts[]
  natGateways: Record<string, NatGatewayFacts>
  publicIps: Record<string, PublicIpFacts>
  publicIpPrefixes: Record<string, PublicIpPrefixFacts>
  routeTables: Record<string, RouteTableFacts>
  loadBalancers: Record<string, LoadBalancerFacts>
  firewalls: Record<string, FirewallFacts>
  /** What could not be read, with ARM's reason. Empty means that all of the above is complete. */
  unread: Unread[]
}

/** One read that failed without failing the whole snapshot. */
export interface Unread {
  /** The resource type, or the id of the one resource, that could not be read. */
  what: string
  reason: 'denied' | 'not-found' | 'failed'
  code: string
  message: string
}

export interface ClusterFacts {
  id: string
  subscriptionId: string
  resourceGroup: string
  name: string
  location: string
  /** The body's `eTag` or `etag`; null where the API version shows none. */
  etag: string | null
  tags: Record<string, string>
  skuName: string | null
  provisioningState: string
  powerState: string
  kubernetesVersion: string
  nodeResourceGroup: string
  /** `SystemAssigned`, `UserAssigned`, `None`; null when ARM shows no identity. */
  identityType: string | null
  /** As ARM spells it, not canonical. */
  outboundType: string | null
  networkPlugin: string | null
  networkPluginMode: string | null
  loadBalancerSku: string
  /** `IPv4`, `IPv6`. */
  ipFamilies: string[]
  loadBalancerProfile: LoadBalancerProfileFacts | null
  natGatewayProfile: NatGatewayProfileFacts | null
  authorizedIPRanges: string[]
  enablePrivateCluster: boolean
  enableVnetIntegration: boolean
  agentPools: AgentPoolFacts[]
  /** `nodeProvisioningProfile.mode`: `Auto` means node auto-provisioning (Karpenter). */
  nodeProvisioningMode: string | null
  /** `bootstrapProfile.artifactSource`: `Direct` or `Cache`. */
  artifactSource: string | null
  nodeOsUpgradeChannel: string | null
  /** `hostedSystemProfile.nodeSubnetID` of AKS Automatic. */
  hostedSystemNodeSubnetId: string | null
  /** `nodeResourceGroupProfile.restrictionLevel`. */
  nodeResourceGroupRestriction: string | null
  staticEgressGateway: boolean
  virtualNodes: boolean
}

export interface LoadBalancerProfileFacts {
  managedCount: number | null
  managedCountIpv6: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
  effectiveOutboundIpIds: string[]
  allocatedOutboundPorts: number | null
  idleTimeoutInMinutes: number | null
  backendPoolType: string | null
}

export interface NatGatewayProfileFacts {
  sku: string | null
  managedCount: number | null
  managedCountIpv6: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
  effectiveOutboundIpIds: string[]
  idleTimeoutInMinutes: number | null
}

export interface AgentPoolFacts {
  name: string
  mode: string
  osType: string
  /** `VirtualMachineScaleSets`, `AvailabilitySet`, `VirtualMachines`. */
  type: string
  provisioningState: string
  powerState: string | null
  count: number
  minCount: number | null
  maxCount: number | null
  enableAutoScaling: boolean
  maxSurge: string | null
  vnetSubnetId: string | null
  podSubnetId: string | null
  enableNodePublicIP: boolean
  nodePublicIpPrefixId: string | null
  availabilityZones: string[]
  /** `windowsProfile.disableOutboundNat`; null on Linux. */
  disableOutboundNat: boolean | null
}

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
  tags: Record<string, string>
  provisioningState: string
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
  customIpPrefixId: string | null
  provisioningState: string
}

export interface RouteFacts {
  name: string
  addressPrefix: string
  /** `VirtualAppliance`, `VirtualNetworkGateway`, `Internet`, `VnetLocal`, `None`. */
  nextHopType: string
  nextHopIpAddress: string | null
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
}

export interface FirewallFacts {
  id: string
  privateAddresses: string[]
  publicIpIds: string[]
  /** The subnets that its traffic leaves from; a NAT gateway there outranks its own addresses. */
  subnetIds: string[]
}
