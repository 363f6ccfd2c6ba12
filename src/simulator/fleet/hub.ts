import { textAt } from '../json.ts'
import type { World } from '../world/world.ts'
import { ownPublicIp, ownResource, ownRouteTable, subnetBody } from './own-network.ts'
import { networkId } from './place.ts'

const PRIVATE_ADDRESS = '10.250.0.4'

/** The hub network with an Azure Firewall and two public addresses, made once; returns those addresses. */
function ensureHub(world: World): string[] {
  const ipIds = ['pip-fw-hub-1', 'pip-fw-hub-2'].map((name) => networkId('publicIPAddresses', name))
  if (world.get(networkId('azureFirewalls', 'fw-hub')) === undefined) makeHub(world)
  return ipIds.map((id) => textAt(world.get(id), 'properties', 'ipAddress') ?? '')
}

function makeHub(world: World): void {
  const network = networkId('virtualNetworks', 'vnet-hub')
  ownResource(world, 'virtualNetworks', 'vnet-hub', {
    addressSpace: { addressPrefixes: ['10.250.0.0/16'] },
    privateEndpointVNetPolicies: 'Disabled',
    subnets: [subnetBody(world, network, { name: 'AzureFirewallSubnet' }, '10.250.0.0/26')],
    virtualNetworkPeerings: [],
    enableDdosProtection: false,
  })
  const firewall = networkId('azureFirewalls', 'fw-hub')
  const ipConfigurations = ['pip-fw-hub-1', 'pip-fw-hub-2'].map((name, index) => ({
    name: `ipconfig-${index + 1}`,
    id: `${firewall}/azureFirewallIpConfigurations/ipconfig-${index + 1}`,
    etag: `W/"${world.nextGuid()}"`,
    type: 'Microsoft.Network/azureFirewalls/azureFirewallIpConfigurations',
    properties: {
      provisioningState: 'Succeeded',
      ...(index === 0 ? { privateIPAddress: PRIVATE_ADDRESS } : {}),
      privateIPAllocationMethod: 'Dynamic',
      publicIPAddress: { id: ownPublicIp(world, name) },
      ...(index === 0 ? { subnet: { id: `${network}/subnets/AzureFirewallSubnet` } } : {}),
    },
  }))
  ownResource(world, 'azureFirewalls', 'fw-hub', {
    sku: { name: 'AZFW_VNet', tier: 'Standard' },
    threatIntelMode: 'Alert',
    ipConfigurations,
    networkRuleCollections: [],
    applicationRuleCollections: [],
    natRuleCollections: [],
  })
}

/** A route table whose default route leads to the firewall; returns its id. */
export function routeTableToFirewall(world: World, cluster: string): string {
  const addresses = ensureHub(world)
  return ownRouteTable(
    world,
    cluster,
    { nextHopType: 'VirtualAppliance', nextHopIpAddress: PRIVATE_ADDRESS },
    addresses.slice(0, 1),
  )
}
