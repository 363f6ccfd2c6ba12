import type { JsonObject } from '../../contract/json.ts'
import type { NetworkKind } from '../arm.ts'
import type { BodyReader } from '../client/body-reader.ts'

/** Members of a resource outside of `properties` that the mappers read. */
const TOP_COLUMNS = ['id', 'name', 'location', 'tags', 'sku', 'zones', 'identity', 'managedBy']

/**
 * The members of `properties` that the mapper of a type reads. Whole bodies of all resources would be about ten times
 * as large. A test compares the facts of each type with those of its whole body.
 */
const PROPERTY_COLUMNS = {
  managedClusters: [
    'provisioningState',
    'powerState',
    'kubernetesVersion',
    'currentKubernetesVersion',
    'nodeResourceGroup',
    'networkProfile',
    'apiServerAccessProfile',
    'publicNetworkAccess',
    'agentPoolProfiles',
    'nodeProvisioningProfile',
    'servicePrincipalProfile',
    'hostedSystemProfile',
    'bootstrapProfile',
    'autoUpgradeProfile',
    'nodeResourceGroupProfile',
    'addonProfiles',
    'azureMonitorProfile',
    'httpProxyConfig',
    'ingressProfile',
    'metricsProfile',
    'securityProfile',
    'serviceMeshProfile',
    'privateFQDN',
  ],
  virtualNetworks: [
    'subnets',
    'addressSpace',
    'encryption',
    'dhcpOptions',
    'defaultPublicNatGateway',
    'virtualNetworkPeerings',
  ],
  natGateways: [
    'idleTimeoutInMinutes',
    'publicIpAddresses',
    'publicIpAddressesV6',
    'publicIpPrefixes',
    'publicIpPrefixesV6',
    'subnets',
    'sourceVirtualNetwork',
    'provisioningState',
  ],
  publicIPAddresses: [
    'ipAddress',
    'publicIPAddressVersion',
    'publicIPAllocationMethod',
    'ipConfiguration',
    'natGateway',
    'ipTags',
    'ddosSettings',
    'provisioningState',
  ],
  publicIPPrefixes: [
    'ipPrefix',
    'prefixLength',
    'publicIPAddressVersion',
    'natGateway',
    'loadBalancerFrontendIpConfiguration',
    'publicIPAddresses',
    'customIPPrefix',
    'ipTags',
    'provisioningState',
  ],
  routeTables: ['disableBgpRoutePropagation', 'routes', 'subnets'],
  loadBalancers: ['frontendIPConfigurations', 'outboundRules', 'loadBalancingRules'],
  azureFirewalls: [
    'sku',
    'ipConfigurations',
    'hubIPAddresses',
    'virtualHub',
    'managementIpConfiguration',
    'firewallPolicy',
    'additionalProperties',
    'networkRuleCollections',
    'applicationRuleCollections',
  ],
  networkSecurityGroups: ['subnets', 'securityRules', 'defaultSecurityRules'],
} satisfies Record<NetworkKind | 'managedClusters', string[]>

export type GraphType = keyof typeof PROPERTY_COLUMNS

/** The query for all resources of a type; sorted, because pages of an unsorted result may overlap. */
export function estateQuery(type: GraphType): string {
  const provider = type === 'managedClusters' ? 'microsoft.containerservice' : 'microsoft.network'
  const columns = PROPERTY_COLUMNS[type].map((name) => `${name}=properties.${name}`)
  return [
    'resources',
    `where type =~ '${provider}/${type.toLowerCase()}'`,
    `project ${[...topColumns(type), ...columns].join(', ')}`,
    'order by id asc',
  ].join(' | ')
}

/** A row as the body of its resource, for the mapper of its type. */
export function toResourceBody(type: GraphType, row: BodyReader): JsonObject {
  return { ...pick(row, topColumns(type)), properties: pick(row, PROPERTY_COLUMNS[type]) }
}

/** A row has each column once: a member of `properties` replaces a member with the same name. */
function topColumns(type: GraphType): string[] {
  const inner: readonly string[] = PROPERTY_COLUMNS[type]
  return TOP_COLUMNS.filter((name) => !inner.includes(name))
}

function pick(row: BodyReader, columns: readonly string[]): JsonObject {
  return Object.fromEntries(columns.map((name) => [name, row.json(name)]))
}
