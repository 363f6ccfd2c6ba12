import type { EffectivePath } from '../../contract/egress.ts'
import { idKey } from '../arm/resource-id.ts'
import { isUnknown } from '../egress/addresses.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import { isSamePath, joinPaths } from '../egress/joined-paths.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
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
 * What readers can do with a new address that ARM does not show: find it, for example behind an appliance, or nothing,
 * because Azure can change it at any time.
 */
export type HiddenAddresses = 'findable' | 'changeable'

/** The kind of the new addresses that ARM does not show; null if ARM shows all. The API server has separate rules. */
export function hiddenAddresses({ paths }: PlanningContext): HiddenAddresses | null {
  const hidden = joinPaths(paths.before, paths.after).filter(
    ({ after }) => after.destination !== API_SERVER && after.addresses.some(isUnknown),
  )
  const moved = hidden.filter(({ before, after }) => !isSamePath(before, after))
  const shown = moved.length > 0 ? moved : hidden
  return shown.length === 0 ? null : hiddenKindOf(shown.map(({ after }) => after.path))
}

/** The kind of hidden addresses of these paths. */
export function hiddenKindOf(paths: EffectivePath[]): HiddenAddresses {
  return paths.every((path) => path === 'defaultOutbound') ? 'changeable' : 'findable'
}

/** Paths after the change whose addresses ARM does not show. */
export interface UnresolvedPaths {
  paths: EffectivePath[]
  /** The destinations that use these paths; empty if the default path to the internet is one of them. */
  destinations: string[]
}

/**
 * The distinct paths after the change whose public addresses ARM does not show. A subnet is omitted if it still lacks a
 * resource that the target needs. The plan then has a blocker, and the path will change when the resource is added.
 */
export function unresolvedPaths(context: PlanningContext): UnresolvedPaths {
  const { prepared: snapshot, target, paths, completes } = context
  const pending = new Set(
    snapshot.subnets
      // A reconcile has no such blocker.
      .filter((subnet) => completes === null && hasPendingAttachment(subnet, snapshot, target))
      .map(({ id }) => idKey(id)),
  )
  const unresolved = paths.after.filter(
    ({ subnetId, addresses }) => !pending.has(idKey(subnetId)) && addresses.some(isUnknown),
  )
  const general = unresolved.filter(({ destination }) => destination === INTERNET)
  const shown = general.length > 0 ? general : unresolved
  // With a load balancer, only the public IPs of nodes can be unknown.
  const pathsOf = shown.map(({ path }) => (path === 'loadBalancer' ? 'instancePublicIp' : path))
  return {
    paths: [...new Set(pathsOf)],
    destinations: general.length > 0 ? [] : [...new Set(shown.map(({ destination }) => destination))],
  }
}
