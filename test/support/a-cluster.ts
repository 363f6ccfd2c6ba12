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
  VirtualNetworkPeeringFacts,
} from '../../src/core/snapshot/network-facts.ts'
import type {
  AgentPoolFacts,
  ClusterFacts,
  ClusterFeatures,
  HttpProxyFacts,
  LoadBalancerProfileFacts,
  NatGatewayProfileFacts,
  Snapshot,
} from '../../src/core/snapshot/snapshot.ts'

/** Builders of snapshots for tests of the core: a healthy cluster, and what the test says is different. */

export const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111'
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-demo`
export const NODE_GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/MC_rg-demo_demo_eastus`
export const NETWORK = 'providers/Microsoft.Network'
export const VNET = `${GROUP}/${NETWORK}/virtualNetworks/vnet`
export const SUBNET = `${VNET}/subnets/nodes`
export const HUB = `${GROUP}/${NETWORK}/virtualNetworks/hub`

/** The HTTP proxy of a cluster: one server for both schemes, and the destinations that AKS always excludes. */
export function aProxy(given: Partial<HttpProxyFacts> = {}): HttpProxyFacts {
  const server = { scheme: 'http' as const, host: '10.9.0.4', port: 3128 }
  return {
    servers: { http: server, https: server },
    hasCredentials: false,
    hasTrustedCa: false,
    effectiveNoProxy: null,
    noProxy: [],
    ...given,
  }
}

export function features(given: Partial<ClusterFeatures> = {}): ClusterFeatures {
  return {
    managedBy: null,
    httpProxy: null,
    workloadIdentity: false,
    keyVaultSecretsProvider: false,
    containerInsights: false,
    managedPrometheus: false,
    azurePolicy: false,
    costAnalysis: false,
    istio: false,
    istioPluginCa: false,
    webAppRouting: false,
    istioEgressGateway: false,
    monitoring: [],
    defender: false,
    bootstrapRegistryId: null,
    networkPolicy: null,
    advancedPolicies: false,
    ...given,
  }
}

export function aPool(given: Partial<AgentPoolFacts> = {}): AgentPoolFacts {
  return {
    name: 'system',
    mode: 'System',
    osType: 'Linux',
    type: 'VirtualMachineScaleSets',
    provisioningState: 'Succeeded',
    powerState: 'Running',
    count: 3,
    minCount: null,
    maxCount: null,
    enableAutoScaling: false,
    maxSurge: '10%',
    vnetSubnetId: null,
    podSubnetId: null,
    enableNodePublicIP: false,
    nodePublicIpPrefixIds: [],
    availabilityZones: [],
    disableOutboundNat: null,
    vmSize: 'Standard_D4s_v5',
    osSku: 'Ubuntu',
    nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202510.19.0',
    gpuDriver: null,
    ...given,
  }
}

export function aLoadBalancerProfile(
  given: Partial<LoadBalancerProfileFacts> = {},
): LoadBalancerProfileFacts {
  return {
    managedOutboundIpCount: 1,
    managedOutboundIpv6Count: null,
    outboundIpIds: [],
    outboundIpPrefixIds: [],
    effectiveOutboundIpIds: [`${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`],
    allocatedOutboundPorts: 0,
    idleTimeoutInMinutes: 30,
    backendPoolType: 'nodeIPConfiguration',
    multipleLoadBalancers: false,
    ...given,
  }
}

/** Without its own profile, a cluster of another type has no load balancer profile: its addresses mean an interrupted change. */
export function aCluster(given: Partial<ClusterFacts> = {}): ClusterFacts {
  const isBalanced = /^loadbalancer$/i.test(given.outboundType ?? 'loadBalancer')
  return {
    id: `${GROUP}/providers/Microsoft.ContainerService/managedClusters/demo`,
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'rg-demo',
    name: 'demo',
    location: 'eastus',
    etag: '00000000-0000-0000-0000-00000000000a',
    tags: {},
    skuName: 'Base',
    provisioningState: 'Succeeded',
    powerState: 'Running',
    kubernetesVersion: '1.33.2',
    nodeResourceGroup: 'MC_rg-demo_demo_eastus',
    identityType: 'SystemAssigned',
    identityPrincipalIds: ['00000000-0000-0000-0000-0000000000aa'],
    identityIds: [],
    servicePrincipalClientId: null,
    outboundType: 'loadBalancer',
    networkPlugin: 'azure',
    networkPluginMode: 'overlay',
    loadBalancerSku: 'standard',
    ipFamilies: ['IPv4'],
    loadBalancerProfile: isBalanced ? aLoadBalancerProfile() : null,
    natGatewayProfile: null,
    authorizedIPRanges: [],
    enablePrivateCluster: false,
    privateDnsZone: null,
    privateFqdn: null,
    enableVnetIntegration: false,
    isPublicNetworkAccessDisabled: false,
    apiServerSubnetId: null,
    agentPools: [aPool()],
    nodeProvisioningMode: 'Manual',
    artifactSource: 'Direct',
    nodeOsUpgradeChannel: 'NodeImage',
    hostedSystem: false,
    hostedSystemSubnetId: null,
    hostedWorkerSubnetId: null,
    nodeResourceGroupRestriction: null,
    staticEgressGateway: false,
    virtualNodes: false,
    podCidrs: ['10.244.0.0/16'],
    features: features(),
    ...given,
  }
}

