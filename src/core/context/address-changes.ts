import type { EffectivePath } from '../../contract/egress.ts'
import { idKey } from '../arm/resource-id.ts'
import { isUnknown } from '../egress/addresses.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import { isSamePath, joinPaths } from '../egress/joined-paths.ts'
import { firewallsAt, forwardingOf } from '../egress/next-hop-firewall.ts'
import type { EgressPath } from '../egress/paths.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { distinctBy } from '../lib/lists.ts'
import type { FirewallFacts } from '../snapshot/network-facts.ts'
import { mayMoveTraffic, movesTraffic } from './path-pairs.ts'
import type { PlanningContext } from './planning-context.ts'

/**
 * Whether any destination sees different source addresses after the change. The same path through the same resource is
 * assumed to keep its addresses, even if ARM does not show them.
 */
export function doAddressesChange(context: PlanningContext): boolean {
  const isChanged = context.ledger.some(({ change }) => change === 'lost' || change === 'added')
  return isChanged || movesTraffic(context)
}

/** Whether any destination sees different source addresses after the change, or may see them. */
export function mayAddressesChange(context: PlanningContext): boolean {
  return doAddressesChange(context) || mayMoveTraffic(context)
}

/** The known egress addresses that the cluster uses before the change but not after it. */
export function lostAddresses({ ledger }: PlanningContext): string[] {
  return ledger.flatMap((entry) => (entry.change === 'lost' && entry.address !== null ? [entry.address] : []))
}

/**
 * What readers can do with new addresses that ARM does not show:
 *
 * - `pending`: a subnet still lacks a resource that the target needs, so the reader chooses the addresses.
 * - `findable`: a person can find the addresses, for example behind an appliance.
 * - `changeable`: the addresses belong to Azure default outbound access, which can change them at any time.
 */
export type HiddenAddresses = 'pending' | 'findable' | 'changeable'

/** The kind of the new addresses that ARM does not show; null if ARM shows all. The API server has separate rules. */
export function hiddenAddresses(context: PlanningContext): HiddenAddresses | null {
  const { before, after } = context.paths
  const hidden = joinPaths(before, after).filter(
    (pair) => pair.after.destination !== API_SERVER && pair.after.addresses.some(isUnknown),
  )
  const moved = hidden.filter((pair) => !isSamePath(pair.before, pair.after))
  return hiddenKindOf(
    (moved.length > 0 ? moved : hidden).map((pair) => pair.after),
    context,
  )
}

/** The kind of the hidden addresses of these paths after the change; null without paths. */
export function hiddenKindOf(paths: EgressPath[], context: PlanningContext): HiddenAddresses | null {
  if (paths.length === 0) return null
  const pending = pendingSubnets(context)
  if (paths.some(({ subnetId }) => pending.has(idKey(subnetId)))) return 'pending'
  return paths.every(({ path }) => path === 'defaultOutbound') ? 'changeable' : 'findable'
}

/** The subnets that still lack a resource that the target needs. The plan then has a blocker, except for a reconcile. */
function pendingSubnets({ prepared, target, completes }: PlanningContext): Set<string> {
  const pending = prepared.subnets.filter(
    (subnet) => completes === null && hasPendingAttachment(subnet, prepared, target),
  )
  return new Set(pending.map(({ id }) => idKey(id)))
}

/** Paths after the change whose addresses ARM does not show. */
export interface UnresolvedPaths {
  paths: EffectivePath[]
  /** The destinations that use these paths; empty if the default path to the internet is one of them. */
  destinations: string[]
  /** The firewalls on these paths that send packets to another hop, or may do so. */
  forwarding: FirewallFacts[]
}

/**
 * The distinct paths after the change whose public addresses ARM does not show. A subnet is omitted if it still lacks a
 * resource that the target needs. The plan then has a blocker, and the path will change when the resource is added.
 */
export function unresolvedPaths(context: PlanningContext): UnresolvedPaths {
  const { paths } = context
  const pending = pendingSubnets(context)
  const unresolved = paths.after.filter(
    ({ subnetId, addresses }) => !pending.has(idKey(subnetId)) && addresses.some(isUnknown),
  )
  const general = unresolved.filter(({ destination }) => destination === INTERNET)
  const shown = general.length > 0 ? general : unresolved
  // With a load balancer, only the public IPs of nodes can be unknown.
  const pathsOf = shown.map(({ path }) => (path === 'loadBalancer' ? 'instancePublicIp' : path))
  const firewalls = shown
    .filter(({ path }) => path === 'virtualAppliance')
    .flatMap((path) => firewallsAt(path, context.prepared))
  return {
    paths: [...new Set(pathsOf)],
    forwarding: distinctBy(firewalls, ({ id }) => idKey(id)).filter(
      (firewall) => forwardingOf(firewall, context.prepared, 'IPv4') !== 'direct',
    ),
    destinations: general.length > 0 ? [] : [...new Set(shown.map(({ destination }) => destination))],
  }
}
