import type { PathChange, PathSide } from '../../contract/egress.ts'
import { idKey, lastSegment } from '../arm/resource-id.ts'
import { isException, movedPaths, type PathPair, pathPairs } from '../context/path-pairs.ts'
import type { PlanningContext } from '../context/planning-context.ts'
import {
  addressKey,
  type EgressAddress,
  instanceAddresses,
  isUnknown,
  nodeAddresses,
} from '../egress/addresses.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import { usesNodePublicIps } from '../egress/effective-path.ts'
import type { JoinedPath } from '../egress/joined-paths.ts'
import { leavingLabel } from '../egress/path-labels.ts'
import type { EgressPath } from '../egress/paths.ts'
import { projectedSubnets } from '../egress/projected-egress.ts'
import { poolsIn } from '../egress/subnet-attachments.ts'
import { isSameSet } from '../lib/lists.ts'
import { memoize } from '../lib/memoize.ts'
import { listed, listedUpTo, named } from '../lib/text.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { AgentPoolFacts, Snapshot } from '../snapshot/snapshot.ts'
import { portsOfPath } from './snat-sizing.ts'

/**
 * Every subnet's paths before and after. The IPv4 path to the internet comes first, with a row for each pool where
 * pools of one subnet differ: nodes with public IPs do not use the load balancer (Karpenter Azure provider). Then
 * follow IPv6 and the destinations with a separate route. If some of these destinations have another path than the
 * internet, all are shown, because a shown prefix can contain another one.
 */
export const pathChanges = memoize((context: PlanningContext): PathChange[] => {
  const pairs = pathPairs(context)
  const tableKey = ({ before: { subnetId, family } }: PathPair) => `${idKey(subnetId)} ${family}`
  const ofPrefixes = pairs.filter(
    ({ before, internet }) => internet !== null && before.destination !== API_SERVER,
  )
  const hasExceptions = new Set(ofPrefixes.filter(isException).map(tableKey))
  const isShown = (pair: PathPair) =>
    isException(pair) || (ofPrefixes.includes(pair) && hasExceptions.has(tableKey(pair)))
  const isDefault = ({ before }: PathPair) => before.family === 'IPv4' && before.destination === INTERNET
  return [
    ...pairs.filter(isDefault).flatMap((pair) => rowsByPool(pair, context)),
    ...pairs.filter((pair) => !isDefault(pair) && isShown(pair)).map((pair) => toRow(pair, context)),
  ]
})

function toRow({ subnet, before, after }: PathPair, { snapshot, prepared }: PlanningContext): PathChange {
  return {
    subnetId: subnet.id,
    pools: poolsIn(subnet, snapshot).map(({ name }) => name),
    family: before.family,
    destination: before.destination,
    before: toSide(before, snapshot, subnet),
    after: toSide(after, prepared, subnet),
  }
}

/** Pools with the same path share a row. A subnet without visible pools has one row. */
function rowsByPool(pair: PathPair, context: PlanningContext): PathChange[] {
  const { subnet, before, after } = pair
  const { snapshot, prepared, declared, target, isChange, changesEgress } = context
  const pools = poolsIn(subnet, snapshot)
  // With the other type of an interrupted change, nodes may use other addresses, so such paths are those of all pools.
  const isOpen = [before, after].some(({ alternative }) => alternative !== undefined)
  if (isOpen || !pools.some(({ enableNodePublicIP }) => enableNodePublicIP)) return [toRow(pair, context)]
  // A plan that AKS does not support prepares nothing.
  const network = isChange ? prepared : snapshot
  const later = { snapshot: network, declared: changesEgress ? target.outboundType : declared }
  // A gateway that the plan attaches takes precedence over public IPs of nodes. AKS detaches its own gateway.
  const subnetsLater = changesEgress ? projectedSubnets(network, target) : network.subnets
  const subnetLater = subnetsLater.find(({ id }) => idKey(id) === idKey(subnet.id)) ?? subnet
  const rows = new Map<string, PathChange>()
  for (const pool of pools) {
    const sides = {
      before: toSide(ofPool(before, pool, subnet, { snapshot, declared }), snapshot),
      after: toSide(ofPool(after, pool, subnetLater, later), prepared),
    }
    const key = JSON.stringify(sides)
    const row = rows.get(key)
    if (row === undefined) rows.set(key, { ...toRow(pair, context), pools: [pool.name], ...sides })
    else row.pools.push(pool.name)
  }
  return [...rows.values()]
}

/** The path of one pool of a subnet: nodes with public IPs use these IPs unless something takes precedence. */
function ofPool(
  path: EgressPath,
  pool: AgentPoolFacts,
  subnet: SubnetFacts,
  { snapshot, declared }: Pick<PlanningContext, 'snapshot' | 'declared'>,
): EgressPath {
  if (!usesNodePublicIps(subnet, snapshot, declared)) return path
  if (pool.enableNodePublicIP) {
    const addresses = nodeAddresses(pool, snapshot)
    return { ...path, path: 'instancePublicIp', via: null, addresses }
  }
  const others = new Set(instanceAddresses(subnet, snapshot).map(addressKey))
  return { ...path, addresses: path.addresses.filter((address) => !others.has(addressKey(address))) }
}

/** `shared`: a subnet whose pools use different addresses on this path. */
function toSide(egressPath: EgressPath, snapshot: Snapshot, shared?: SubnetFacts): PathSide {
  const { path, via, addresses, certainty, family } = egressPath
  // Nodes with public IPs use no ports of the load balancer.
  const isSplit =
    shared !== undefined && path === 'loadBalancer' && instanceAddresses(shared, snapshot).length > 0
  const undecided = addresses.filter(({ isUndecided }) => isUndecided === true)
  return {
    path,
    via,
    addresses: addresses.flatMap(({ address, isUndecided }) => (isUndecided === true ? [] : (address ?? []))),
    toCome: addresses.reduce((sum, item) => sum + comingFrom(item), 0),
    isComplete: !addresses.some(isUnknown) && undecided.length === 0,
    certainty,
    ...(family === 'IPv4' ? { snatPorts: isSplit ? null : portsOfPath(egressPath, snapshot) } : {}),
  }
}

function comingFrom({ planned, created }: EgressAddress): number {
  return planned === undefined ? (created ?? 0) : 1
}

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
