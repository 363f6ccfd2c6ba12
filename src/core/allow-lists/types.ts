/** Every type whose allow-lists are searched, as ARM's documentation spells it (rulebook ALLOWLIST_SCAN). */
export const ALLOW_LIST_TYPE_NAMES = [
  'Microsoft.ContainerService/managedClusters',
  'Microsoft.Storage/storageAccounts',
  'Microsoft.KeyVault/vaults',
  'Microsoft.CognitiveServices/accounts',
  'Microsoft.ContainerRegistry/registries',
  'Microsoft.DocumentDB/databaseAccounts',
  'Microsoft.Network/networkSecurityGroups',
  'Microsoft.Network/azureFirewalls',
  'Microsoft.Network/ipGroups',
  'Microsoft.Network/frontDoorWebApplicationFirewallPolicies',
  'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies',
  'Microsoft.Network/firewallPolicies',
  'Microsoft.Sql/servers',
  'Microsoft.DBforPostgreSQL/flexibleServers',
  'Microsoft.DBforMySQL/flexibleServers',
  'Microsoft.EventHub/namespaces',
  'Microsoft.ServiceBus/namespaces',
  'Microsoft.Web/sites',
  'Microsoft.Web/sites/slots',
  'Microsoft.ApiManagement/service',
] as const
export type AllowListType = (typeof ALLOW_LIST_TYPE_NAMES)[number]
