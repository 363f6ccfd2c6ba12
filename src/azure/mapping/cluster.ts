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
    name: body.requiredText('name'),
    mode: pool.text('mode') ?? 'User',
    osType: pool.text('osType') ?? 'Linux',
    type: pool.text('type') ?? 'VirtualMachineScaleSets',
    provisioningState: pool.text('provisioningState') ?? '',
    powerState: pool.at('powerState').text('code'),
    count: pool.number('count') ?? countVirtualMachines(pool),
    minCount: pool.number('minCount'),
    maxCount: pool.number('maxCount'),
    enableAutoScaling: pool.flag('enableAutoScaling'),
    maxSurge: pool.at('upgradeSettings').text('maxSurge'),
    vnetSubnetId: pool.text('vnetSubnetID') || null,
    podSubnetId: pool.text('podSubnetID') || null,
    enableNodePublicIP: pool.flag('enableNodePublicIP'),
    nodePublicIpPrefixId: pool.text('nodePublicIPPrefixID') || null,
    availabilityZones: pool.texts('availabilityZones'),
    disableOutboundNat: pool.at('windowsProfile').optionalFlag('disableOutboundNat'),
    vmSize: pool.text('vmSize'),
    osSku: pool.text('osSKU'),
    nodeImageVersion: pool.text('nodeImageVersion') || null,
    gpuDriver: pool.at('gpuProfile').text('driver') ?? pool.text('gpuInstanceProfile'),
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
    workloadIdentity: security.at('workloadIdentity').flag('enabled'),
    defender: security.at('defender').at('securityMonitoring').flag('enabled'),
    keyVaultSecretsProvider: isAddonEnabled(properties, 'azureKeyvaultSecretsProvider'),
    containerInsights:
      isAddonEnabled(properties, 'omsagent') || monitor.at('containerInsights').flag('enabled'),
    managedPrometheus: monitor.at('metrics').flag('enabled'),
    azurePolicy: isAddonEnabled(properties, 'azurepolicy'),
    costAnalysis: properties.at('metricsProfile').at('costAnalysis').flag('enabled'),
    istio: mesh.text('mode')?.toLowerCase() === 'istio',
    istioPluginCa: mesh.at('istio').at('certificateAuthority').at('plugin').has('keyVaultId'),
    webAppRouting: properties.at('ingressProfile').at('webAppRouting').flag('enabled'),
    // `enabled` came later than the proxy itself; without it a proxy that is named is in use.
    httpProxy:
      Boolean(proxy.text('httpProxy') || proxy.text('httpsProxy')) && proxy.optionalFlag('enabled') !== false,
  }
}

/** Names of add-ons differ in letter case between clusters; the reader does not mind. */
function isAddonEnabled(properties: BodyReader, addon: string): boolean {
  return properties.at('addonProfiles').at(addon).flag('enabled')
}

/** The features in a managed cluster's body; what an older API version does not show is not there. */
export function toClusterFeatures(cluster: BodyReader): ClusterFeatures {
  const properties = cluster.at('properties')
  const network = properties.at('networkProfile')
  return {
    ...toFeatureFacts(properties),
    managedBy: cluster.text('managedBy') || null,
    istioEgressGateway: properties
      .at('serviceMeshProfile')
      .at('istio')
      .at('components')
      .list('egressGateways')
      .some((gateway) => gateway.flag('enabled')),
    monitoring: monitoringOf(properties),
    bootstrapRegistryId: properties.at('bootstrapProfile').text('containerRegistryId') || null,
    networkPolicy: network.text('networkPolicy'),
    advancedPolicies: network.at('advancedNetworking').at('security').flag('enabled'),
  }
}

function monitoringOf(properties: BodyReader): string[] {
  const monitor = properties.at('azureMonitorProfile')
  const settings: [string, boolean][] = [
    ['addonProfiles.omsagent', properties.at('addonProfiles').at('omsagent').flag('enabled')],
    ['azureMonitorProfile.metrics', monitor.at('metrics').flag('enabled')],
    ['azureMonitorProfile.containerInsights', monitor.at('containerInsights').flag('enabled')],
  ]
  return settings.filter(([, enabled]) => enabled).map(([name]) => name)
}

