import type { JsonObject } from '../../contract/json.ts'
import type {
  AgentPoolFacts,
  ClusterFacts,
  ClusterFeatures,
  FeatureFacts,
  LoadBalancerProfileFacts,
  NatGatewayProfileFacts,
} from '../../core/snapshot/snapshot.ts'
import { BodyReader } from '../client/body-reader.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'

/**
 * The facts of an agent pool, in either of its two forms: an entry of the cluster's `agentPoolProfiles`,
 * which is flat, or a resource of its own, which has them under `properties`.
 */
export function toAgentPoolFacts(body: BodyReader): AgentPoolFacts {
  const pool = body.has('properties') ? body.at('properties') : body
  return {
    name: body.requiredString('name'),
    mode: pool.string('mode') ?? 'User',
    osType: pool.string('osType') ?? 'Linux',
    type: pool.string('type') ?? 'VirtualMachineScaleSets',
    provisioningState: pool.string('provisioningState') ?? '',
    powerState: pool.at('powerState').string('code'),
    count: pool.number('count') ?? countVirtualMachines(pool),
    minCount: pool.number('minCount'),
    maxCount: pool.number('maxCount'),
    enableAutoScaling: pool.boolean('enableAutoScaling'),
    maxSurge: pool.at('upgradeSettings').string('maxSurge'),
    vnetSubnetId: pool.string('vnetSubnetID') || null,
    podSubnetId: pool.string('podSubnetID') || null,
    enableNodePublicIP: pool.boolean('enableNodePublicIP'),
    nodePublicIpPrefixId: pool.string('nodePublicIPPrefixID') || null,
    availabilityZones: pool.strings('availabilityZones'),
    disableOutboundNat: pool.at('windowsProfile').optionalBoolean('disableOutboundNat'),
    vmSize: pool.string('vmSize'),
    osSku: pool.string('osSKU'),
    nodeImageVersion: pool.string('nodeImageVersion') || null,
    gpuDriver: pool.at('gpuProfile').string('driver') ?? pool.string('gpuInstanceProfile'),
  }
}

/** A pool of type `VirtualMachines` may have its counts by VM size and none for the whole. */
function countVirtualMachines(pool: BodyReader): number {
  const sizes = pool.at('virtualMachinesProfile').at('scale').list('manual')
  return sizes.reduce((sum, size) => sum + (size.number('count') ?? 0), 0)
}

/** The add-ons and features of a cluster, from the `properties` of its body; what a version does not show is off. */
function toFeatureFacts(properties: BodyReader): FeatureFacts {
  const security = properties.at('securityProfile')
  const monitor = properties.at('azureMonitorProfile')
  const mesh = properties.at('serviceMeshProfile')
  const proxy = properties.at('httpProxyConfig')
  return {
    workloadIdentity: security.at('workloadIdentity').boolean('enabled'),
    defender: security.at('defender').at('securityMonitoring').boolean('enabled'),
    keyVaultSecretsProvider: isAddonEnabled(properties, 'azureKeyvaultSecretsProvider'),
    containerInsights:
      isAddonEnabled(properties, 'omsagent') || monitor.at('containerInsights').boolean('enabled'),
    managedPrometheus: monitor.at('metrics').boolean('enabled'),
    azurePolicy: isAddonEnabled(properties, 'azurepolicy'),
    costAnalysis: properties.at('metricsProfile').at('costAnalysis').boolean('enabled'),
    istio: mesh.string('mode')?.toLowerCase() === 'istio',
    istioPluginCa: mesh.at('istio').at('certificateAuthority').at('plugin').has('keyVaultId'),
    webAppRouting: properties.at('ingressProfile').at('webAppRouting').boolean('enabled'),
    // `enabled` came later than the proxy itself; without it a proxy that is named is in use.
    httpProxy:
      Boolean(proxy.string('httpProxy') || proxy.string('httpsProxy')) &&
      proxy.optionalBoolean('enabled') !== false,
  }
}

/** Names of add-ons differ in letter case between clusters; the reader does not mind. */
function isAddonEnabled(properties: BodyReader, addon: string): boolean {
  return properties.at('addonProfiles').at(addon).boolean('enabled')
}

/** The features in a managed cluster's body; what an older API version does not show is not there. */
export function toClusterFeatures(cluster: BodyReader): ClusterFeatures {
  const properties = cluster.at('properties')
  const network = properties.at('networkProfile')
  return {
    ...toFeatureFacts(properties),
    managedBy: cluster.string('managedBy') || null,
    istioEgressGateway: properties
      .at('serviceMeshProfile')
      .at('istio')
      .at('components')
      .list('egressGateways')
      .some((gateway) => gateway.boolean('enabled')),
    monitoring: monitoringOf(properties),
    bootstrapRegistryId: properties.at('bootstrapProfile').string('containerRegistryId') || null,
    networkPolicy: network.string('networkPolicy'),
    advancedPolicies: network.at('advancedNetworking').at('security').boolean('enabled'),
  }
}

function monitoringOf(properties: BodyReader): string[] {
  const monitor = properties.at('azureMonitorProfile')
  const settings: [string, boolean][] = [
    ['addonProfiles.omsagent', properties.at('addonProfiles').at('omsagent').boolean('enabled')],
    ['azureMonitorProfile.metrics', monitor.at('metrics').boolean('enabled')],
    ['azureMonitorProfile.containerInsights', monitor.at('containerInsights').boolean('enabled')],
  ]
  return settings.filter(([, enabled]) => enabled).map(([name]) => name)
}

