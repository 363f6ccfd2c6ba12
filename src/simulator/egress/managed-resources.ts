import { clusterRefOf, nodeResourceId, subnetIdsOf } from '../arm/managed-cluster.ts'
import { idsAt, type JsonObject, objectsAt, textAt, withProperties } from '../lib/json.ts'
import { defaultSecurityRules } from '../network/network-body.ts'
import { putPublicIp } from '../network/public-ip.ts'
import { digitsOf } from '../world/identifiers.ts'
import type { World } from '../world/world.ts'

/** The subnets of the nodes of a cluster: the subnets that its pools name, or the AKS-managed subnet. */
export function aksSubnetIds(world: World, cluster: JsonObject): string[] {
  const named = subnetIdsOf(cluster)
  return named.length > 0 ? named : idsAt(world.get(managedNetworkId(cluster)), 'properties', 'subnets')
}

/** The ID of the virtual network that AKS creates in the node resource group. */
export function managedNetworkId(cluster: JsonObject): string {
  return nodeResourceId(cluster, 'virtualNetworks', `aks-vnet-${digitsOf(textAt(cluster, 'id') ?? '')}`)
}

/** The ID of the network security group that AKS creates in the node resource group. */
export function managedSecurityGroupId(cluster: JsonObject): string {
  const digits = digitsOf(textAt(cluster, 'id') ?? '')
  return nodeResourceId(cluster, 'networkSecurityGroups', `aks-agentpool-${digits}-nsg`)
}

/** Creates the network security group and, for a managed VNet, the virtual network and subnet, if they are missing. */
export function ensureManagedNetwork(world: World, cluster: JsonObject): void {
  const groupId = managedSecurityGroupId(cluster)
  if (world.get(groupId) === undefined) world.put(securityGroup(world, cluster, groupId))
  const id = managedNetworkId(cluster)
  if (subnetIdsOf(cluster).length > 0 || world.get(id) !== undefined) return
  world.put(managedNetwork(world, cluster, id, groupId))
}

function securityGroup(world: World, cluster: JsonObject, id: string): JsonObject {
  return {
    name: id.split('/').at(-1),
    id,
    etag: world.nextEtag(),
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
  const etag = world.nextEtag()
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
            // New managed VNets have private subnets since 2026-03-31 (test/data/recordings).
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

/** It is documented that AKS writes security rules (concepts-network-isolated); the name of the rule is inferred. */
const BLOCK_RULE_NAME = 'aks-block-outbound-internet'

/** Writes the rule that denies traffic to the internet, for outbound type `block`. */
export function enableBlock(world: World, cluster: JsonObject): void {
  ensureManagedNetwork(world, cluster)
  const id = managedSecurityGroupId(cluster)
  writeRules(world, id, [
    ...otherRules(world, id),
    {
      name: BLOCK_RULE_NAME,
      id: `${id}/securityRules/${BLOCK_RULE_NAME}`,
      properties: {
        provisioningState: 'Succeeded',
        protocol: '*',
        sourcePortRange: '*',
        destinationPortRange: '*',
        sourceAddressPrefix: '*',
        destinationAddressPrefix: 'Internet',
        access: 'Deny',
        priority: 4000,
        direction: 'Outbound',
      },
      type: 'Microsoft.Network/networkSecurityGroups/securityRules',
    },
  ])
}

/** Removes the rule (inferred). */
export function disableBlock(world: World, cluster: JsonObject): void {
  const id = managedSecurityGroupId(cluster)
  writeRules(world, id, otherRules(world, id))
}

function otherRules(world: World, id: string): JsonObject[] {
  return objectsAt(world.get(id), 'properties', 'securityRules').filter(
    (rule) => textAt(rule, 'name') !== BLOCK_RULE_NAME,
  )
}

function writeRules(world: World, id: string, rules: JsonObject[]): void {
  const group = world.get(id)
  if (group !== undefined) world.replace(withProperties(group, { securityRules: rules }))
}

/**
 * Creates a public IP in the node resource group, as AKS does for managed outbound addresses: a GUID as name, and
 * `-ipv6` behind it for IPv6 (recording 8c). `id` is set if a cluster body already names the address. Returns the id.
 */
export function createManagedIp(
  world: World,
  cluster: JsonObject,
  wish: { family: 'IPv4' | 'IPv6'; sku: 'Standard' | 'StandardV2'; id?: string },
): string {
  const suffix = wish.family === 'IPv6' ? '-ipv6' : ''
  const id = wish.id ?? nodeResourceId(cluster, 'publicIPAddresses', `${world.nextGuid()}${suffix}`)
  return putPublicIp(world, {
    ...wish,
    id,
    location: textAt(cluster, 'location'),
    idleTimeoutInMinutes: 30,
    // Tag names as observed on clusters; the documentation names the first only by its effect.
    tags: {
      'aks-managed-type': 'aks-slb-managed-outbound-ip',
      'aks-managed-cluster-name': clusterRefOf(cluster).name,
    },
  })
}

/** The existing AKS-managed addresses of this cluster in a list, of one family. */
export function managedIpsAmong(
  world: World,
  cluster: JsonObject,
  ids: readonly string[],
  family: 'IPv4' | 'IPv6',
): string[] {
  const inNodeGroup = nodeResourceId(cluster, 'publicIPAddresses', '').toLowerCase()
  return ids.filter((id) => {
    const version = textAt(world.get(id), 'properties', 'publicIPAddressVersion')
    return version === family && id.toLowerCase().startsWith(inNodeGroup)
  })
}

/**
 * Changes the number of managed addresses of one family. The first addresses are kept, and missing addresses are
 * created. Surplus addresses are returned, to be released when nothing refers to them (recording 3: the old address is
 * kept, and the new address is appended).
 */
export function scaleManagedIps(
  world: World,
  cluster: JsonObject,
  existing: readonly string[],
  wish: { family: 'IPv4' | 'IPv6'; sku: 'Standard' | 'StandardV2'; count: number },
): { ids: string[]; surplus: string[] } {
  const ids = existing.slice(0, wish.count)
  while (ids.length < wish.count) ids.push(createManagedIp(world, cluster, wish))
  return { ids, surplus: existing.slice(wish.count) }
}
