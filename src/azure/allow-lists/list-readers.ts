import { ALLOW_LIST_TYPE_NAMES, type AllowListType } from '../../contract/allow-lists.ts'
import type { AllowListEntry } from '../../core/snapshot/allow-list-facts.ts'
import { API_VERSIONS } from '../client/api-versions.ts'
import type { BodyReader } from '../client/body-reader.ts'
import {
  applicationGatewayWafEntries,
  azureFirewallEntries,
  firewallPolicyEntries,
  frontDoorWafEntries,
  ipGroupEntries,
  networkSecurityGroupEntries,
} from './entries.ts'
import {
  apiManagementEntries,
  containerRegistryEntries,
  cosmosAccountEntries,
  firewallRuleEntries,
  managedClusterEntries,
  networkAclsEntries,
  networkRuleSetEntries,
  webAppEntries,
} from './service-entries.ts'

/** Lists that Resource Graph does not show. They are in child resources, and each needs a separate GET. */
export interface ChildListSource {
  /** The path after the ID of the resource. */
  path: string
  apiVersion: string
  translate: (bodies: BodyReader[]) => AllowListEntry[]
}

/** How the lists of one type are read: from its row in Resource Graph, or from its child resources. */
export type ListReader = { fromRow: (row: BodyReader) => AllowListEntry[] } | { fromChild: ChildListSource }

const firewallRules = (apiVersion: string): ListReader => ({
  fromChild: { path: 'firewallRules', apiVersion, translate: firewallRuleEntries },
})
const networkRuleSet = (apiVersion: string): ListReader => ({
  fromChild: { path: 'networkRuleSets/default', apiVersion, translate: networkRuleSetEntries },
})
const webConfig: ListReader = {
  fromChild: { path: 'config/web', apiVersion: API_VERSIONS.webAppConfig, translate: webAppEntries },
}

/**
 * Every type whose lists are searched. The table `resources` of Resource Graph contains the properties of a resource,
 * but not its child resources or the configuration of an app.
 */
export const ALLOW_LIST_TYPES: Record<AllowListType, ListReader> = {
  'Microsoft.ContainerService/managedClusters': { fromRow: managedClusterEntries },
  'Microsoft.Storage/storageAccounts': { fromRow: networkAclsEntries },
  'Microsoft.KeyVault/vaults': { fromRow: networkAclsEntries },
  'Microsoft.CognitiveServices/accounts': { fromRow: networkAclsEntries },
  'Microsoft.ContainerRegistry/registries': { fromRow: containerRegistryEntries },
  'Microsoft.DocumentDB/databaseAccounts': { fromRow: cosmosAccountEntries },
  'Microsoft.Network/networkSecurityGroups': { fromRow: networkSecurityGroupEntries },
  'Microsoft.Network/azureFirewalls': { fromRow: azureFirewallEntries },
  'Microsoft.Network/ipGroups': { fromRow: ipGroupEntries },
  'Microsoft.Network/frontDoorWebApplicationFirewallPolicies': { fromRow: frontDoorWafEntries },
  'Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies': {
    fromRow: applicationGatewayWafEntries,
  },
  'Microsoft.Network/firewallPolicies': {
    fromChild: {
      path: 'ruleCollectionGroups',
      apiVersion: API_VERSIONS.firewallPolicyRules,
      translate: firewallPolicyEntries,
    },
  },
  'Microsoft.Sql/servers': firewallRules(API_VERSIONS.sqlFirewallRules),
  'Microsoft.DBforPostgreSQL/flexibleServers': firewallRules(API_VERSIONS.postgreSqlFirewallRules),
  'Microsoft.DBforMySQL/flexibleServers': firewallRules(API_VERSIONS.mySqlFirewallRules),
  'Microsoft.EventHub/namespaces': networkRuleSet(API_VERSIONS.eventHubRuleSets),
  'Microsoft.ServiceBus/namespaces': networkRuleSet(API_VERSIONS.serviceBusRuleSets),
  'Microsoft.Web/sites': webConfig,
  'Microsoft.Web/sites/slots': webConfig,
  'Microsoft.ApiManagement/service': {
    fromChild: {
      path: 'policies/policy',
      apiVersion: API_VERSIONS.apiManagementPolicy,
      translate: apiManagementEntries,
    },
  },
}

/** The type as in the documentation of ARM, from the lower case of Resource Graph. */
export function toAllowListType(type: string): AllowListType | undefined {
  return SPELLINGS.get(type.toLowerCase())
}

const SPELLINGS = new Map(ALLOW_LIST_TYPE_NAMES.map((type) => [type.toLowerCase(), type]))

/** The properties that the translators above read, each under its own name. */
const COLUMNS = [
  'authorizedIPRanges=properties.apiServerAccessProfile.authorizedIPRanges',
  'publicNetworkAccess=properties.publicNetworkAccess',
  ...[
    'networkAcls',
    'networkRuleSet',
    'ipRules',
    'ipRangeFilter',
    'securityRules',
    'ipAddresses',
    'customRules',
    'policySettings',
    'networkRuleCollections',
    'natRuleCollections',
    'applicationRuleCollections',
  ].map((name) => `${name}=properties.${name}`),
]

/** One query for all types; sorted, because pages of an unsorted result may overlap (Learn: paginate-results). */
export const ALLOW_LIST_QUERY = [
  'resources',
  `where type in~ (${ALLOW_LIST_TYPE_NAMES.map((type) => `'${type.toLowerCase()}'`).join(', ')})`,
  `project id, type, location, ${COLUMNS.join(', ')}`,
  'order by id asc',
].join(' | ')
