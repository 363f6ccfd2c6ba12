import type { JsonObject } from '../core/json.ts'
import type { ClusterFacts, LoadBalancerProfileFacts, NatGatewayProfileFacts } from '../core/snapshot.ts'
import { BodyReader } from './body-reader.ts'
import { faultOfBody } from './fault-mapping.ts'
import { translateAgentPool } from './translate-agent-pool.ts'
import { translateFeatures } from './translate-features.ts'

/** The facts in a managed cluster's body, of whatever API version. */
export function translateCluster(body: JsonObject): ClusterFacts {
  const cluster = new BodyReader(body)
  const id = cluster.requiredText('id')
  const properties = cluster.at('properties')
  const network = properties.at('networkProfile')
  const access = properties.at('apiServerAccessProfile')
  return {
    id,
    ...scopeOf(id),
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
      ? loadBalancerProfile(network.at('loadBalancerProfile'))
      : null,
    natGatewayProfile: network.has('natGatewayProfile')
      ? natGatewayProfile(network.at('natGatewayProfile'))
      : null,
    authorizedIPRanges: access.texts('authorizedIPRanges'),
    enablePrivateCluster: access.flag('enablePrivateCluster'),
    enableVnetIntegration: access.flag('enableVnetIntegration'),
    agentPools: properties.list('agentPoolProfiles').map(translateAgentPool),
    nodeProvisioningMode: properties.at('nodeProvisioningProfile').text('mode'),
    artifactSource: properties.at('bootstrapProfile').text('artifactSource'),
    nodeOsUpgradeChannel: properties.at('autoUpgradeProfile').text('nodeOSUpgradeChannel'),
    hostedSystemNodeSubnetId: properties.at('hostedSystemProfile').text('nodeSubnetID') || null,
    nodeResourceGroupRestriction: properties.at('nodeResourceGroupProfile').text('restrictionLevel'),
    staticEgressGateway: network.at('staticEgressGatewayProfile').flag('enabled'),
    virtualNodes: properties.at('addonProfiles').at('aciConnectorLinux').flag('enabled'),
    podCidrs: podCidrs(network),
    features: translateFeatures(properties),
  }
}

/** ARM answers with small `resourcegroups` in a cluster's id (recordings/README). */
function scopeOf(id: string): { subscriptionId: string; resourceGroup: string } {
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
function loadBalancerProfile(profile: BodyReader): LoadBalancerProfileFacts {
  return {
    managedCount: profile.at('managedOutboundIPs').number('count'),
    managedCountIpv6: profile.at('managedOutboundIPs').number('countIPv6'),
    outboundIpIds: profile.at('outboundIPs').ids('publicIPs'),
    outboundIpPrefixIds: profile.at('outboundIPPrefixes').ids('publicIPPrefixes'),
    effectiveOutboundIpIds: profile.ids('effectiveOutboundIPs'),
    allocatedOutboundPorts: profile.number('allocatedOutboundPorts'),
    idleTimeoutInMinutes: profile.number('idleTimeoutInMinutes'),
    backendPoolType: profile.text('backendPoolType'),
  }
}

function natGatewayProfile(profile: BodyReader): NatGatewayProfileFacts {
  return {
    sku: profile.text('sku'),
    managedCount: profile.at('managedOutboundIPProfile').number('count'),
    managedCountIpv6: profile.at('managedOutboundIPProfile').number('countIPv6'),
    outboundIpIds: profile.at('outboundIPs').texts('publicIPs'),
    outboundIpPrefixIds: profile.at('outboundIPPrefixes').texts('publicIPPrefixes'),
    effectiveOutboundIpIds: profile.ids('effectiveOutboundIPs'),
    idleTimeoutInMinutes: profile.number('idleTimeoutInMinutes'),
  }
}
