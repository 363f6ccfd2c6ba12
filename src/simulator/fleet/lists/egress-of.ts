import type { World } from '../../world/world.ts'
import { egressAddresses } from '../add-cluster.ts'
import { clusterId, GROUP, SUBSCRIPTION } from '../place.ts'

/** The IPv4 egress addresses of demo clusters. */
export function egressOf(world: World, ...clusters: string[]): string[] {
  return clusters
    .flatMap((name) => egressAddresses(world, world.get(clusterId(name)) ?? {}))
    .filter((address) => !address.includes(':'))
}

/** The block of 65,536 addresses around one, as people write it who do not want to think of single addresses. */
export function wideBlockAround(address: string): string {
  return `${address.split('.').slice(0, 2).join('.')}.0.0/16`
}

/** The first and the last of the 256 addresses around one. */
export function rangeAround(address: string): [string, string] {
  const start = address.split('.').slice(0, 3).join('.')
  return [`${start}.0`, `${start}.255`]
}

/** The id of a resource of any type in the demo resource group; children are named `type/name/childType/childName`. */
export function demoId(provider: string, path: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}/providers/${provider}/${path}`
}
