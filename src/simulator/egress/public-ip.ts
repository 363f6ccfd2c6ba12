import { clusterPlace, nodeResourceId } from '../cluster/cluster-facts.ts'
import { type JsonObject, textAt } from '../json.ts'
import type { World } from '../world/world.ts'

/**
 * Creates a public IP in the node resource group, as AKS does for managed outbound addresses: a GUID as name, and
 * `-ipv6` behind it for IPv6 (recording 8c). `id` is given when a cluster body already names the address.
 * Returns the id.
 */
export function createManagedIp(
  world: World,
  cluster: JsonObject,
  wish: { family: 'IPv4' | 'IPv6'; sku: 'Standard' | 'StandardV2'; id?: string },
): string {
  const suffix = wish.family === 'IPv6' ? '-ipv6' : ''
  const id = wish.id ?? nodeResourceId(cluster, 'publicIPAddresses', `${world.nextGuid()}${suffix}`)
  world.put({
    name: id.split('/').at(-1),
    id,
    etag: `W/"${world.nextGuid()}"`,
    location: textAt(cluster, 'location'),
    // Tag names as observed on clusters; the documentation names the first only by its effect.
    tags: {
      'aks-managed-type': 'aks-slb-managed-outbound-ip',
      'aks-managed-cluster-name': clusterPlace(cluster).name,
    },
    ...(wish.sku === 'StandardV2' ? { zones: ['1', '2', '3'] } : {}),
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: world.nextGuid(),
      ipAddress: world.nextAddress(wish.family),
      publicIPAddressVersion: wish.family,
      publicIPAllocationMethod: 'Static',
      idleTimeoutInMinutes: 30,
      ipTags: [],
      ddosSettings: { protectionMode: 'VirtualNetworkInherited' },
    },
    type: 'Microsoft.Network/publicIPAddresses',
    sku: { name: wish.sku, tier: 'Regional' },
  })
  return id
}

/** The addresses of a list that AKS made for this cluster and that still exist, of one family. */
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
 * Brings managed addresses of one family to a count: the first ones are kept, missing ones are created, surplus ones
 * are returned for release once nothing refers to them (recording 3: the old address is kept, the new one appended).
 */
export function toCount(
  world: World,
  cluster: JsonObject,
  existing: readonly string[],
  wish: { family: 'IPv4' | 'IPv6'; sku: 'Standard' | 'StandardV2'; count: number },
): { ids: string[]; surplus: string[] } {
  const ids = existing.slice(0, wish.count)
  while (ids.length < wish.count) ids.push(createManagedIp(world, cluster, wish))
  return { ids, surplus: existing.slice(wish.count) }
}