export function aPublicIp(
  given: Partial<PublicIpFacts> & { id: string; address: string | null },
): PublicIpFacts {
  return {
    location: 'eastus',
    sku: 'Standard',
    zones: [],
    version: 'IPv4',
    allocationMethod: 'Static',
    attachedTo: null,
    natGatewayId: null,
    routingPreferenceInternet: false,
    ddosProtected: false,
    tags: {},
    provisioningState: 'Succeeded',
    ...given,
  }
}

export function aPrefix(
  given: Partial<PublicIpPrefixFacts> & { id: string; prefix: string | null },
): PublicIpPrefixFacts {
  return {
    location: 'eastus',
    sku: 'Standard',
    zones: [],
    prefixLength: Number(given.prefix?.split('/')[1] ?? 28),
    version: 'IPv4',
    natGatewayId: null,
    loadBalancerFrontendId: null,
    publicIpIds: [],
    customIpPrefixId: null,
    routingPreferenceInternet: false,
    provisioningState: 'Succeeded',
    ...given,
  }
}

export function aNatGatewayProfile(given: Partial<NatGatewayProfileFacts> = {}): NatGatewayProfileFacts {
  return {
    sku: null,
    managedOutboundIpCount: 1,
    managedOutboundIpv6Count: null,
    outboundIpIds: [],
    outboundIpPrefixIds: [],
    effectiveOutboundIpIds: [`${NODE_GROUP}/${NETWORK}/publicIPAddresses/nat-ip`],
    idleTimeoutInMinutes: 4,
    ...given,
  }
}

export function aSubnet(given: Partial<SubnetFacts> = {}): SubnetFacts {
  return {
    id: SUBNET,
    pools: ['system'],
    addressPrefixes: ['10.1.0.0/24'],
    natGatewayId: null,
    routeTableId: null,
    networkSecurityGroupId: null,
    defaultOutboundAccess: null,
    serviceEndpoints: [],
    delegations: [],
    hasApplicationGateway: false,
    occupantGroups: [],
    ...given,
  }
}

export function aNatGateway(given: Partial<NatGatewayFacts> & { id: string }): NatGatewayFacts {
  return {
    location: 'eastus',
    sku: 'Standard',
    zones: [],
    idleTimeoutInMinutes: 4,
    publicIpIds: [],
    publicIpPrefixIds: [],
    subnetIds: [],
    sourceVirtualNetworkId: null,
    provisioningState: 'Succeeded',
    ...given,
  }
}

export function aVirtualNetwork(given: Partial<VirtualNetworkFacts> & { id: string }): VirtualNetworkFacts {
  return {
    subnets: [],
    addressPrefixes: ['10.1.0.0/16'],
    isEncrypted: false,
    dnsServers: [],
    natGatewayId: null,
    peerings: [],
    hasVirtualNetworkGateway: false,
    hasRouteServer: false,
    ...given,
  }
}

/** A connected peering with a virtual network. */
export function aPeering(
  remoteVirtualNetworkId: string,
  given: Partial<VirtualNetworkPeeringFacts> = {},
): VirtualNetworkPeeringFacts {
  return { name: 'peering', remoteVirtualNetworkId, useRemoteGateways: false, isConnected: true, ...given }
}

/** The virtual network of the cluster, which is peered with this one. */
export function aSpoke(remoteVirtualNetworkId = HUB): VirtualNetworkFacts {
  return aVirtualNetwork({ id: VNET, peerings: [aPeering(remoteVirtualNetworkId)] })
}

export function aRouteTable(
  id: string,
  nextHopType: string | null,
  nextHopIpAddress: string | null = null,
): RouteTableFacts {
  const route = {
    name: 'default',
    addressPrefix: '0.0.0.0/0',
    nextHopType: nextHopType ?? '',
    nextHopIpAddress,
  }
  return {
    id,
    location: 'eastus',
    disableBgpRoutePropagation: false,
    routes: nextHopType === null ? [] : [route],
    subnetIds: [],
  }
}

/** A firewall without rules in the virtual network of the cluster, which lets nothing through. */
export function aFirewall(given: Partial<FirewallFacts> & { id: string }): FirewallFacts {
  return {
    tier: 'Standard',
    privateAddresses: ['10.9.0.4'],
    publicIpIds: [],
    hubPublicAddresses: [],
    virtualHubId: null,
    hasManagementInterface: false,
    subnetIds: [`${VNET}/subnets/AzureFirewallSubnet`],
    policyId: null,
    dnsProxy: false,
    collections: [],
    ...given,
  }
}

