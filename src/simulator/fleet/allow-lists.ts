import type { JsonObject } from '../lib/json.ts'
import { TENANT } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'
import {
  authorizeRanges,
  demoEgressAddresses,
  demoId,
  surroundingBlock,
  surroundingRange,
} from './add-cluster.ts'
import { clusterId, LOCATION } from './customer-network.ts'
import { OFFICE } from './members.ts'
import { addNetworkLists, addWafLists } from './network-allow-lists.ts'

/** Databases: a Cosmos DB account, and servers whose firewall rules are child resources. */
function addDatabaseLists(world: World): void {
  const [address = ''] = demoEgressAddresses(world, 'lb-managed')
  const [other = ''] = demoEgressAddresses(world, 'lb-byo')
  world.put(cosmosAccount('cosmos-demo', [other, surroundingBlock(address)]))
  server(world, 'Microsoft.Sql', 'servers', 'sql-demo', {
    AllowAllWindowsAzureIps: ['0.0.0.0', '0.0.0.0'],
    'aks-lb-managed': [address, address],
  })
  server(world, 'Microsoft.DBforPostgreSQL', 'flexibleServers', 'psql-demo', {
    'aks-clusters': surroundingRange(address),
  })
  server(world, 'Microsoft.DBforMySQL', 'flexibleServers', 'mysql-demo', { 'aks-lb-byo': [other, other] })
}

function cosmosAccount(name: string, addresses: string[]): JsonObject {
  return {
    id: demoId('Microsoft.DocumentDB', `databaseAccounts/${name}`),
    name,
    location: LOCATION,
    type: 'Microsoft.DocumentDB/databaseAccounts',
    kind: 'GlobalDocumentDB',
    tags: {},
    properties: {
      provisioningState: 'Succeeded',
      publicNetworkAccess: 'Enabled',
      isVirtualNetworkFilterEnabled: false,
      virtualNetworkRules: [],
      ipRules: addresses.map((ipAddressOrRange) => ({ ipAddressOrRange })),
      databaseAccountOfferType: 'Standard',
    },
  }
}

function server(
  world: World,
  provider: string,
  type: string,
  name: string,
  rules: Record<string, [string, string]>,
): void {
  const path = `${type}/${name}`
  world.put({
    location: LOCATION,
    tags: {},
    id: demoId(provider, path),
    name,
    type: `${provider}/${type}`,
    properties: { state: 'Ready', publicNetworkAccess: 'Enabled' },
  })
  for (const [rule, [startIpAddress, endIpAddress]] of Object.entries(rules))
    world.put({
      id: demoId(provider, `${path}/firewallRules/${rule}`),
      name: rule,
      type: `${provider}/${type}/firewallRules`,
      properties: { startIpAddress, endIpAddress },
    })
}

/** An Event Hubs and a Service Bus namespace with their network rule sets, and a Cognitive Services account. */
function addMessagingLists(world: World): void {
  namespace(world, 'Microsoft.EventHub', 'evhns-demo', demoEgressAddresses(world, 'lb-managed'))
  namespace(
    world,
    'Microsoft.ServiceBus',
    'sbns-demo',
    demoEgressAddresses(world, 'lb-byo', 'lb-byo-nat-ready'),
  )
  world.put({
    id: demoId('Microsoft.CognitiveServices', 'accounts/cog-demo'),
    name: 'cog-demo',
    type: 'Microsoft.CognitiveServices/accounts',
    location: LOCATION,
    kind: 'OpenAI',
    sku: { name: 'S0' },
    properties: {
      provisioningState: 'Succeeded',
      publicNetworkAccess: 'Enabled',
      networkAcls: {
        defaultAction: 'Deny',
        virtualNetworkRules: [],
        ipRules: demoEgressAddresses(world, 'nat-managed').map((value) => ({ value })),
      },
    },
  })
}

function namespace(world: World, provider: string, name: string, addresses: string[]): void {
  world.put({
    id: demoId(provider, `namespaces/${name}`),
    name,
    type: `${provider}/Namespaces`,
    location: LOCATION,
    tags: {},
    sku: { name: 'Standard', tier: 'Standard' },
    properties: { provisioningState: 'Succeeded', status: 'Active', publicNetworkAccess: 'Enabled' },
  })
  world.put({
    id: demoId(provider, `namespaces/${name}/networkRuleSets/default`),
    name: 'default',
    type: `${provider}/Namespaces/NetworkRuleSets`,
    location: LOCATION,
    properties: {
      publicNetworkAccess: 'Enabled',
      defaultAction: 'Deny',
      virtualNetworkRules: [],
      ipRules: addresses.map((ipMask) => ({ ipMask, action: 'Allow' })),
    },
  })
}

