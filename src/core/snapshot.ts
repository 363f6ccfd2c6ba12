import type { FeatureFacts } from './feature-facts.ts'
import type {
  FirewallFacts,
  LoadBalancerFacts,
  NatGatewayFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteTableFacts,
  SubnetFacts,
} from './network-facts.ts'
import type { NetworkSecurityGroupFacts } from './security-rules.ts'
import type { Surroundings } from './surroundings.ts'

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
  networkSecurityGroups: Record<string, NetworkSecurityGroupFacts>
  /** What lies around the cluster's own egress; null where only the network was asked for. */
  surroundings: Surroundings | null
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
  /** Object ids of the cluster's own (control plane) identity; empty where ARM shows none. */
  identityPrincipalIds: string[]
  /** `servicePrincipalProfile.clientId`; null with a managed identity, which ARM shows as `msi`. */
  servicePrincipalClientId: string | null
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
  /** CIDRs of the pods where they have a network of their own (overlay, kubenet). */
  podCidrs: string[]
  features: FeatureFacts
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
  /** Null for a pool with sizes by the machine. */
  vmSize: string | null
  osSku: string | null
  nodeImageVersion: string | null
  /** `gpuInstanceProfile` or `gpuProfile.driver`; null where neither is set. `None` means that AKS installs no driver. */
  gpuDriver: string | null
}
