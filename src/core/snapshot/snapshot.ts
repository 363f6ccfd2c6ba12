import type { ActiveJob } from '../../contract/job.ts'
import type { MaintenanceConfiguration } from '../../contract/maintenance.ts'
import type { Unread } from '../../contract/preflight.ts'
import type { AllowListFacts } from './allow-list-facts.ts'
import type { AuthorizationFacts, ReadResult } from './authorization-facts.ts'
import type { DemandFacts } from './demand-facts.ts'
import type { FirewallPolicyFacts, IpGroupFacts } from './firewall-facts.ts'
import type {
  FirewallFacts,
  LoadBalancerFacts,
  NatGatewayFacts,
  NetworkSecurityGroupFacts,
  PublicIpFacts,
  PublicIpPrefixFacts,
  RouteTableFacts,
  SubnetFacts,
  VirtualNetworkFacts,
} from './network-facts.ts'

/** A proxy server. Its user and password are never read. */
export interface ProxyServer {
  scheme: 'http' | 'https'
  /** A DNS name or an IP address. */
  host: string
  port: number
}

/** The HTTP proxy that AKS configures on all nodes (`httpProxyConfig`). */
export interface HttpProxyFacts {
  /** The server for requests of each scheme; null for direct requests, `unusable` for a URL that is no proxy address. */
  servers: Record<'http' | 'https', ProxyServer | 'unusable' | null>
  /** The URL contains a user or a password, which AKS does not support (http-proxy). */
  hasCredentials: boolean
  /** Nodes trust certificates of another authority: that of the proxy. */
  hasTrustedCa: boolean
  /** The destinations of direct requests, those that AKS adds included; null if ARM does not show these. */
  effectiveNoProxy: string[] | null
  noProxy: string[]
}

/**
 * Add-ons and features that need endpoints of their own or affect the egress, as the cluster's body shows them.
 * Extensions (Flux, Dapr, marketplace) are resources beside the cluster and are not seen here.
 */
export interface ClusterFeatures {
  workloadIdentity: boolean
  defender: boolean
  keyVaultSecretsProvider: boolean
  /** The add-on `omsagent`: container logs to a Log Analytics workspace. */
  containerInsights: boolean
  /** `azureMonitorProfile.metrics`: managed Prometheus. */
  managedPrometheus: boolean
  azurePolicy: boolean
  costAnalysis: boolean
  istio: boolean
  /** Istio's own authority takes its certificates out of a key vault. */
  istioPluginCa: boolean
  webAppRouting: boolean
  /** The proxy that requests of nodes pass, which also has to reach the endpoints; null for none. */
  httpProxy: HttpProxyFacts | null
  /** ARM's generic `managedBy`: the id of the resource that manages the cluster; null for none. */
  managedBy: string | null
  /** An egress gateway of the Istio add-on is enabled (`serviceMeshProfile.istio.components`). */
  istioEgressGateway: boolean
  /** Agents that send out of the cluster, by the name of their setting, such as `addonProfiles.omsagent`. */
  monitoring: string[]
  /** `bootstrapProfile.containerRegistryId`: a customer-provided registry; null for the AKS-managed registry. */
  bootstrapRegistryId: string | null
  /** `networkProfile.networkPolicy`: `calico`, `cilium`, `azure`, `none`. */
  networkPolicy: string | null
  /** `networkProfile.advancedNetworking.security`: policies may name hosts and addresses outside. */
  advancedPolicies: boolean
}

/**
 * What was read around the cluster for a plan. A staleness check does not read it again, because it does not decide
 * whether a plan is stale. It is far larger than the cluster's own network.
 */
export interface Surroundings {
  authorization: AuthorizationFacts
  /** Whom Azure resources admit or turn away by address. */
  allowLists: AllowListFacts
  /** What AKS says that the nodes must reach; null where the plan has no use for it. */
  outboundDependencies: ReadResult<OutboundDependency[]> | null
  /** The policies of the firewalls behind the subnets' default routes and their base policies, by id in lower case. */
  firewallPolicies: Record<string, ReadResult<FirewallPolicyFacts>>
  /** The IP groups that rules of these firewalls and policies refer to, by id in lower case. */
  ipGroups: Record<string, ReadResult<IpGroupFacts>>
  /** What Azure Monitor measured on the present egress; absent where it was not asked. */
  demand?: DemandFacts
  /** Virtual networks that the private DNS zone is linked to; absent or null for a cluster without a zone. */
  privateZoneLinks?: ReadResult<string[]> | null
}

/** One endpoint of ARM's `outboundNetworkDependenciesEndpoints`. */
export interface OutboundDependency {
  /** Such as `azure-resource-management`, `images`, `apiserver`. */
  category: string
  /** A name, which may begin with `*.`, or an address. */
  destination: string
  port: number
  /** As ARM spells it: `Https`, `Http`, `TCP`, `UDP`. */
  protocol: string
}

/**
 * What was read from Resource Manager about one cluster at one moment, as plain data. The planner may
 * know nothing else. Resource ids are kept as ARM spelled them; every map is keyed by the id in lower
 * case, because ARM compares ids without case and answers with mixed case (recordings/README).
 */
