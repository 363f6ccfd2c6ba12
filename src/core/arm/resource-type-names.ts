/** Azure's display names of resource types, in the singular. */
const NAMES: Record<string, string> = {
  'Microsoft.ApiManagement/service': 'API Management service',
  'Microsoft.CognitiveServices/accounts': 'Azure AI services account',
  'Microsoft.ContainerRegistry/registries': 'Container registry',
  'Microsoft.ContainerService/managedClusters': 'AKS cluster',
  'Microsoft.DBforMySQL/flexibleServers': 'Azure Database for MySQL flexible server',
  'Microsoft.DBforPostgreSQL/flexibleServers': 'Azure Database for PostgreSQL flexible server',
  'Microsoft.DocumentDB/databaseAccounts': 'Azure Cosmos DB account',
  'Microsoft.EventHub/namespaces': 'Event Hubs namespace',
  'Microsoft.KeyVault/vaults': 'Key vault',
  'Microsoft.Network/applicationGatewayWebApplicationFirewallPolicies': 'Application Gateway WAF policy',
  'Microsoft.Network/azureFirewalls': 'Azure Firewall',
  'Microsoft.Network/firewallPolicies': 'Firewall policy',
  'Microsoft.Network/firewallPolicies/ruleCollectionGroups': 'Rule collection group',
  'Microsoft.Network/frontDoorWebApplicationFirewallPolicies': 'Front Door WAF policy',
  'Microsoft.Network/ipGroups': 'IP group',
  'Microsoft.Network/loadBalancers': 'Load balancer',
  'Microsoft.Network/natGateways': 'NAT gateway',
  'Microsoft.Network/networkSecurityGroups': 'Network security group',
  'Microsoft.Network/publicIPAddresses': 'Public IP address',
  'Microsoft.Network/publicIPPrefixes': 'Public IP prefix',
  'Microsoft.Network/routeTables': 'Route table',
  'Microsoft.Network/routeTables/routes': 'Route',
  'Microsoft.Network/virtualNetworks': 'Virtual network',
  'Microsoft.Network/virtualNetworks/subnets': 'Subnet',
  'Microsoft.ServiceBus/namespaces': 'Service Bus namespace',
  'Microsoft.Sql/servers': 'SQL server',
  'Microsoft.Storage/storageAccounts': 'Storage account',
  'Microsoft.Web/sites': 'App Service',
  'Microsoft.Web/sites/slots': 'App Service slot',
}

const NAMES_IN_LOWER_CASE = new Map(Object.entries(NAMES).map(([type, name]) => [type.toLowerCase(), name]))

/** Azure's display name of a resource type, such as `Storage account`; the type itself if it is not listed here. */
export function resourceTypeName(type: string): string {
  return NAMES_IN_LOWER_CASE.get(type.toLowerCase()) ?? type
}

/** The display name inside a sentence: `storage account`, but `NAT gateway` and `Azure Firewall`. */
export function resourceTypeNoun(type: string): string {
  const name = resourceTypeName(type)
  return /^[A-Z][a-z]+( [a-z]+| IP [a-z]+)*$/.test(name) ? `${name[0]?.toLowerCase()}${name.slice(1)}` : name
}
