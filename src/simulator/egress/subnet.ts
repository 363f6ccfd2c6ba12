import { type JsonObject, objectsAt, textAt, withMembers, withProperties } from '../json.ts'
import type { World } from '../world/world.ts'

/** The id of the virtual network that a subnet id lies in. */
export function networkIdOf(subnetId: string): string {
  return subnetId.split('/').slice(0, 9).join('/')
}

/** The subnet with this id, inside its virtual network. */
export function findSubnet(world: World, subnetId: string): JsonObject | undefined {
  const wanted = subnetId.toLowerCase()
  return objectsAt(world.get(networkIdOf(subnetId)), 'properties', 'subnets').find(
    (subnet) => textAt(subnet, 'id')?.toLowerCase() === wanted,
  )
}

/** Changes properties of a subnet (undefined removes one); a missing subnet is left missing. */
export function changeSubnet(world: World, subnetId: string, change: JsonObject): void {
  const subnet = findSubnet(world, subnetId)
  if (subnet === undefined) return
  putSubnet(world, withProperties(subnet, change))
}

/** Puts a subnet into its virtual network, in the place of the one with its id or at the end. New ETags for both. */
export function putSubnet(world: World, subnet: JsonObject): void {
  const id = textAt(subnet, 'id') ?? ''
  const network = world.get(networkIdOf(id))
  if (network === undefined) return
  const etag = `W/"${world.nextGuid()}"`
  const next = withMembers(subnet, { etag })
  const subnets = objectsAt(network, 'properties', 'subnets')
  const present = subnets.some((entry) => textAt(entry, 'id')?.toLowerCase() === id.toLowerCase())
  const replaced = present
    ? subnets.map((entry) => (textAt(entry, 'id')?.toLowerCase() === id.toLowerCase() ? next : entry))
    : [...subnets, next]
  world.put({ ...withProperties(network, { subnets: replaced }), etag })
}