/** The facts in a managed cluster's body, of whatever API version. */
export function toClusterFacts(body: JsonObject): ClusterFacts {
  const cluster = new BodyReader(body)
  const id = cluster.requiredText('id')
  const properties = cluster.at('properties')
  const network = properties.at('networkProfile')
  const access = properties.at('apiServerAccessProfile')
  return {
    id,
    ...parseClusterScope(id),
    name: cluster.requiredText('name'),
    location: cluster.requiredText('location'),
    etag: cluster.text('eTag'),
    tags: cluster.textMap('tags'),
    skuName: cluster.at('sku').text('name'),
    provisioningState: properties.requiredText('provisioningState'),
    // Older API versions show no power state, and their clusters could not be stopped.
    powerState: properties.at('powerState').text('code') ?? 'Running',
    kubernetesVersion:
      properties.text('currentKubernetesVersion') ?? properties.text('kubernetesVersion') ?? '',
    nodeResourceGroup: properties.requiredText('nodeResourceGroup'),
    identityType: cluster.at('identity').text('type'),
    identityPrincipalIds: principalIds(cluster.at('identity')),
    servicePrincipalClientId: servicePrincipal(properties.at('servicePrincipalProfile').text('clientId')),
    outboundType: network.text('outboundType'),
    networkPlugin: network.text('networkPlugin'),
    networkPluginMode: network.text('networkPluginMode'),
    loadBalancerSku: network.text('loadBalancerSku') ?? 'standard',
    ipFamilies: network.texts('ipFamilies'),
    loadBalancerProfile: network.has('loadBalancerProfile')
      ? toLoadBalancerProfile(network.at('loadBalancerProfile'))
      : null,
    natGatewayProfile: network.has('natGatewayProfile')
      ? toNatGatewayProfile(network.at('natGatewayProfile'))
      : null,
    authorizedIPRanges: access.texts('authorizedIPRanges'),
    enablePrivateCluster: access.flag('enablePrivateCluster'),
    enableVnetIntegration: access.flag('enableVnetIntegration'),
    agentPools: properties.list('agentPoolProfiles').map(toAgentPoolFacts),
    nodeProvisioningMode: properties.at('nodeProvisioningProfile').text('mode'),
    artifactSource: properties.at('bootstrapProfile').text('artifactSource'),
    nodeOsUpgradeChannel: properties.at('autoUpgradeProfile').text('nodeOSUpgradeChannel'),
    hostedSystemNodeSubnetId: properties.at('hostedSystemProfile').text('nodeSubnetID') || null,
    nodeResourceGroupRestriction: properties.at('nodeResourceGroupProfile').text('restrictionLevel'),
    staticEgressGateway: network.at('staticEgressGatewayProfile').flag('enabled'),
    virtualNodes: properties.at('addonProfiles').at('aciConnectorLinux').flag('enabled'),
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
  const own = identity.text('principalId')
  const assigned = identity.members('userAssignedIdentities').map(([, each]) => each.text('principalId'))
  return [own, ...assigned].flatMap((each) => (each === null || each === '' ? [] : [each]))
}

function servicePrincipal(clientId: string | null): string | null {
  return clientId === null || clientId.toLowerCase() === 'msi' ? null : clientId
}

/** Older API versions show one range in the singular; a cluster without a pod network of its own shows none. */
function podCidrs(network: BodyReader): string[] {
  const all = network.texts('podCidrs')
  const single = network.text('podCidr')
  return all.length === 0 && single !== null ? [single] : all
}

/** Customer addresses are lists of `{id}` objects here, and plain ids in the NAT gateway's profile (rulebook 3.1, 3.3). */
function toLoadBalancerProfile(profile: BodyReader): LoadBalancerProfileFacts {
  return {
    managedOutboundIpCount: profile.at('managedOutboundIPs').number('count'),
    managedOutboundIpv6Count: profile.at('managedOutboundIPs').number('countIPv6'),
    outboundIpIds: profile.at('outboundIPs').ids('publicIPs'),
    outboundIpPrefixIds: profile.at('outboundIPPrefixes').ids('publicIPPrefixes'),
    effectiveOutboundIpIds: profile.ids('effectiveOutboundIPs'),
    allocatedOutboundPorts: profile.number('allocatedOutboundPorts'),
    idleTimeoutInMinutes: profile.number('idleTimeoutInMinutes'),
    backendPoolType: profile.text('backendPoolType'),
    multipleLoadBalancers: profile.flag('enableMultipleStandardLoadBalancers'),
  }
}

function toNatGatewayProfile(profile: BodyReader): NatGatewayProfileFacts {
  return {
    sku: profile.text('sku'),
    managedOutboundIpCount: profile.at('managedOutboundIPProfile').number('count'),
    managedOutboundIpv6Count: profile.at('managedOutboundIPProfile').number('countIPv6'),
    outboundIpIds: profile.at('outboundIPs').texts('publicIPs'),
    outboundIpPrefixIds: profile.at('outboundIPPrefixes').texts('publicIPPrefixes'),
    effectiveOutboundIpIds: profile.ids('effectiveOutboundIPs'),
    idleTimeoutInMinutes: profile.number('idleTimeoutInMinutes'),
  }
}
