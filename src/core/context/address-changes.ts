import type { EffectivePath } from '../../contract/egress.ts'
import { idKey } from '../arm/resource-id.ts'
import { isUnknown } from '../egress/addresses.ts'
import { INTERNET } from '../egress/destinations.ts'
import { hasPendingAttachment } from '../egress/projected-egress.ts'
import { movesTraffic } from './path-pairs.ts'
import type { PlanningContext } from './planning-context.ts'

/**
 * Whether any destination sees other source addresses after the change. The same path through the same resource is
 * taken to have the same addresses, seen or not.
 */
export function doAddressesChange(context: PlanningContext): boolean {
  const isChanged = context.ledger.some(({ change }) => change === 'lost' || change === 'added')
  return isChanged || movesTraffic(context)
}

/** The known addresses that the cluster leaves by now and not afterwards. */
export function lostAddresses({ ledger }: PlanningContext): string[] {
  return ledger.flatMap((entry) => (entry.change === 'lost' && entry.address !== null ? [entry.address] : []))
}

/** A path without visible addresses, and the destinations that use it; none of them for the internet in general. */
export interface UnresolvedPath {
  path: EffectivePath
  destinations: string[]
}

/**
 * The paths after the change whose public addresses ARM does not show, each once. A subnet that still lacks what the
 * target needs is left out: it has a blocker of its own, and its traffic will not leave as it would now.
 */
export function unresolvedPaths({ prepared: snapshot, target, paths }: PlanningContext): UnresolvedPath[] {
  const pending = new Set(
    snapshot.subnets
      .filter((subnet) => hasPendingAttachment(subnet, snapshot, target))
      .map(({ id }) => idKey(id)),
  )
  const unresolved = paths.after.flatMap(({ subnetId, destination, path, addresses }) => {
    if (pending.has(idKey(subnetId)) || !addresses.some(isUnknown)) return []
    return [{ destination, path: path === 'loadBalancer' ? ('instancePublicIp' as const) : path }]
  })
  const general = new Set(
    unresolved.flatMap(({ destination, path }) => (destination === INTERNET ? [path] : [])),
  )
  const exceptions = unresolved.filter(({ path }) => !general.has(path))
  return [
    ...[...general].map((path) => ({ path, destinations: [] })),
    ...[...new Set(exceptions.map(({ path }) => path))].map((path) => ({
      path,
      destinations: [
        ...new Set(exceptions.filter((item) => item.path === path).map(({ destination }) => destination)),
      ],
    })),
  ]
}
