import type { JsonObject } from '../../contract/json.ts'
import { armWord } from '../../core/arm/words.ts'
import type {
  ClusterFacts,
  ClusterFeatures,
  HttpProxyFacts,
  LoadBalancerProfileFacts,
  NatGatewayProfileFacts,
  ProxyServer,
} from '../../core/snapshot/snapshot.ts'
import { BodyReader } from '../client/body-reader.ts'
import { faultOfBody } from '../errors/fault-mapping.ts'
import { POWER_STATES, PROVISIONING_STATES, toAgentPoolFacts } from './agent-pool.ts'

/** The words in the facts of a cluster, by field. Other words keep the spelling of ARM. */
const WORDS = {
  sku: ['Base', 'Automatic'],
  identity: ['SystemAssigned', 'UserAssigned', 'None'],
  networkPlugin: ['azure', 'kubenet', 'none'],
  networkPluginMode: ['overlay'],
  networkPolicy: ['azure', 'calico', 'cilium', 'none'],
  loadBalancerSku: ['standard', 'basic', 'service'],
  backendPoolType: ['NodeIPConfiguration', 'NodeIP', 'PodIP'],
  natGatewaySku: ['Standard', 'StandardV2'],
  ipFamilies: ['IPv4', 'IPv6'],
  nodeProvisioning: ['Auto', 'Manual'],
  artifactSource: ['Cache', 'Direct'],
  nodeOsUpgradeChannel: ['None', 'Unmanaged', 'NodeImage', 'SecurityPatch'],
  restrictionLevel: ['Unrestricted', 'ReadOnly'],
}

/**
 * The add-ons and features in the body of a managed cluster. Features that an older API version does not show count as
 * disabled.
 */
export function toClusterFeatures(cluster: BodyReader): ClusterFeatures {
  const properties = cluster.at('properties')
  const security = properties.at('securityProfile')
  const istio = properties.at('serviceMeshProfile').at('istio')
  const network = properties.at('networkProfile')
  const monitoring = monitoringOf(properties)
  return {
    workloadIdentity: security.at('workloadIdentity').boolean('enabled'),
    defender: security.at('defender').at('securityMonitoring').boolean('enabled'),
    keyVaultSecretsProvider: isAddonEnabled(properties, 'azureKeyvaultSecretsProvider'),
    containerInsights: monitoring.includes(OMS_AGENT) || monitoring.includes(CONTAINER_INSIGHTS),
    managedPrometheus: monitoring.includes(METRICS),
    azurePolicy: isAddonEnabled(properties, 'azurepolicy'),
    costAnalysis: properties.at('metricsProfile').at('costAnalysis').boolean('enabled'),
    istio: properties.at('serviceMeshProfile').is('mode', 'Istio'),
    istioPluginCa: istio.at('certificateAuthority').at('plugin').has('keyVaultId'),
    webAppRouting: properties.at('ingressProfile').at('webAppRouting').boolean('enabled'),
    httpProxy: toHttpProxy(properties.at('httpProxyConfig')),
    managedBy: cluster.string('managedBy') || null,
    istioEgressGateway: istio
      .at('components')
      .list('egressGateways')
      .some((gateway) => gateway.boolean('enabled')),
    monitoring,
    bootstrapRegistryId: properties.at('bootstrapProfile').string('containerRegistryId') || null,
    networkPolicy: network.word('networkPolicy', WORDS.networkPolicy),
    advancedPolicies: network.at('advancedNetworking').at('security').boolean('enabled'),
  }
}

const OMS_AGENT = 'addonProfiles.omsagent'
const METRICS = 'azureMonitorProfile.metrics'
const CONTAINER_INSIGHTS = 'azureMonitorProfile.containerInsights'

/** The monitoring agents that are enabled, by the names of their settings. */
function monitoringOf(properties: BodyReader): string[] {
  return [OMS_AGENT, METRICS, CONTAINER_INSIGHTS].filter((setting) =>
    setting
      .split('.')
      .reduce((body, name) => body.at(name), properties)
      .boolean('enabled'),
  )
}

/** The letter case of add-on names differs between clusters. The reader ignores it. */
function isAddonEnabled(properties: BodyReader, addon: string): boolean {
  return properties.at('addonProfiles').at(addon).boolean('enabled')
}

