import type { JsonObject } from '../../json.ts'
import type { World } from '../../world/world.ts'
import { LOCATION } from '../place.ts'
import { demoId, egressOf, rangeAround, wideBlockAround } from './egress-of.ts'

/** Databases: a Cosmos DB account, and servers whose firewall rules are resources of their own. */
export function addDatabaseLists(world: World): void {
  const [address = ''] = egressOf(world, 'lb-managed')
  const [other = ''] = egressOf(world, 'lb-byo')
  world.put(cosmosAccount('cosmos-demo', [other, wideBlockAround(address)]))
  server(world, 'Microsoft.Sql', 'servers', 'sql-demo', {
    AllowAllWindowsAzureIps: ['0.0.0.0', '0.0.0.0'],
    'aks-lb-managed': [address, address],
  })
  server(world, 'Microsoft.DBforPostgreSQL', 'flexibleServers', 'psql-demo', {
    'aks-clusters': rangeAround(address),
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
