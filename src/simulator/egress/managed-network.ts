import { namedSubnets, nodeResourceId } from '../cluster/cluster-facts.ts'
import { idsAt, type JsonObject, textAt } from '../json.ts'
import { defaultSecurityRules } from '../network/default-security-rules.ts'
import { digitsOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'

/** The subnets in which a cluster's nodes live: those its pools name, or the one AKS made. */
export function aksSubnetIds(world: World, cluster: JsonObject): string[] {
  const named = namedSubnets(cluster)
  return named.length > 0 ? named : idsAt(world.get(managedNetworkId(cluster)), 'properties', 'subnets')
}

/** The id of the virtual network that AKS makes in the node resource group. */
function managedNetworkId(cluster: JsonObject): string {
  return nodeResourceId(cluster, 'virtualNetworks', `aks-vnet-${digitsOf(textAt(cluster, 'id') ?? '')}`)
}

/** The id of the network security group that AKS makes in the node resource group. */
export function managedSecurityGroupId(cluster: JsonObject): string {
  const digits = digitsOf(textAt(cluster, 'id') ?? '')
  return nodeResourceId(cluster, 'networkSecurityGroups', `aks-agentpool-${digits}-nsg`)
}

/** Makes network security group and, for a managed VNet, virtual network and subnet, where they are missing. */
export function ensureManagedNetwork(world: World, cluster: JsonObject): void {
  const groupId = managedSecurityGroupId(cluster)
  if (world.get(groupId) === undefined) world.put(securityGroup(world, cluster, groupId))
  const id = managedNetworkId(cluster)
  if (namedSubnets(cluster).length > 0 || world.get(id) !== undefined) return
  world.put(managedNetwork(world, cluster, id, groupId))
}

function securityGroup(world: World, cluster: JsonObject, id: string): JsonObject {
  return {
    name: id.split('/').at(-1),
    id,
    etag: `W/"${world.nextGuid()}"`,
    type: 'Microsoft.Network/networkSecurityGroups',
    location: textAt(cluster, 'location'),
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: world.nextGuid(),
      securityRules: [],
      defaultSecurityRules: defaultSecurityRules(id),
    },
  }
}

function managedNetwork(world: World, cluster: JsonObject, id: string, groupId: string): JsonObject {
  const etag = `W/"${world.nextGuid()}"`
  return {
    name: id.split('/').at(-1),
    id,
    etag,
    type: 'Microsoft.Network/virtualNetworks',
    location: textAt(cluster, 'location'),
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: world.nextGuid(),
      addressSpace: { addressPrefixes: ['10.224.0.0/12'] },
      privateEndpointVNetPolicies: 'Disabled',
      subnets: [
        {
          name: 'aks-subnet',
          id: `${id}/subnets/aks-subnet`,
          etag,
          properties: {
            provisioningState: 'Succeeded',
            addressPrefix: '10.224.0.0/16',
            networkSecurityGroup: { id: groupId },
            // New managed VNets have private subnets since 2026-03-31 (recordings README).
            defaultOutboundAccess: false,
            delegations: [],
            privateEndpointNetworkPolicies: 'Disabled',
            privateLinkServiceNetworkPolicies: 'Enabled',
          },
          type: 'Microsoft.Network/virtualNetworks/subnets',
        },
      ],
      virtualNetworkPeerings: [],
      enableDdosProtection: false,
    },
  }
}
