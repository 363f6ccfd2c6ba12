import { idKey } from './resource-id.ts'

/** Azure's display names of the resource types that findings name, by ARM type in lower case. */
const DISPLAY_NAMES: Readonly<Record<string, string>> = {
  'microsoft.apimanagement/service': 'API Management service',
  'microsoft.cognitiveservices/accounts': 'Cognitive Services account',
  'microsoft.containerregistry/registries': 'Container registry',
  'microsoft.containerservice/managedclusters': 'Kubernetes service',
  'microsoft.dbformysql/flexibleservers': 'Azure Database for MySQL flexible server',
  'microsoft.dbforpostgresql/flexibleservers': 'Azure Database for PostgreSQL flexible server',
  'microsoft.documentdb/databaseaccounts': 'Azure Cosmos DB account',
  'microsoft.eventhub/namespaces': 'Event Hubs namespace',
  'microsoft.keyvault/vaults': 'Key vault',
  'microsoft.network/applicationgatewaywebapplicationfirewallpolicies': 'Application Gateway WAF policy',
  'microsoft.network/azurefirewalls': 'Firewall',
  'microsoft.network/firewallpolicies': 'Firewall policy',
  'microsoft.network/frontdoorwebapplicationfirewallpolicies': 'Front Door WAF policy',
  'microsoft.network/ipgroups': 'IP group',
  'microsoft.network/networksecuritygroups': 'Network security group',
  'microsoft.servicebus/namespaces': 'Service Bus namespace',
  'microsoft.sql/servers': 'SQL server',
  'microsoft.storage/storageaccounts': 'Storage account',
  'microsoft.web/sites': 'App Service',
  'microsoft.web/sites/slots': 'App Service slot',
}

/** Azure's display name of a resource type; the ARM type if it has none here. */
export function displayName(type: string): string {
  return DISPLAY_NAMES[idKey(type)] ?? type
}