/** The facts in a managed cluster's body, of whatever API version. */
export function toClusterFacts(body: JsonObject): ClusterFacts {
  const cluster = new BodyReader(body)
  const id = cluster.requiredString('id')
  const properties = cluster.at('properties')
  const network = properties.at('networkProfile')
  const access = properties.at('apiServerAccessProfile')
  return {
    id,
    ...parseClusterScope(id),
    name: cluster.requiredString('name'),
    location: cluster.requiredString('location'),
    etag: cluster.string('eTag'),
    tags: cluster.stringMap('tags'),
    skuName: cluster.at('sku').string('name'),
    provisioningState: properties.requiredString('provisioningState'),
    // Older API versions show no power state, and their clusters could not be stopped.
    powerState: properties.at('powerState').string('code') ?? 'Running',
    kubernetesVersion:
      properties.string('currentKubernetesVersion') ?? properties.string('kubernetesVersion') ?? '',
    nodeResourceGroup: properties.requiredString('nodeResourceGroup'),
    identityType: cluster.at('identity').string('type'),
    identityPrincipalIds: principalIds(cluster.at('identity')),
    servicePrincipalClientId: servicePrincipal(properties.at('servicePrincipalProfile').string('clientId')),
    outboundType: network.string('outboundType'),
    networkPlugin: network.string('networkPlugin'),
    networkPluginMode: network.string('networkPluginMode'),
    loadBalancerSku: network.string('loadBalancerSku') ?? 'standard',
    ipFamilies: network.strings('ipFamilies'),
    loadBalancerProfile: network.has('loadBalancerProfile')
      ? toLoadBalancerProfile(network.at('loadBalancerProfile'))
      : null,
    natGatewayProfile: network.has('natGatewayProfile')
      ? toNatGatewayProfile(network.at('natGatewayProfile'))
      : null,
    authorizedIPRanges: access.strings('authorizedIPRanges'),
    enablePrivateCluster: access.boolean('enablePrivateCluster'),
    enableVnetIntegration: access.boolean('enableVnetIntegration'),
    agentPools: properties.list('agentPoolProfiles').map(toAgentPoolFacts),
    nodeProvisioningMode: properties.at('nodeProvisioningProfile').string('mode'),
    artifactSource: properties.at('bootstrapProfile').string('artifactSource'),
    nodeOsUpgradeChannel: properties.at('autoUpgradeProfile').string('nodeOSUpgradeChannel'),
    hostedSystemNodeSubnetId: properties.at('hostedSystemProfile').string('nodeSubnetID') || null,
    nodeResourceGroupRestriction: properties.at('nodeResourceGroupProfile').string('restrictionLevel'),
    staticEgressGateway: network.at('staticEgressGatewayProfile').boolean('enabled'),
    virtualNodes: properties.at('addonProfiles').at('aciConnectorLinux').boolean('enabled'),
    podCidrs: podCidrs(network),
    features: toClusterFeatures(cluster),
  }
}

/** ARM answers with small `resourcegroups` in a cluster's id (recordings/README). */
function parseClusterScope(id: string): { subscriptionId: string; resourceGroup: string } {
  const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\//i.exec(id)
  if (match === null) throw faultOfBody('id is not the id of a resource in a resource group')
  return { subscriptionId: match[1] ?? '', resourceGroup: match[2] ?? '' }
}

/** A system-assigned identity has its principal at the top, a user-assigned one inside the map of its id. */
function principalIds(identity: BodyReader): string[] {
  const own = identity.string('principalId')
  const assigned = identity.members('userAssignedIdentities').map(([, each]) => each.string('principalId'))
  return [own, ...assigned].flatMap((each) => (each === null || each === '' ? [] : [each]))
}

function servicePrincipal(clientId: string | null): string | null {
  return clientId === null || clientId.toLowerCase() === 'msi' ? null : clientId
}

/** Older API versions show one range in the singular; a cluster without a pod network of its own shows none. */
function podCidrs(network: BodyReader): string[] {
  const all = network.strings('podCidrs')
  const single = network.string('podCidr')
  return all.length === 0 && single !== null ? [single] : all
}

/** Customer addresses are lists of `{id}` objects here, and plain ids in the NAT gateway's profile (rulebook 3.1, 3.3). */
function toLoadBalancerProfile(profile: BodyReader): LoadBalancerProfileFacts {
  return {
    managedCount: profile.at('managedOutboundIPs').number('count'),
    managedCountIpv6: profile.at('managedOutboundIPs').number('countIPv6'),
    outboundIpIds: profile.at('outboundIPs').ids('publicIPs'),
    outboundIpPrefixIds: profile.at('outboundIPPrefixes').ids('publicIPPrefixes'),
    effectiveOutboundIpIds: profile.ids('effectiveOutboundIPs'),
    allocatedOutboundPorts: profile.number('allocatedOutboundPorts'),
    idleTimeoutInMinutes: profile.number('idleTimeoutInMinutes'),
    backendPoolType: profile.string('backendPoolType'),
    multipleLoadBalancers: profile.boolean('enableMultipleStandardLoadBalancers'),
  }
}

function toNatGatewayProfile(profile: BodyReader): NatGatewayProfileFacts {
  return {
    sku: profile.string('sku'),
    managedCount: profile.at('managedOutboundIPProfile').number('count'),
    managedCountIpv6: profile.at('managedOutboundIPProfile').number('countIPv6'),
    outboundIpIds: profile.at('outboundIPs').strings('publicIPs'),
    outboundIpPrefixIds: profile.at('outboundIPPrefixes').strings('publicIPPrefixes'),
    effectiveOutboundIpIds: profile.ids('effectiveOutboundIPs'),
    idleTimeoutInMinutes: profile.number('idleTimeoutInMinutes'),
  }
}
