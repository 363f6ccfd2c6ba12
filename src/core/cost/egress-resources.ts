import type { ResourceChange } from '../../contract/plan.ts'
import { idKey, RESOURCE_TYPES } from '../arm/resource-id.ts'
import { equalsArm } from '../arm/words.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import type { EgressAddress } from '../egress/addresses.ts'
import { firewallsAt } from '../egress/next-hop-firewall.ts'
import { aksLoadBalancer } from '../egress/outbound-resources.ts'
import type { EgressPath } from '../egress/paths.ts'
import { gatewayBehind } from '../egress/subnet-attachments.ts'
import { prefixAddressCount } from '../lib/cidr.ts'
import { distinctBy } from '../lib/lists.ts'
import { memoize } from '../lib/memoize.ts'
import { resourceChanges } from '../resource-changes/resource-changes.ts'
import type { FirewallFacts, LoadBalancerFacts, NatGatewayFacts } from '../snapshot/network-facts.ts'
import { managedIpCount } from '../target/egress-profile.ts'

/** The billed egress resources of one side of a change, as quantities. */
export interface EgressResources {
  natGateways: number
  /** Load balancing and outbound rules of the public load balancer; null if there is no load balancer. */
  balancerRules: number | null
  /** Single public IPv4 addresses. Azure does not bill IPv6 addresses (public-ip-addresses). */
  publicIps: number
  /** IPv4 addresses in prefixes, which are billed for each address. */
  prefixAddresses: number
  firewalls: FirewallFacts[]
  /** The existing resources in these quantities, each with the number of units that Azure bills. */
  existing: { natGateways: BilledResource[]; publicIps: BilledResource[]; publicIpPrefixes: BilledResource[] }
}

/** An existing resource that other clusters may also use. */
export interface BilledResource {
  id: string
  units: number
}

/**
 * The resources that carry the egress before or after the change, and exist before it. Resources that the change does
 * not delete are billed after it too, whether the cluster uses them or not.
 */
export function egressResources(context: PlanningContext): Record<'before' | 'after', EgressResources> {
  const { snapshot } = context
  const changes = resourceChanges(context)
  const firewalls = firewallsOn(context)
  const gateways = existingGateways(context)
  const addresses = addressCounts(context, [
    ...firewalls.flatMap(({ publicIpIds }) => publicIpIds),
    ...firewalls
      .flatMap((firewall) => gatewayBehind(firewall, snapshot) ?? [])
      .flatMap((id) => snapshot.natGateways[idKey(id)] ?? [])
      .flatMap(({ publicIpIds, publicIpPrefixIds }) => [...publicIpIds, ...publicIpPrefixIds]),
  ])
  const deleted = idsDeletedBy(context)
  const visible = [...gateways].flatMap((key) => snapshot.natGateways[key]?.id ?? [])
  const billed = (ids: string[]) => ids.map((id): BilledResource => ({ id, units: 1 }))
  return {
    before: {
      natGateways: gateways.size,
      balancerRules: rulesBefore(context),
      publicIps: addresses.before.publicIps,
      prefixAddresses: addresses.before.prefixAddresses,
      firewalls,
      existing: { natGateways: billed(visible), ...addresses.before.existing },
    },
    after: {
      natGateways:
        gateways.size - countOf(changes, 'delete', 'natGateway') + countOf(changes, 'create', 'natGateway'),
      balancerRules: rulesAfter(context, changes),
      publicIps: addresses.after.publicIps,
      prefixAddresses: addresses.after.prefixAddresses,
      firewalls,
      existing: {
        natGateways: billed(visible.filter((id) => !deleted.has(idKey(id)))),
        ...addresses.after.existing,
      },
    },
  }
}

const idsDeletedBy = memoize((context: PlanningContext): ReadonlySet<string> => {
  const deleted = resourceChanges(context).filter(({ action }) => action === 'delete')
  return new Set(deleted.flatMap(({ id }) => (id === null ? [] : [idKey(id)])))
})

/** The NAT gateways in the estimate that Azure shows or that the preparation creates. Networks can contain further ones. */
export function countedGateways(context: PlanningContext): NatGatewayFacts[] {
  const { snapshot, prepared } = context
  const existing = existingGateways(context)
  return Object.entries(prepared.natGateways).flatMap(([key, gateway]) =>
    existing.has(key) || snapshot.natGateways[key] === undefined ? [gateway] : [],
  )
}

function countOf(
  changes: ResourceChange[],
  action: ResourceChange['action'],
  type: keyof typeof RESOURCE_TYPES,
): number {
  return changes
    .filter((change) => change.action === action && equalsArm(change.type, RESOURCE_TYPES[type]))
    .reduce((sum, { count }) => sum + count, 0)
}

/**
 * NAT gateways that exist now and that paths use before or after, also on the subnets of firewalls. AKS creates a gateway
 * that ARM may not show.
 */
