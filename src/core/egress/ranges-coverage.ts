import { idKey } from '../arm/resource-id.ts'
import { toCidr, uncovered } from '../lib/cidr.ts'
import { declaredEgress } from '../snapshot/network-profile.ts'
import type { ClusterFacts } from '../snapshot/snapshot.ts'
import { isImplicitlyAllowed, rangesMode } from './authorized-ranges.ts'
import { API_SERVER } from './destinations.ts'
import type { EgressPath } from './paths.ts'

/** Whether the authorized IP ranges cover the addresses that the API server sees; if that is unknown, why. */
export type RangesCoverage =
  | { coversEgress: boolean }
  | { coversEgress: null; because: 'notEnforced' | 'noAddress' | 'pathUncertain' | 'addressUnknown' }

/**
 * True if every path to the API server is certain, and all of its addresses are known and covered. False if an address of
 * a certain path is not covered. Anything else is unknown: an uncertain path proves neither.
 */
export function rangesCoverage(cluster: ClusterFacts, paths: EgressPath[]): RangesCoverage {
  if (rangesMode(cluster) !== 'enforced') return unknown('notEnforced')
  const toApiServer = paths.filter(({ destination }) => destination === API_SERVER)
  const judged = toApiServer.map((path) => judge(path, paths, cluster))
  if (judged.some(({ isDenied }) => isDenied)) return { coversEgress: false }
  if (judged.some(({ isCertain }) => !isCertain)) return unknown('pathUncertain')
  if (toApiServer.some(({ addresses }) => addresses.some(({ address }) => address === null)))
    return unknown('addressUnknown')
  if (judged.length === 0 || judged.some(({ isReachable }) => !isReachable)) return unknown('noAddress')
  return judged.every(({ isAllowed }) => isAllowed) ? { coversEgress: true } : unknown('pathUncertain')
}

/** The addresses of certain paths to the API server that the ranges do not cover: nodes are denied access from them. */
export function deniedAddresses(cluster: ClusterFacts, paths: EgressPath[]): string[] {
  if (rangesMode(cluster) !== 'enforced') return []
  const denied = paths
    .filter(({ destination }) => destination === API_SERVER)
    .map((path) => judge(path, paths, cluster))
    .flatMap(({ isDenied, denied }) => (isDenied ? denied : []))
  return [...new Set(denied)]
}

/** The addresses of paths to the API server that AKS allows without an entry, and that no entry covers. */
export function implicitlyAllowed(cluster: ClusterFacts, paths: EgressPath[]): string[] {
  const own = paths
    .filter(({ destination }) => destination === API_SERVER)
    .flatMap(({ addresses }) => addresses)
    .filter(({ resourceId }) => isImplicitlyAllowed(cluster, resourceId))
  const cidrs = own.flatMap(({ address }) => (address === null ? [] : [toCidr(address)]))
  return [...new Set(uncovered(cluster.authorizedIPRanges, cidrs))]
}

function unknown(because: Extract<RangesCoverage, { coversEgress: null }>['because']): RangesCoverage {
  return { coversEgress: null, because }
}

/** A mixed path is one of the paths of its subnet, so it is certain if all of them are. Which of them carries the packets is unknown. */
function judge(path: EgressPath, paths: EgressPath[], cluster: ClusterFacts) {
  const isMixed = path.path === 'mixed'
  const candidates = isMixed ? othersOfSubnet(path, paths) : [path]
  const known = path.addresses.flatMap(({ address, resourceId }) =>
    address === null ? [] : [{ cidr: toCidr(address), isFree: isAllowedByType(cluster, resourceId) }],
  )
  const isCovered = ({ cidr, isFree }: (typeof known)[number]) =>
    isFree || uncovered(cluster.authorizedIPRanges, [cidr]).length === 0
  const denied = known.filter((address) => !isCovered(address))
  const isCertain = candidates.every(({ certainty }) => certainty === 'certain')
  const isDeniedOnEach = denied.length === path.addresses.length && denied.length > 0
  return {
    denied: denied.map(({ cidr }) => cidr),
    isCertain,
    isReachable: path.addresses.length > 0 && candidates.every(({ addresses }) => addresses.length > 0),
    isAllowed: denied.length === 0,
    isDenied: isCertain && (isMixed ? isDeniedOnEach : denied.length > 0),
  }
}

function othersOfSubnet({ subnetId, family }: EgressPath, paths: EgressPath[]): EgressPath[] {
  return paths.filter(
    (other) =>
      other.family === family &&
      other.destination !== API_SERVER &&
      idKey(other.subnetId) === idKey(subnetId),
  )
}

/** AKS allows the addresses of its load balancer without an entry. */
function isAllowedByType(cluster: ClusterFacts, resourceId: string | null): boolean {
  return declaredEgress(cluster).key === 'loadBalancer' && isImplicitlyAllowed(cluster, resourceId)
}
