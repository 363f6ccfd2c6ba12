import type { JsonObject } from '../../json.ts'
import type { World } from '../../world/world.ts'
import { authorizeRanges } from '../add-cluster.ts'
import { OFFICE } from '../managed-members.ts'
import { clusterId, LOCATION, TENANT } from '../place.ts'
import { addDatabaseLists } from './database-lists.ts'
import { demoId, egressOf } from './egress-of.ts'
import { addMessagingLists } from './messaging-lists.ts'
import { addNetworkLists } from './network-lists.ts'
import { addWafLists } from './waf-lists.ts'
import { addWebLists } from './web-lists.ts'

/** Resources of every kind that can hold an allow-list, most of which name egress addresses of demo clusters. */
export function addAllowLists(world: World): void {
  world.put(storageAccount(world, 'stdemoorders', ['lb-managed', 'lb-managed-ranges']))
  world.put(storageAccount(world, 'stdemoreports', ['nat-managed']))
  world.put(keyVault(world, 'kv-demo-payments', ['lb-byo', 'lb-byo-nat-ready', 'lb-managed']))
  world.put(keyVault(world, 'kv-demo-open', []))
  world.put(registry(world, 'acrdemo', ['lb-own-ips', 'lb-services', 'dualstack-managed']))
  admitToApiServer(world, 'lb-managed-ranges', 'nat-managed')
  addDatabaseLists(world)
  addMessagingLists(world)
  addNetworkLists(world)
  addWafLists(world)
  addWebLists(world)
}

/** One cluster's API server is called from another cluster. */
function admitToApiServer(world: World, called: string, caller: string): void {
  const cluster = world.get(clusterId(called))
  if (cluster === undefined) return
  authorizeRanges(world, cluster, [OFFICE, ...egressOf(world, caller).map((address) => `${address}/32`)])
}

function storageAccount(world: World, name: string, clusters: string[]): JsonObject {
  const ipRules = egressOf(world, ...clusters).map((value) => ({ value, action: 'Allow' }))
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
  const ipRules = egressOf(world, ...clusters).map((address) => ({ value: `${address}/32` }))
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
  const ipRules = egressOf(world, ...clusters).map((value) => ({ action: 'Allow', value }))
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
