import type { JsonObject } from '../json.ts'
import type { World } from '../world/world.ts'
import { egressAddresses } from './add-cluster.ts'
import { clusterId, GROUP, LOCATION, SUBSCRIPTION, TENANT } from './place.ts'

/** Storage accounts, key vaults and a registry whose network rules allow egress addresses of demo clusters. */
export function addAllowLists(world: World): void {
  world.put(storageAccount(world, 'stdemoorders', ['lb-managed', 'lb-managed-ranges']))
  world.put(storageAccount(world, 'stdemoreports', ['nat-managed']))
  world.put(keyVault(world, 'kv-demo-payments', ['lb-byo', 'lb-byo-nat-ready', 'lb-managed']))
  world.put(keyVault(world, 'kv-demo-open', []))
  world.put(registry(world, 'acrdemo', ['lb-own-ips', 'lb-services', 'dualstack-managed']))
}

function addressesOf(world: World, clusters: string[]): string[] {
  return clusters
    .flatMap((name) => egressAddresses(world, world.get(clusterId(name)) ?? {}))
    .filter((address) => !address.includes(':'))
}

function place(provider: string, name: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/${provider}/${name}`
}

function storageAccount(world: World, name: string, clusters: string[]): JsonObject {
  const ipRules = addressesOf(world, clusters).map((value) => ({ value, action: 'Allow' }))
  return {
    sku: { name: 'Standard_ZRS', tier: 'Standard' },
    kind: 'StorageV2',
    id: place('Microsoft.Storage/storageAccounts', name),
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
  const ipRules = addressesOf(world, clusters).map((address) => ({ value: `${address}/32` }))
  const defaultAction = clusters.length > 0 ? 'Deny' : 'Allow'
  return {
    id: place('Microsoft.KeyVault/vaults', name),
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
  const ipRules = addressesOf(world, clusters).map((value) => ({ action: 'Allow', value }))
  return {
    sku: { name: 'Premium', tier: 'Premium' },
    type: 'Microsoft.ContainerRegistry/registries',
    id: place('Microsoft.ContainerRegistry/registries', name),
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