export interface Snapshot {
  /** RFC 3339, when the last read of this snapshot ended. */
  takenAt: string
  cluster: ClusterFacts
  /**
   * Every subnet that the cluster's nodes and pods use; in a managed VNet the subnet that AKS created, if it was
   * read.
   */
  subnets: SubnetFacts[]
  /** The virtual networks that were read, the cluster's among them. */
  virtualNetworks: Record<string, VirtualNetworkFacts>
  natGateways: Record<string, NatGatewayFacts>
  publicIps: Record<string, PublicIpFacts>
  publicIpPrefixes: Record<string, PublicIpPrefixFacts>
  routeTables: Record<string, RouteTableFacts>
  loadBalancers: Record<string, LoadBalancerFacts>
  firewalls: Record<string, FirewallFacts>
  networkSecurityGroups: Record<string, NetworkSecurityGroupFacts>
  /** The planned maintenance windows of the cluster; absent where they were not asked for. */
  maintenance?: ReadResult<MaintenanceConfiguration[]>
  /** The job of this service that holds the lock on the cluster; absent where it was not read. */
  activeJob?: ActiveJob | null
  /** What lies around the cluster's own egress; null where only the network was asked for. */
  surroundings: Surroundings | null
  /** What could not be read, with ARM's reason. Empty means that all of the above is complete. */
  unread: Unread[]
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
  /** The ARM IDs of the cluster's user-assigned identities. */
  identityIds: string[]
  /** `servicePrincipalProfile.clientId`; null with a managed identity, which ARM shows as `msi`. */
  servicePrincipalClientId: string | null
  /** As ARM spells it, not canonical. */
  outboundType: string | null
  networkPlugin: string | null
  networkPluginMode: string | null
  /** `standard`, `basic`, or `service`. */
  loadBalancerSku: string
  /** `IPv4`, `IPv6`. */
  ipFamilies: string[]
  loadBalancerProfile: LoadBalancerProfileFacts | null
  natGatewayProfile: NatGatewayProfileFacts | null
  authorizedIPRanges: string[]
  enablePrivateCluster: boolean
  /** `system`, `none`, or the ID of a zone; null where ARM shows none, which means `system`. */
  privateDnsZone: string | null
  /** The private name of the API server; null for a cluster that is not private. */
  privateFqdn: string | null
  enableVnetIntegration: boolean
  /** `properties.publicNetworkAccess` is `Disabled`. */
  isPublicNetworkAccessDisabled: boolean
  /** The subnet of the API server with API Server VNet Integration; null where AKS made it or there is none. */
  apiServerSubnetId: string | null
  agentPools: AgentPoolFacts[]
  /** `nodeProvisioningProfile.mode`: `Auto` means node auto-provisioning (Karpenter). */
  nodeProvisioningMode: string | null
  /** `bootstrapProfile.artifactSource`: `Direct` or `Cache`. */
  artifactSource: string | null
  nodeOsUpgradeChannel: string | null
  /** `hostedSystemProfile.enabled`: AKS runs the system components on nodes of its own. */
  hostedSystem: boolean
  /** `hostedSystemProfile.systemNodeSubnetID` of AKS Automatic: the system nodes that AKS hosts join it. */
  hostedSystemSubnetId: string | null
  /** `hostedSystemProfile.nodeSubnetID` of AKS Automatic: the nodes of node auto-provisioning join it. */
  hostedWorkerSubnetId: string | null
  /** `nodeResourceGroupProfile.restrictionLevel`. */
  nodeResourceGroupRestriction: string | null
  staticEgressGateway: boolean
  virtualNodes: boolean
  /** CIDRs of the pods where they have a network of their own (overlay, kubenet). */
  podCidrs: string[]
  features: ClusterFeatures
}

export interface LoadBalancerProfileFacts {
  managedOutboundIpCount: number | null
  managedOutboundIpv6Count: number | null
  outboundIpIds: string[]
  outboundIpPrefixIds: string[]
  effectiveOutboundIpIds: string[]
  allocatedOutboundPorts: number | null
  idleTimeoutInMinutes: number | null
  /** `NodeIPConfiguration`, `NodeIP`, or `PodIP`. */
  backendPoolType: string | null
  /** `enableMultipleStandardLoadBalancers`. */
  multipleLoadBalancers: boolean
}

export interface NatGatewayProfileFacts {
  sku: string | null
  managedOutboundIpCount: number | null
  managedOutboundIpv6Count: number | null
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
  /** Null where ARM shows none, which means that no operation is in progress (async-operations). */
  provisioningState: string | null
  powerState: string | null
  /** Nodes, or the size that a manual profile asks for where it is larger; null for unknown. */
  count: number | null
  minCount: number | null
  maxCount: number | null
  enableAutoScaling: boolean
  maxSurge: string | null
  vnetSubnetId: string | null
  podSubnetId: string | null
  enableNodePublicIP: boolean
  /** A pool has one prefix per IP family where its network profile names them. */
  nodePublicIpPrefixIds: string[]
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
