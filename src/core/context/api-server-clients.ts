import { addressKey, type EgressAddress, isUnknown } from '../egress/addresses.ts'
import { API_SERVER } from '../egress/destinations.ts'
import { interruptedSide } from '../egress/interrupted-change.ts'
import { isSamePath, type JoinedPath, joinPaths } from '../egress/joined-paths.ts'
import { currentSide, egressPaths } from '../egress/paths.ts'
import { projectedSide } from '../egress/projected-egress.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { PlanningContext } from './planning-context.ts'

/** The source addresses that packets to the public endpoint of the API server lose, and those that they gain. */
export interface ApiServerMove {
  lost: EgressAddress[]
  gained: EgressAddress[]
}

/**
 * The changed source addresses of clients behind the egress of the cluster, for each subnet. Addresses of packets to
 * other destinations do not count: the API server never sees them.
 */
export function apiServerMoves(context: PlanningContext): ApiServerMove[] {
  if (!context.isChange) return []
  const { before, after } = pathsToPublicEndpoint(context)
  return joinPaths(before, after)
    .filter((pair) => pair.before.destination === API_SERVER && !isSamePath(pair.before, pair.after))
    .map(toMove)
}

function toMove({ before, after }: JoinedPath): ApiServerMove {
  const isElsewhere = before.path !== after.path || before.via !== after.via
  const [was, willBe] = [before, after].map(({ addresses }) => new Set(addresses.map(addressKey)))
  return {
    lost: before.addresses.filter((address) => willBe?.has(addressKey(address)) !== true),
    gained: after.addresses.filter(
      (address) => was?.has(addressKey(address)) !== true || (isElsewhere && isUnknown(address)),
    ),
  }
}

/** With API Server VNet Integration, nodes use a private endpoint, but other clients still use the public endpoint. */
function pathsToPublicEndpoint(context: PlanningContext): PlanningContext['paths'] {
  const { snapshot, prepared, target, completes } = context
  if (context.ranges.mode !== 'nodesPrivate') return context.paths
  const now = withPublicEndpoint(snapshot)
  return {
    before: egressPaths(completes === null ? currentSide(now) : interruptedSide(now, completes)),
    after: egressPaths(projectedSide(withPublicEndpoint(prepared), target)),
  }
}

function withPublicEndpoint(snapshot: Snapshot): Snapshot {
  return { ...snapshot, cluster: { ...snapshot.cluster, enableVnetIntegration: false } }
}