/** The facts in the body of a managed cluster, from any API version. */
export function toClusterFacts(body: JsonObject): ClusterFacts {
  return readClusterFacts(new BodyReader(body))
}

export function readClusterFacts(cluster: BodyReader): ClusterFacts {
  const id = cluster.requiredString('id')
  const properties = cluster.at('properties')
  const network = properties.at('networkProfile')
  const access = properties.at('apiServerAccessProfile')
  const provisioningState = properties.requiredString('provisioningState')
  const hosted = properties.at('hostedSystemProfile')
  return {
    id,
    ...parseClusterScope(id),
    name: cluster.requiredString('name'),
    location: cluster.requiredString('location'),
    etag: cluster.string('eTag'),
    tags: cluster.stringMap('tags'),
    skuName: cluster.at('sku').word('name', WORDS.sku),
    provisioningState: armWord(provisioningState, PROVISIONING_STATES) ?? provisioningState,
    // Older API versions show no power state, and their clusters could not be stopped.
    powerState: properties.at('powerState').word('code', POWER_STATES) ?? 'Running',
    kubernetesVersion:
      properties.string('currentKubernetesVersion') ?? properties.string('kubernetesVersion') ?? '',
    nodeResourceGroup: properties.requiredString('nodeResourceGroup'),
    identityType: cluster.at('identity').word('type', WORDS.identity),
    identityPrincipalIds: principalIds(cluster.at('identity')),
    identityIds: cluster
      .at('identity')
      .members('userAssignedIdentities')
      .map(([id]) => id),
    servicePrincipalClientId: toServicePrincipal(properties.at('servicePrincipalProfile')),
    outboundType: network.string('outboundType'),
    networkPlugin: network.word('networkPlugin', WORDS.networkPlugin),
    networkPluginMode: network.word('networkPluginMode', WORDS.networkPluginMode),
    loadBalancerSku: network.word('loadBalancerSku', WORDS.loadBalancerSku) ?? 'standard',
    ipFamilies: network.words('ipFamilies', WORDS.ipFamilies),
    loadBalancerProfile: network.has('loadBalancerProfile')
      ? toLoadBalancerProfile(network.at('loadBalancerProfile'))
      : null,
    natGatewayProfile: network.has('natGatewayProfile')
      ? toNatGatewayProfile(network.at('natGatewayProfile'))
      : null,
    authorizedIPRanges: access.strings('authorizedIPRanges'),
    enablePrivateCluster: access.boolean('enablePrivateCluster'),
    privateDnsZone: access.string('privateDNSZone') || null,
    privateFqdn: properties.string('privateFQDN') || null,
    enableVnetIntegration: access.boolean('enableVnetIntegration'),
    isPublicNetworkAccessDisabled: properties.is('publicNetworkAccess', 'Disabled'),
    apiServerSubnetId: access.string('subnetId') || null,
    agentPools: properties.list('agentPoolProfiles').map(toAgentPoolFacts),
    nodeProvisioningMode: properties.at('nodeProvisioningProfile').word('mode', WORDS.nodeProvisioning),
    artifactSource: properties.at('bootstrapProfile').word('artifactSource', WORDS.artifactSource),
    nodeOsUpgradeChannel: properties
      .at('autoUpgradeProfile')
      .word('nodeOSUpgradeChannel', WORDS.nodeOsUpgradeChannel),
    hostedSystem: hosted.boolean('enabled'),
    hostedSystemSubnetId: hosted.string('systemNodeSubnetID') || null,
    hostedWorkerSubnetId: hosted.string('nodeSubnetID') || null,
    nodeResourceGroupRestriction: properties
      .at('nodeResourceGroupProfile')
      .word('restrictionLevel', WORDS.restrictionLevel),
    staticEgressGateway: network.at('staticEgressGatewayProfile').boolean('enabled'),
    virtualNodes: properties.at('addonProfiles').at('aciConnectorLinux').boolean('enabled'),
    podCidrs: network.oneOrMany('podCidr', 'podCidrs'),
    features: toClusterFeatures(cluster),
  }
}