const existingGateways = memoize((context: PlanningContext): ReadonlySet<string> => {
  const { paths, snapshot, declared } = context
  const natPaths = (list: EgressPath[]) => list.filter(({ path }) => path === 'natGateway')
  const known = [...natPaths(paths.before), ...natPaths(paths.after)].flatMap(({ via }) => via ?? [])
  // Azure bills a gateway until the plan deletes it, also if no path uses it or it could not be read.
  const deleted = resourceChanges(context).filter(
    ({ action, type }) => action === 'delete' && equalsArm(type, RESOURCE_TYPES.natGateway),
  )
  const existing = new Set([
    ...known.map(idKey).filter((key) => snapshot.natGateways[key] !== undefined),
    ...deleted.flatMap(({ id }) => (id === null ? [] : [idKey(id)])),
  ])
  if (existing.size === 0 && declared === 'managedNATGateway') existing.add('')
  for (const firewall of firewallsOn(context)) {
    const gateway = gatewayBehind(firewall, snapshot)
    if (gateway !== null) existing.add(idKey(gateway))
  }
  return existing
})

const firewallsOn = memoize(({ paths, snapshot }: PlanningContext): FirewallFacts[] => {
  const found = [...paths.before, ...paths.after]
    .filter(({ path }) => path === 'virtualAppliance')
    .flatMap((path) => firewallsAt(path, snapshot))
  return distinctBy(found, ({ id }) => idKey(id))
})

function rulesBefore({ snapshot }: PlanningContext): number | null {
  const balancer = aksLoadBalancer(snapshot)
  return balancer === null || isFree(balancer)
    ? null
    : balancer.loadBalancingRules.length + balancer.outboundRules.length
}

/** AKS keeps the load balancer for Services without its outbound rules, and adds one outbound rule when it is entered. */
function rulesAfter(context: PlanningContext, changes: ResourceChange[]): number | null {
  const before = rulesBefore(context)
  if (countOf(changes, 'create', 'loadBalancer') > 0) return 1
  if (before === null || countOf(changes, 'delete', 'loadBalancer') > 0) return null
  const balancer = aksLoadBalancer(context.snapshot)
  if (!context.isChange || balancer === null) return before
  const inbound = balancer.loadBalancingRules.length
  return context.to === 'loadBalancer' ? inbound + Math.max(balancer.outboundRules.length, 1) : inbound
}

/** A Basic load balancer has no charge (load balancer pricing). */
function isFree({ sku }: LoadBalancerFacts): boolean {
  return equalsArm(sku, 'Basic')
}

interface AddressCounts extends Pick<EgressResources, 'publicIps' | 'prefixAddresses'> {
  existing: Pick<EgressResources['existing'], 'publicIps' | 'publicIpPrefixes'>
}

function addressCounts(
  context: PlanningContext,
  firewallIds: string[],
): Record<'before' | 'after', AddressCounts> {
  const { before, after, released, snapshot } = context
  const used = [...before, ...after.known, ...after.undecided, ...released]
  const existing = distinctBy(
    [...used.flatMap(({ resourceId }) => resourceId ?? []), ...firewallIds],
    idKey,
  ).filter((id) => isKnown(id, snapshot))
  const deleted = idsDeletedBy(context)
  const kept = existing.filter((id) => !deleted.has(idKey(id)))
  // AKS releases some of these addresses. Only addresses that ARM shows are counted before the change.
  const undecided = v4(after.undecided).filter(
    ({ resourceId }) => resourceId !== null && isKnown(resourceId, snapshot),
  )
  const surplus =
    undecided.length === 0 ? 0 : Math.max(0, undecided.length - managedIpCount(context.target, 'IPv4'))
  const stays = sum(kept, snapshot)
  const prepared = sum(
    after.prepared.flatMap(({ resourceId }) => resourceId ?? []),
    context.prepared,
  )
  return {
    before: sum(existing, snapshot),
    after: {
      publicIps: stays.publicIps - surplus + prepared.publicIps + after.created.IPv4,
      prefixAddresses: stays.prefixAddresses + prepared.prefixAddresses,
      existing: stays.existing,
    },
  }
}

type Addresses = Pick<PlanningContext['snapshot'], 'publicIps' | 'publicIpPrefixes'>

function isKnown(id: string, { publicIps, publicIpPrefixes }: Addresses): boolean {
  return publicIps[idKey(id)] !== undefined || publicIpPrefixes[idKey(id)] !== undefined
}

function sum(ids: string[], { publicIps, publicIpPrefixes }: Addresses): AddressCounts {
  const ips = ids.filter((id) => publicIps[idKey(id)]?.version === 'IPv4')
  const prefixes = ids
    .flatMap((id) => publicIpPrefixes[idKey(id)] ?? [])
    .filter(({ version }) => version === 'IPv4')
    .map(({ id, prefixLength, version }) => ({ id, units: prefixAddressCount(prefixLength, version) }))
  return {
    publicIps: ips.length,
    prefixAddresses: prefixes.reduce((total, { units }) => total + units, 0),
    existing: { publicIps: ips.map((id) => ({ id, units: 1 })), publicIpPrefixes: prefixes },
  }
}

function v4(addresses: EgressAddress[]): EgressAddress[] {
  return addresses.filter(({ family }) => family === 'IPv4')
}