/** The AKS load balancer with its outbound rule, and a public frontend with an inbound rule for each Service. */
export function aKubernetesBalancer(services: string[] = []): LoadBalancerFacts {
  const id = `${NODE_GROUP}/${NETWORK}/loadBalancers/kubernetes`
  return {
    id,
    name: 'kubernetes',
    sku: 'Standard',
    frontends: [
      {
        name: 'outbound',
        id: `${id}/frontendIPConfigurations/outbound`,
        publicIpId: `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`,
        publicIpPrefixId: null,
        privateAddress: null,
      },
      ...services.map((name) => ({
        name,
        id: `${id}/frontendIPConfigurations/${name}`,
        publicIpId: null,
        publicIpPrefixId: null,
        privateAddress: null,
      })),
    ],
    outboundRules: [
      {
        name: 'aksOutboundRule',
        frontendIds: [`${id}/frontendIPConfigurations/outbound`],
        allocatedOutboundPorts: 0,
        idleTimeoutInMinutes: 30,
      },
    ],
    loadBalancingRules: services.map((name) => ({
      name,
      frontendId: `${id}/frontendIPConfigurations/${name}`,
      frontendPort: 443,
      protocol: 'Tcp',
    })),
  }
}

/** The AKS load balancer with a Service that listens on the outbound frontend as well. */
export function aSharedBalancer(publicIpId?: string): LoadBalancerFacts {
  const balancer = aKubernetesBalancer()
  const [outbound] = balancer.frontends
  if (outbound === undefined) return balancer
  const shared = { ...outbound, publicIpId: publicIpId ?? outbound.publicIpId }
  const rule = {
    name: 'aWeb-TCP-443',
    frontendId: shared.id.toUpperCase(),
    frontendPort: 443,
    protocol: 'Tcp',
  }
  return { ...balancer, frontends: [shared], loadBalancingRules: [rule] }
}

/** A snapshot of a healthy load balancer cluster in a managed VNet, and what the test says is different. */
export function aSnapshot(
  given: {
    cluster?: Partial<ClusterFacts>
    subnets?: SubnetFacts[]
    virtualNetworks?: VirtualNetworkFacts[]
    natGateways?: NatGatewayFacts[]
    publicIps?: PublicIpFacts[]
    routeTables?: RouteTableFacts[]
    loadBalancers?: LoadBalancerFacts[]
    unread?: Snapshot['unread']
    surroundings?: Snapshot['surroundings']
    firewalls?: FirewallFacts[]
    networkSecurityGroups?: NetworkSecurityGroupFacts[]
    publicIpPrefixes?: Snapshot['publicIpPrefixes'][string][]
    activeJob?: Snapshot['activeJob']
  } = {},
): Snapshot {
  const lbIp = aPublicIp({ id: `${NODE_GROUP}/${NETWORK}/publicIPAddresses/lb-ip`, address: '20.1.0.1' })
  return {
    takenAt: '2026-09-01T00:00:00.000Z',
    cluster: aCluster(given.cluster),
    subnets: given.subnets ?? [],
    virtualNetworks: keyed(given.virtualNetworks ?? []),
    natGateways: keyed(given.natGateways ?? []),
    publicIps: keyed([lbIp, ...(given.publicIps ?? [])]),
    publicIpPrefixes: keyed(given.publicIpPrefixes ?? []),
    routeTables: keyed(given.routeTables ?? []),
    loadBalancers: keyed(given.loadBalancers ?? [aKubernetesBalancer()]),
    firewalls: keyed(given.firewalls ?? []),
    networkSecurityGroups: keyed(given.networkSecurityGroups ?? []),
    surroundings: given.surroundings ?? null,
    unread: given.unread ?? [],
    ...(given.activeJob === undefined ? {} : { activeJob: given.activeJob }),
  }
}

/** A load balancer cluster in the user's own VNet with one subnet. */
export function aByoSnapshot(
  subnet: Partial<SubnetFacts> = {},
  given: Parameters<typeof aSnapshot>[0] = {},
): Snapshot {
  const cluster = {
    agentPools: [aPool({ vnetSubnetId: SUBNET })],
    identityType: 'UserAssigned',
    ...given.cluster,
  }
  return aSnapshot({ ...given, cluster, subnets: [aSubnet(subnet)] })
}

/** A user NAT gateway with one address, ready to be attached. */
export function aReadyGateway(address = '20.9.0.1') {
  const id = `${GROUP}/${NETWORK}/natGateways/gateway`
  const ipId = `${GROUP}/${NETWORK}/publicIPAddresses/gateway-ip`
  return {
    id,
    gateway: aNatGateway({ id, publicIpIds: [ipId] }),
    publicIp: aPublicIp({ id: ipId, address, natGatewayId: id }),
  }
}

export function keyed<T extends { id: string }>(items: T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.id.toLowerCase(), item]))
}