/** ARM returns `resourcegroups` in lower case in the ID of a cluster (recordings/README). */
function parseClusterScope(id: string): { subscriptionId: string; resourceGroup: string } {
  const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\//i.exec(id)
  if (match === null) throw faultOfBody('id is not the id of a resource in a resource group')
  return { subscriptionId: match[1] ?? '', resourceGroup: match[2] ?? '' }
}

/**
 * The principal of a system-assigned identity is at the top level; the principal of a user-assigned identity is in the
 * map entry of its ID.
 */
function principalIds(identity: BodyReader): string[] {
  const assigned = identity.members('userAssignedIdentities').map(([, user]) => user)
  return [identity, ...assigned].flatMap((holder) => holder.string('principalId') || [])
}

/** For a cluster with a managed identity, this value is `msi`. */
function toServicePrincipal(profile: BodyReader): string | null {
  return profile.is('clientId', 'msi') ? null : profile.string('clientId')
}

/** Customer-provided addresses are lists of `{id}` objects here, but plain IDs in the profile of the NAT gateway. */
function toLoadBalancerProfile(profile: BodyReader): LoadBalancerProfileFacts {
  return {
    managedOutboundIpCount: profile.at('managedOutboundIPs').number('count'),
    managedOutboundIpv6Count: profile.at('managedOutboundIPs').number('countIPv6'),
    outboundIpIds: profile.at('outboundIPs').ids('publicIPs'),
    outboundIpPrefixIds: profile.at('outboundIPPrefixes').ids('publicIPPrefixes'),
    effectiveOutboundIpIds: profile.ids('effectiveOutboundIPs'),
    allocatedOutboundPorts: profile.number('allocatedOutboundPorts'),
    idleTimeoutInMinutes: profile.number('idleTimeoutInMinutes'),
    backendPoolType: profile.word('backendPoolType', WORDS.backendPoolType),
    multipleLoadBalancers: profile.boolean('enableMultipleStandardLoadBalancers'),
  }
}

function toNatGatewayProfile(profile: BodyReader): NatGatewayProfileFacts {
  return {
    sku: profile.word('sku', WORDS.natGatewaySku),
    managedOutboundIpCount: profile.at('managedOutboundIPProfile').number('count'),
    managedOutboundIpv6Count: profile.at('managedOutboundIPProfile').number('countIPv6'),
    outboundIpIds: profile.at('outboundIPs').strings('publicIPs'),
    outboundIpPrefixIds: profile.at('outboundIPPrefixes').strings('publicIPPrefixes'),
    effectiveOutboundIpIds: profile.ids('effectiveOutboundIPs'),
    idleTimeoutInMinutes: profile.number('idleTimeoutInMinutes'),
  }
}

/**
 * The HTTP proxy of a cluster, without user and password; null if there is none. Older API versions have no field
 * `enabled`: without it, a configured proxy is in use.
 */
export function toHttpProxy(config: BodyReader): HttpProxyFacts | null {
  const http = config.string('httpProxy') || null
  // Without an HTTPS proxy, the HTTP proxy serves both (http-proxy).
  const https = config.string('httpsProxy') || http
  if (https === null || config.optionalBoolean('enabled') === false) return null
  const urls = [http, https].flatMap((text) => parseProxy(text ?? '') ?? [])
  return {
    servers: { http: toServer(http), https: toServer(https) },
    hasCredentials: urls.some(({ username, password }) => username !== '' || password !== ''),
    hasTrustedCa: Boolean(config.string('trustedCa')),
    effectiveNoProxy: config.has('effectiveNoProxy') ? config.strings('effectiveNoProxy') : null,
    noProxy: config.strings('noProxy'),
  }
}

function toServer(text: string | null): ProxyServer | 'unusable' | null {
  if (text === null) return null
  const url = parseProxy(text)
  if (url === null) return 'unusable'
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const port = url.port === '' ? DEFAULT_PORTS[scheme] : Number(url.port)
  return { scheme, host: url.hostname, port }
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const

/** The node components are written in Go, which reads a text without a scheme as the address of an HTTP proxy. */
function parseProxy(text: string): URL | null {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  return url !== null && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '' ? url : null
}
