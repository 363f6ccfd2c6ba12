import type { AllowListEntry } from '../../core/allow-lists/facts.ts'
import { ALLOW_LIST_TYPE_NAMES, type AllowListType } from '../../core/allow-lists/types.ts'
import type { BodyReader } from '../body-reader.ts'
import { apiManagementEntries } from './api-management.ts'
import { applicationGatewayWafEntries } from './application-gateway-waf.ts'
import { azureFirewallEntries } from './azure-firewall.ts'
import { containerRegistryEntries } from './container-registry.ts'
import { cosmosAccountEntries } from './cosmos-account.ts'
import { firewallPolicyEntries } from './firewall-policy.ts'
import { firewallRuleEntries } from './firewall-rules.ts'
import { frontDoorWafEntries } from './front-door-waf.ts'
import { ipGroupEntries } from './ip-group.ts'
import { managedClusterEntries } from './managed-cluster.ts'
import { networkAclsEntries } from './network-acls.ts'
import { networkRuleSetEntries } from './network-rule-set.ts'
import { networkSecurityGroupEntries } from './network-security-group.ts'
import { webAppEntries } from './web-app.ts'

/** Lists that Resource Graph does not show; they lie below the resource and cost a GET of their own. */
export interface ChildLists {
  /** Behind the resource's id. */
  path: string
  apiVersion: string
  translate: (bodies: BodyReader[]) => AllowListEntry[]
}

/** How the lists of one type are read: from its row in Resource Graph, or from what lies below it. */
export type TypeReading = { fromRow: (row: BodyReader) => AllowListEntry[] } | { fromChild: ChildLists }

const firewallRules = (apiVersion: string): TypeReading => ({
  fromChild: { path: 'firewallRules', apiVersion, translate: firewallRuleEntries },
})
const networkRuleSet = (apiVersion: string): TypeReading => ({
  fromChild: { path: 'networkRuleSets/default', apiVersion, translate: networkRuleSetEntries },
})
const webConfig: TypeReading = {
  fromChild: { path: 'config/web', apiVersion: '2024-04-01', translate: webAppEntries },
}

/**
 * Every type whose lists are searched (rulebook ALLOWLIST_SCAN). Resource Graph's table `resources` shows a
 * resource's own properties; what ARM keeps as child resources, and an app's configuration, is not in it.
 */
export const ALLOW_LIST_TYPES: Record<AllowListType, TypeReading> = {
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
      apiVersion: '2024-05-01',
      translate: firewallPolicyEntries,
    },
  },
  'Microsoft.Sql/servers': firewallRules('2021-11-01'),
  'Microsoft.DBforPostgreSQL/flexibleServers': firewallRules('2022-12-01'),
  'Microsoft.DBforMySQL/flexibleServers': firewallRules('2023-12-30'),
  'Microsoft.EventHub/namespaces': networkRuleSet('2024-01-01'),
  'Microsoft.ServiceBus/namespaces': networkRuleSet('2021-11-01'),
  'Microsoft.Web/sites': webConfig,
  'Microsoft.Web/sites/slots': webConfig,
  'Microsoft.ApiManagement/service': {
    fromChild: { path: 'policies/policy', apiVersion: '2022-08-01', translate: apiManagementEntries },
  },
}

/** The type as ARM's documentation spells it, from Resource Graph's lower case. */
export function spelledType(type: string): AllowListType | undefined {
  return SPELLINGS.get(type.toLowerCase())
}

const SPELLINGS = new Map(ALLOW_LIST_TYPE_NAMES.map((type) => [type.toLowerCase(), type]))

/** Properties of the rows, each under its own name: only what a translator above reads. */
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

/** One query for all types; sorted, because pages of an unsorted answer may overlap (rulebook 12). */
export const ALLOW_LIST_QUERY = [
  'resources',
  `where type in~ (${ALLOW_LIST_TYPE_NAMES.map((type) => `'${type.toLowerCase()}'`).join(', ')})`,
  `project id, type, ${COLUMNS.join(', ')}`,
  'order by id asc',
].join(' | ')
