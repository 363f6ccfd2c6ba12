import { distinctIds, idKey, subscriptionOf } from '../../core/arm/resource-id.ts'
import { privateZoneId } from '../../core/endpoints/name-resolution.ts'
import type { ReadResult } from '../../core/snapshot/authorization-facts.ts'
import type { FirewallPolicyFacts, RuleCollectionFacts } from '../../core/snapshot/firewall-facts.ts'
import type { FirewallFacts } from '../../core/snapshot/network-facts.ts'
import { nextHopFirewalls } from '../../core/snapshot/required-reads.ts'
import type { Surroundings } from '../../core/snapshot/snapshot.ts'
import { type ReadContext, tryRead } from './read-context.ts'

/** Whether the plan may route the egress of nodes through an appliance: only then its rules are read. */
function mayUseAppliance({ request }: ReadContext): boolean {
  if (request === null) return true
  return request.target.outboundType === 'userDefinedRouting' || request.upgradeNodeImages === true
}

const DEPENDENCIES_TYPE = 'Microsoft.ContainerService/managedClusters/outboundNetworkDependenciesEndpoints'

/** The endpoints that AKS reports as required. Needs only the cluster's name. */
export async function readOutboundDependencies(
  context: ReadContext,
): Promise<Surroundings['outboundDependencies']> {
  const { arm, ref, options } = context
  if (!mayUseAppliance(context)) return null
  return tryRead(DEPENDENCIES_TYPE, () => arm.listOutboundDependencies(ref, options))
}

type Policies = Surroundings['firewallPolicies']
type IpGroups = Surroundings['ipGroups']

/**
 * The policies of the firewalls that are or will be next hops of the cluster's default routes. Each comes with its
 * base policy and the IP groups of its rules, one round after the network lists. A base policy or an IP group in
 * another subscription takes a further round.
 */
export async function readFirewallRules(
  context: ReadContext,
): Promise<{ firewallPolicies: Policies; ipGroups: IpGroups }> {
  if (!mayUseAppliance(context)) return { firewallPolicies: {}, ipGroups: {} }
  const { arm, options, ref } = context
  const list = tryRead(FIREWALL_POLICIES_TYPE, () => arm.listFirewallPolicies(ref.subscriptionId, options))
  const [cluster, network, listed] = await Promise.all([context.cluster, context.network, list])
  const known = 'facts' in listed ? listed.facts : []
  const firewalls = nextHopFirewalls(cluster, network, requestedNextHop(context))
  const ids = firewalls.flatMap((firewall) => firewall.policyId ?? [])
  const bases = ids.flatMap(
    (id) => known.find((policy) => idKey(policy.id) === idKey(id))?.basePolicyId ?? [],
  )
  const owners = [...firewalls.map(({ id }) => id), ...ids, ...bases]
  const [policies, groups] = await Promise.all([
    readPoliciesById(context, [...ids, ...bases]),
    listIpGroups(context, owners.map(subscriptionOf)),
  ])
  const firewallPolicies = { ...policies, ...(await readPoliciesById(context, missingBases(policies))) }
  const groupIds = groupIdsIn(firewalls, firewallPolicies)
  return { firewallPolicies, ipGroups: await completeIpGroups(context, groupIds, groups) }
}

const FIREWALL_POLICIES_TYPE = 'Microsoft.Network/firewallPolicies'

/** A base policy has no base of its own. */
function missingBases(policies: Policies): string[] {
  return Object.values(policies).flatMap((read) => {
    const base = 'facts' in read ? read.facts.basePolicyId : null
    return base === null || policies[idKey(base)] !== undefined ? [] : [base]
  })
}

function readPoliciesById({ arm, options }: ReadContext, ids: string[]): Promise<Policies> {
  return readById(ids, (id) => arm.getFirewallPolicy(id, options))
}

/** What can be read of the IP groups of these subscriptions; what a list does not show is read by its ID later. */
async function listIpGroups({ arm, options }: ReadContext, subscriptionIds: string[]): Promise<IpGroups> {
  const lists = [...new Set(subscriptionIds)].map((id) =>
    tryRead('Microsoft.Network/ipGroups', () => arm.listIpGroups(id, options)),
  )
  const groups = (await Promise.all(lists)).flatMap((read) => ('facts' in read ? read.facts : []))
  return Object.fromEntries(groups.map((group) => [idKey(group.id), { facts: group }]))
}

/** The groups with these IDs and no others. */
async function completeIpGroups(
  { arm, options }: ReadContext,
  ids: string[],
  listed: IpGroups,
): Promise<IpGroups> {
  const missing = ids.filter((id) => listed[idKey(id)] === undefined)
  const all = { ...listed, ...(await readById(missing, (id) => arm.getIpGroup(id, options))) }
  return Object.fromEntries(
    distinctIds(ids).flatMap((id) => {
      const read = all[idKey(id)]
      return read === undefined ? [] : [[idKey(id), read]]
    }),
  )
}

function groupIdsIn(firewalls: FirewallFacts[], policies: Policies): string[] {
  const read = Object.values(policies).flatMap((policy) => ('facts' in policy ? policy.facts : []))
  const holders: Pick<FirewallPolicyFacts, 'collections'>[] = [...firewalls, ...read]
  return holders.flatMap(({ collections }) => collections.flatMap(groupIdsOf))
}

function groupIdsOf({ rules }: RuleCollectionFacts): string[] {
  return rules.flatMap((rule) => [
    ...rule.sourceGroupIds,
    ...('destinationGroupIds' in rule ? rule.destinationGroupIds : []),
  ])
}

async function readById<T>(
  ids: string[],
  read: (id: string) => Promise<T>,
): Promise<Record<string, ReadResult<T>>> {
  const reads = distinctIds(ids).map(async (id) => [idKey(id), await tryRead(id, () => read(id))] as const)
  return Object.fromEntries(await Promise.all(reads))
}

function requestedNextHop({ prepare }: ReadContext): string | null {
  return prepare?.defaultRoute?.nextHopIpAddress ?? null
}

/** The virtual networks that the private DNS zone of a private cluster is linked to; null for other clusters. */
export async function readPrivateZoneLinks(
  context: ReadContext,
): Promise<NonNullable<Surroundings['privateZoneLinks']> | null> {
  const id = privateZoneId(await context.cluster)
  if (id === null) return null
  return tryRead(`virtual network links of ${id}`, () =>
    context.arm.listPrivateZoneLinks(id, context.options),
  )
}
