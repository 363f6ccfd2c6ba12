import { inOrder, type JsonObject } from '../lib/json.ts'
import type { World } from '../world/world.ts'

/** The options of a public IP that exists from the start. Defaults: SKU Standard, and an idle timeout of 4 minutes. */
interface PublicIpSpec {
  id: string
  location: string | undefined
  family?: 'IPv4' | 'IPv6'
  sku?: 'Standard' | 'StandardV2'
  idleTimeoutInMinutes?: number
  tags?: JsonObject
  /** Default: the next free address. */
  ipAddress?: string
}

/** Stores a public IP in the form of the recordings; returns its ID. */
export function putPublicIp(world: World, spec: PublicIpSpec): string {
  const { id, location, tags, family = 'IPv4', sku = 'Standard', idleTimeoutInMinutes = 4 } = spec
  const body: JsonObject = {
    name: id.split('/').at(-1),
    id,
    etag: world.nextEtag(),
    location,
    tags,
    zones: sku === 'StandardV2' ? ['1', '2', '3'] : undefined,
    properties: {
      provisioningState: 'Succeeded',
      resourceGuid: world.nextGuid(),
      ipAddress: spec.ipAddress ?? world.nextAddress(family),
      ...publicIpProperties({ publicIPAddressVersion: family, idleTimeoutInMinutes }),
    },
    type: 'Microsoft.Network/publicIPAddresses',
    sku: { name: sku, tier: 'Regional' },
  }
  world.put(inOrder(body, []))
  return id
}

/** The properties of a public IP that follow its address, with the defaults of Azure. */
export function publicIpProperties(given: JsonObject): JsonObject {
  return {
    publicIPAddressVersion: given.publicIPAddressVersion ?? 'IPv4',
    publicIPAllocationMethod: given.publicIPAllocationMethod ?? 'Static',
    idleTimeoutInMinutes: given.idleTimeoutInMinutes ?? 4,
    ipTags: given.ipTags ?? [],
    ddosSettings: given.ddosSettings ?? { protectionMode: 'VirtualNetworkInherited' },
  }
}
