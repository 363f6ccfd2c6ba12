import { effectiveDefaultRouteOf } from '../core/effective-egress.ts'
import type { FirewallPolicyFacts } from '../core/firewall-rules.ts'
import { type NetworkCollection, subnetOf } from '../core/network-collection.ts'
import { idKey } from '../core/resource-id.ts'
import type { Reading } from '../core/rights-facts.ts'
import type { ClusterFacts } from '../core/snapshot.ts'
import type { Surroundings } from '../core/surroundings.ts'
import { subnetIdsOf } from '../core/vnet-kind.ts'
import { mayLeaveByAppliance } from './leaves-by-appliance.ts'
import type { Around } from './look-around.ts'
import { reading } from './reading.ts'

type Policies = Surroundings['firewallPolicies']

/**
 * The policies of the firewalls that the cluster's default routes lead to, or will lead to, each with its base
 * policy: one round after the network lists, because which stands on which is listed beside them. A base that the
 * list did not show, as in another subscription, takes one round more.
 */
export async function lookAtFirewallPolicies(around: Around): Promise<Policies> {
  if (!mayLeaveByAppliance(around)) return {}
  const { arm, options, ref } = around
  const list = reading(WHAT, () => arm.listFirewallPolicies(ref.subscriptionId, options))
  const [cluster, network, listed] = await Promise.all([around.cluster, around.network, list])
  const known = 'facts' in listed ? listed.facts : []
  const hops = new Set([...nextHops(cluster, network), ...wantedHop(around)])
  const ids = Object.values(network.azureFirewalls)
    .filter((firewall) => firewall.privateAddresses.some((address) => hops.has(address)))
    .flatMap((firewall) => firewall.policyId ?? [])
  const bases = ids.flatMap((id) => known.find((each) => idKey(each.id) === idKey(id))?.basePolicyId ?? [])
  const policies = await readAll(around, [...ids, ...bases])
  return { ...policies, ...(await readAll(around, missingBases(policies))) }
}

const WHAT = 'Microsoft.Network/firewallPolicies'

/** A base policy has no base of its own. */
function missingBases(policies: Policies): string[] {
  return Object.values(policies).flatMap((read) => {
    const base = 'facts' in read ? read.facts.basePolicyId : null
    return base === null || policies[idKey(base)] !== undefined ? [] : [base]
  })
}

async function readAll(around: Around, ids: string[]): Promise<Policies> {
  const reads = distinct(ids).map(async (id) => [idKey(id), await policyOf(around, id)] as const)
  return Object.fromEntries(await Promise.all(reads))
}

function policyOf({ arm, options }: Around, id: string): Promise<Reading<FirewallPolicyFacts>> {
  return reading(id, () => arm.getFirewallPolicy(id, options))
}

function nextHops(cluster: ClusterFacts, network: NetworkCollection): string[] {
  return subnetIdsOf(cluster).flatMap((id) => {
    const subnet = subnetOf(network, id)
    const route = subnet === undefined ? null : effectiveDefaultRouteOf(subnet, network.routeTables)
    return route === null || typeof route === 'string' ? [] : (route.nextHopIpAddress ?? [])
  })
}

function wantedHop({ prepare }: Around): string[] {
  const hop = prepare?.defaultRoute?.nextHopIpAddress
  return hop === undefined ? [] : [hop]
}

function distinct(ids: string[]): string[] {
  return [...new Map(ids.map((id) => [idKey(id), id])).values()]
}
