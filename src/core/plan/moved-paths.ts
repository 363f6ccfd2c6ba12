import { lastSegment } from '../arm/resource-id.ts'
import { isException, movedPaths } from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import type { JoinedPath } from '../egress/joined-paths.ts'
import { leavingLabel } from '../egress/path-labels.ts'
import { isSameSet } from '../lib/lists.ts'
import { listed, listedUpTo, named } from '../lib/text.ts'

/** The maximum number of destinations in a sentence. */
export const MAX_DESTINATIONS = 3

/** Where the packets that move leave after the change, as a part of a sentence. */
export function movedPathsLabel(context: PlanningContext): string {
  const isOne = context.snapshot.subnets.length < 2
  const moved = movedPaths(context).filter((pair) => pair.internet === null || isException(pair))
  const rows = Map.groupBy(moved, ({ after }) => `${after.subnetId} ${after.path}`).values()
  const groups = Map.groupBy(rows, (pairs) => `${pairs[0]?.after.path} ${packetsLabel(pairs, '')}`)
  return listed(
    [...groups.values()].map((group) => {
      const [pairs = []] = group
      const subnets = group.flatMap(([pair]) => lastSegment(pair?.after.subnetId ?? ''))
      const origin = isOne ? '' : ` from ${named('subnet', subnets)}`
      return `${packetsLabel(pairs, origin)} ${leavingLabel(pairs[0]?.after.path ?? 'unknown')}`
    }),
  )
}

/** `packets to the internet and IPv6 packets to the API server`. */
function packetsLabel(pairs: JoinedPath[], origin: string): string {
  const ofFamily = (family: string) =>
    pairs.flatMap(({ after }) => (after.family === family ? [destinationLabel(after.destination)] : []))
  const [ipv4, ipv6] = [ofFamily('IPv4'), ofFamily('IPv6')]
  const to = (destinations: string[]) => `packets${origin} to ${listedUpTo(MAX_DESTINATIONS, destinations)}`
  return listed([
    ...(ipv4.length === 0 ? [] : [to(ipv4)]),
    ...(ipv6.length === 0 || isSameSet(ipv4, ipv6) ? [] : [`IPv6 ${to(ipv6)}`]),
  ])
}

/** The destination of packets in a sentence. */
export function destinationLabel(destination: string): string {
  if (destination === INTERNET) return 'the internet'
  return destination === API_SERVER ? 'the API server' : `\`${destination}\``
}
