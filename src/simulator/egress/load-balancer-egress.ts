import { isDualStack, networkProfileOf } from '../cluster/cluster-facts.ts'
import { idsAt, inOrder, type JsonObject, numberAt, objectAt, references, withMembers } from '../json.ts'
import type { World } from '../world/world.ts'
import { writeOutboundRules } from './load-balancer.ts'
import { createManagedIp, managedIpsAmong, toCount } from './public-ip.ts'

/** Order of members in a shown profile (recordings README, "Casing and form"). */
const PROFILE_ORDER = [
  'managedOutboundIPs',
  'outboundIPPrefixes',
  'outboundIPs',
  'effectiveOutboundIPs',
  'allocatedOutboundPorts',
  'idleTimeoutInMinutes',
  'backendPoolType',
  'clusterServiceLoadBalancerHealthProbeMode',
]

/** A load balancer profile in the order in which it is shown. */
export function orderedLoadBalancerProfile(profile: JsonObject): JsonObject {
  return inOrder(profile, PROFILE_ORDER)
}

/**
 * Makes the load balancer carry egress as `wanted` says: managed addresses are brought to the count, keeping those
 * that exist; own addresses and prefixes are used as named. Returns the profile with its effective addresses.
 */
export function enterLoadBalancer(world: World, cluster: JsonObject, wanted: JsonObject): JsonObject {
  const profile = withDefaultAddresses(cluster, wanted)
  const present = idsAt(networkProfileOf(cluster), 'loadBalancerProfile', 'effectiveOutboundIPs')
  createMissing(world, cluster, present)
  const v4 = managed(world, cluster, present, 'IPv4', numberAt(profile, 'managedOutboundIPs', 'count') ?? 0)
  const v6 = managed(
    world,
    cluster,
    present,
    'IPv6',
    numberAt(profile, 'managedOutboundIPs', 'countIPv6') ?? 0,
  )
  const ids = [...ownAddresses(profile), ...v4.ids, ...v6.ids]
  writeOutboundRules(world, cluster, { ids, profile })
  for (const id of [...v4.surplus, ...v6.surplus]) world.remove(id)
  return orderedLoadBalancerProfile({ ...profile, effectiveOutboundIPs: references(ids) })
}

/**
 * Takes egress off the load balancer: its outbound rules go, managed addresses are released, own ones only freed.
 * Returns what AKS goes on showing: the profile without any address (recordings 1 and 2).
 */
export function leaveLoadBalancer(world: World, cluster: JsonObject): JsonObject | undefined {
  const profile = objectAt(networkProfileOf(cluster), 'loadBalancerProfile')
  const present = idsAt(profile, 'effectiveOutboundIPs')
  writeOutboundRules(world, cluster, { ids: [], profile: {} })
  for (const family of ['IPv4', 'IPv6'] as const)
    for (const id of managedIpsAmong(world, cluster, present, family)) world.remove(id)
  return profile === undefined ? undefined : withoutAddresses(profile)
}

/** The part of a profile that says nothing about addresses. */
export function withoutAddresses(profile: JsonObject): JsonObject {
  return withMembers(profile, {
    managedOutboundIPs: undefined,
    outboundIPs: undefined,
    outboundIPPrefixes: undefined,
    effectiveOutboundIPs: undefined,
  })
}

/** Addresses and prefixes that the customer named. */
export function ownAddresses(profile: JsonObject): string[] {
  return [
    ...idsAt(profile, 'outboundIPPrefixes', 'publicIPPrefixes'),
    ...idsAt(profile, 'outboundIPs', 'publicIPs'),
  ]
}

/** One managed address (and one of IPv6 on dual stack) where the request names no source of addresses. */
export function withDefaultAddresses(cluster: JsonObject, wanted: JsonObject): JsonObject {
  if (ownAddresses(wanted).length > 0) return wanted
  const given = objectAt(wanted, 'managedOutboundIPs')
  const count = numberAt(given, 'count') ?? 1
  const countIPv6 = numberAt(given, 'countIPv6') ?? (isDualStack(networkProfileOf(cluster)) ? 1 : 0)
  return orderedLoadBalancerProfile({
    ...wanted,
    managedOutboundIPs: countIPv6 > 0 ? { count, countIPv6 } : { count },
  })
}

function managed(
  world: World,
  cluster: JsonObject,
  present: readonly string[],
  family: 'IPv4' | 'IPv6',
  count: number,
): { ids: string[]; surplus: string[] } {
  const existing = managedIpsAmong(world, cluster, present, family)
  return toCount(world, cluster, existing, { family, sku: 'Standard', count })
}

/** A cluster given as a bare body names addresses that no resource stands for yet. */
function createMissing(world: World, cluster: JsonObject, present: readonly string[]): void {
  for (const id of present) {
    if (world.get(id) !== undefined || !/\/publicIPAddresses\//i.test(id)) continue
    createManagedIp(world, cluster, { family: id.endsWith('-ipv6') ? 'IPv6' : 'IPv4', sku: 'Standard', id })
  }
}
