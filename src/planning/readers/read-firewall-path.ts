import { distinctIds, idKey } from '../../core/arm/resource-id.ts'
import { hopAddresses } from '../../core/egress/routes.ts'
import { type NetworkCollection, subnetOf } from '../../core/snapshot/assemble.ts'
import type { ReadResult } from '../../core/snapshot/authorization-facts.ts'
import type { FirewallPolicyFacts } from '../../core/snapshot/firewall-facts.ts'
import type { ClusterFacts, Surroundings } from '../../core/snapshot/snapshot.ts'
import { subnetIdsOf } from '../../core/snapshot/vnet-kind.ts'
import { type ReadContext, tryRead } from './read-context.ts'

/** Whether the plan may route the egress of nodes through an appliance: only then its policies are read. */
function mayUseAppliance({ request }: ReadContext): boolean {
  if (request === null) return true
  return request.target.outboundType === 'userDefinedRouting' || request.upgradeNodeImages === true
}

const DEPENDENCIES_TYPE = 'Microsoft.ContainerService/managedClusters/outboundNetworkDependenciesEndpoints'

/** The endpoints that AKS reports as required. Depends on nothing but the cluster's name. */
export async function readOutboundDependencies(
  context: ReadContext,
): Promise<Surroundings['outboundDependencies']> {
  const { arm, ref, options } = context
  if (!mayUseAppliance(context)) return null
  return tryRead(DEPENDENCIES_TYPE, () => arm.listOutboundDependencies(ref, options))
}

type Policies = Surroundings['firewallPolicies']

/**
 * The policies of the firewalls that are or will be next hops of the cluster's default routes, each with its base policy:
 * one round after the network lists, because the list of policies in parallel with them shows the base policies. A base
 * policy that the list does not show, such as one in another subscription, takes one round more.
 */
export async function readFirewallPolicies(context: ReadContext): Promise<Policies> {
  if (!mayUseAppliance(context)) return {}
  const { arm, options, ref } = context
  const list = tryRead(FIREWALL_POLICIES_TYPE, () => arm.listFirewallPolicies(ref.subscriptionId, options))
  const [cluster, network, listed] = await Promise.all([context.cluster, context.network, list])
  const known = 'facts' in listed ? listed.facts : []
  const hops = new Set([...nextHops(cluster, network), ...requestedNextHop(context)])
  const ids = Object.values(network.azureFirewalls)
    .filter((firewall) => firewall.privateAddresses.some((address) => hops.has(address)))
    .flatMap((firewall) => firewall.policyId ?? [])
  const bases = ids.flatMap(
    (id) => known.find((policy) => idKey(policy.id) === idKey(id))?.basePolicyId ?? [],
  )
  const policies = await readPoliciesById(context, [...ids, ...bases])
  return { ...policies, ...(await readPoliciesById(context, missingBases(policies))) }
}

const FIREWALL_POLICIES_TYPE = 'Microsoft.Network/firewallPolicies'

/** A base policy has no base of its own. */
function missingBases(policies: Policies): string[] {
  return Object.values(policies).flatMap((read) => {
    const base = 'facts' in read ? read.facts.basePolicyId : null
    return base === null || policies[idKey(base)] !== undefined ? [] : [base]
  })
}

async function readPoliciesById(context: ReadContext, ids: string[]): Promise<Policies> {
  const reads = distinctIds(ids).map(async (id) => [idKey(id), await readPolicy(context, id)] as const)
  return Object.fromEntries(await Promise.all(reads))
}

function readPolicy({ arm, options }: ReadContext, id: string): Promise<ReadResult<FirewallPolicyFacts>> {
  return tryRead(id, () => arm.getFirewallPolicy(id, options))
}

function nextHops(cluster: ClusterFacts, network: NetworkCollection): string[] {
  return subnetIdsOf(cluster).flatMap((id) => {
    const subnet = subnetOf(network, id)
    const table = network.routeTables[idKey(subnet?.routeTableId ?? '')]
    return (table?.routes ?? []).flatMap(hopAddresses)
  })
}

function requestedNextHop({ prepare }: ReadContext): string[] {
  const hop = prepare?.defaultRoute?.nextHopIpAddress
  return hop === undefined ? [] : [hop]
}