/** A web app with access restrictions, and an API Management service that filters by address. */
function addWebLists(world: World): void {
  const [address = ''] = demoEgressAddresses(world, 'lb-managed')
  world.put({
    id: demoId('Microsoft.Web', 'sites/app-demo-shop'),
    name: 'app-demo-shop',
    type: 'Microsoft.Web/sites',
    kind: 'app,linux',
    location: LOCATION,
    properties: { state: 'Running', enabled: true, publicNetworkAccess: 'Enabled', siteConfig: null },
  })
  world.put({
    id: demoId('Microsoft.Web', 'sites/app-demo-shop/config/web'),
    name: 'app-demo-shop',
    type: 'Microsoft.Web/sites/config',
    location: LOCATION,
    properties: {
      ipSecurityRestrictions: [
        { ipAddress: `${address}/32`, action: 'Allow', tag: 'Default', priority: 100, name: 'aks' },
        { ipAddress: 'Any', action: 'Deny', priority: 2_147_483_647, name: 'Deny all' },
      ],
      scmIpSecurityRestrictions: [
        { ipAddress: 'Any', action: 'Allow', priority: 2_147_483_647, name: 'Allow all' },
      ],
      scmIpSecurityRestrictionsUseMain: false,
    },
  })
  world.put({
    id: demoId('Microsoft.ApiManagement', 'service/apim-demo'),
    name: 'apim-demo',
    type: 'Microsoft.ApiManagement/service',
    location: LOCATION,
    sku: { name: 'Developer', capacity: 1 },
    properties: { provisioningState: 'Succeeded', publicNetworkAccess: 'Enabled' },
  })
  const [from, to] = surroundingRange(address)
  world.put({
    id: demoId('Microsoft.ApiManagement', 'service/apim-demo/policies/policy'),
    type: 'Microsoft.ApiManagement/service/policies',
    name: 'policy',
    properties: {
      format: 'xml',
      value: [
        '<policies>',
        '  <inbound>',
        '    <ip-filter action="allow">',
        `      <address>${address}</address>`,
        `      <address-range from="${from}" to="${to}" />`,
        '    </ip-filter>',
        '  </inbound>',
        '</policies>',
      ].join('\r\n'),
    },
  })
}

/** Resources of every kind with an allow list. Most of them contain egress addresses of demo clusters. */
export function addAllowLists(world: World): void {
  world.put(storageAccount(world, 'stdemoorders', ['lb-managed', 'lb-managed-ranges']))
  world.put(storageAccount(world, 'stdemoreports', ['nat-managed']))
  world.put(keyVault(world, 'kv-demo-payments', ['lb-byo', 'lb-byo-nat-ready', 'lb-managed']))
  world.put(keyVault(world, 'kv-demo-open', []))
  world.put(registry(world, 'acrdemo', ['lb-own-ips', 'lb-services', 'dualstack-managed']))
  allowOnApiServer(world, 'lb-managed-ranges', 'nat-managed')
  addDatabaseLists(world)
  addMessagingLists(world)
  addNetworkLists(world)
  addWafLists(world)
  addWebLists(world)
}

/** One cluster's API server is called from another cluster. */
function allowOnApiServer(world: World, called: string, caller: string): void {
  const cluster = world.get(clusterId(called))
  if (cluster === undefined) return
  authorizeRanges(world, cluster, [
    OFFICE,
    ...demoEgressAddresses(world, caller).map((address) => `${address}/32`),
  ])
}

function storageAccount(world: World, name: string, clusters: string[]): JsonObject {
  const ipRules = demoEgressAddresses(world, ...clusters).map((value) => ({ value, action: 'Allow' }))
  return {
    sku: { name: 'Standard_ZRS', tier: 'Standard' },
    kind: 'StorageV2',
    id: demoId('Microsoft.Storage', `storageAccounts/${name}`),
    name,
    type: 'Microsoft.Storage/storageAccounts',
    location: LOCATION,
    tags: {},
    properties: {
      publicNetworkAccess: 'Enabled',
      networkAcls: { bypass: 'AzureServices', virtualNetworkRules: [], ipRules, defaultAction: 'Deny' },
      supportsHttpsTrafficOnly: true,
      provisioningState: 'Succeeded',
    },
  }
}

function keyVault(world: World, name: string, clusters: string[]): JsonObject {
  const ipRules = demoEgressAddresses(world, ...clusters).map((address) => ({ value: `${address}/32` }))
  const defaultAction = clusters.length > 0 ? 'Deny' : 'Allow'
  return {
    id: demoId('Microsoft.KeyVault', `vaults/${name}`),
    name,
    type: 'Microsoft.KeyVault/vaults',
    location: LOCATION,
    tags: {},
    properties: {
      sku: { family: 'A', name: 'standard' },
      tenantId: TENANT,
      networkAcls: { bypass: 'AzureServices', defaultAction, ipRules, virtualNetworkRules: [] },
      enableRbacAuthorization: true,
      vaultUri: `https://${name}.vault.azure.net/`,
      provisioningState: 'Succeeded',
      publicNetworkAccess: 'Enabled',
    },
  }
}

function registry(world: World, name: string, clusters: string[]): JsonObject {
  const ipRules = demoEgressAddresses(world, ...clusters).map((value) => ({ action: 'Allow', value }))
  return {
    sku: { name: 'Premium', tier: 'Premium' },
    type: 'Microsoft.ContainerRegistry/registries',
    id: demoId('Microsoft.ContainerRegistry', `registries/${name}`),
    name,
    location: LOCATION,
    tags: {},
    properties: {
      loginServer: `${name}.azurecr.io`,
      provisioningState: 'Succeeded',
      adminUserEnabled: false,
      networkRuleSet: { defaultAction: 'Deny', ipRules },
      publicNetworkAccess: 'Enabled',
    },
  }
}
