/** Types of other providers that are only read: GET of one, and lists in a subscription or resource group. */
export const READ_TYPES = [
  'microsoft.storage/storageaccounts',
  'microsoft.keyvault/vaults',
  'microsoft.containerregistry/registries',
  'microsoft.cognitiveservices/accounts',
  'microsoft.documentdb/databaseaccounts',
  'microsoft.sql/servers',
  'microsoft.dbforpostgresql/flexibleservers',
  'microsoft.dbformysql/flexibleservers',
  'microsoft.eventhub/namespaces',
  'microsoft.servicebus/namespaces',
  'microsoft.web/sites',
  'microsoft.web/sites/slots',
  'microsoft.apimanagement/service',
  'microsoft.network/ipgroups',
  'microsoft.network/firewallpolicies',
  'microsoft.network/frontdoorwebapplicationfirewallpolicies',
  'microsoft.network/applicationgatewaywebapplicationfirewallpolicies',
]

/** Types below those that are resources of their own: GET of one, and the list below one parent. */
export const READ_CHILD_TYPES = [
  'microsoft.sql/servers/firewallrules',
  'microsoft.dbforpostgresql/flexibleservers/firewallrules',
  'microsoft.dbformysql/flexibleservers/firewallrules',
  'microsoft.eventhub/namespaces/networkrulesets',
  'microsoft.servicebus/namespaces/networkrulesets',
  'microsoft.web/sites/config',
  'microsoft.web/sites/slots/config',
  'microsoft.apimanagement/service/policies',
  'microsoft.network/firewallpolicies/rulecollectiongroups',
]
