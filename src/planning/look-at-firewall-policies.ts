import { effectiveDefaultRouteOf } from '../core/effective-egress.ts'
import type { FirewallPolicyFacts } from '../core/firewall-rules.ts'
import { type NetworkCollection, subnetOf } from '../core/network-collection.ts'
import { idKey } from '../core/resource-id.ts'
import type { ClusterFacts } from '../core/snapshot.ts'
import type { Read, Surroundings } from '../core/surroundings.ts'
import { subnetIdsOf } from '../core/vnet-kind.ts'
import type { Around } from './look-around.ts'
import { unreadOf } from './reading.ts'

type Policies = Surroundings['firewallPolicies']

/**
 * The policies of the firewalls that the cluster's default routes lead to, or will lead to, each with its base
 * policy. One round after the network lists, and one more only for a policy with a base; none for a firewall that
 * holds its rules itself.
 */
export async function lookAtFirewallPolicies(around: Around): Promise<Policies> {
  const [cluster, network] = await Promise.all([around.cluster, around.network])
  const hops = new Set([...nextHops(cluster, network), ...wantedHop(around)])
  const ids = Object.values(network.azureFirewalls)
    .filter((firewall) => firewall.privateAddresses.some((address) => hops.has(address)))
    .flatMap((firewall) => firewall.policyId ?? [])
  const policies: Policies = {}
  await Promise.all(distinct(ids).map((id) => withBase(around, id, policies)))
  return policies
}

/** A base policy has no base of its own. */
async function withBase(around: Around, id: string, policies: Policies): Promise<void> {
  const read = await policyOf(around, id)
  policies[idKey(id)] = read
  const base = read.value?.basePolicyId ?? null
  if (base !== null && policies[idKey(base)] === undefined)
    policies[idKey(base)] = await policyOf(around, base)
}

async function policyOf({ arm, options }: Around, id: string): Promise<Read<FirewallPolicyFacts>> {
  try {
    return { value: await arm.getFirewallPolicy(id, options), unread: null }
  } catch (error) {
    return { value: null, unread: unreadOf(id, error) }
  }
}

function nextHops(cluster: ClusterFacts, network: NetworkCollection): string[] {
  return subnetIdsOf(cluster).flatMap((id) => {
    const subnet = subnetOf(network, id)
    const route = subnet === undefined ? null : effectiveDefaultRouteOf(subnet, network.routeTables)
    return route === null || typeof route === 'string' ? [] : (route.nextHopIpAddress ?? [])
  })
}

function wantedHop({ request }: Around): string[] {
  const hop = request?.prepare?.defaultRoute?.nextHopIpAddress
  return hop === undefined ? [] : [hop]
}

function distinct(ids: string[]): string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}
