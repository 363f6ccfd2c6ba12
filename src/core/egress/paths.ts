import type { IpFamily, PathCertainty } from '../../contract/egress.ts'
import { typeOfKey } from '../arm/outbound-type.ts'
import { idKey } from '../arm/resource-id.ts'
import { memoize } from '../lib/memoize.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import { declaredEgress } from '../snapshot/network-profile.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { unseenSubnetIds } from '../snapshot/vnet-kind.ts'
import {
  addressKey,
  distinctAddresses,
  type EgressAddress,
  familiesOf,
  instanceAddresses,
  profileAddressesOf,
  unknownAddress,
} from './addresses.ts'
import { API_SERVER, type Destination, destinationsOf, hasPublicApiServer, INTERNET } from './destinations.ts'
import { presumedPath } from './effective-path.ts'
import { interruptedChange, interruptedSide } from './interrupted-change.ts'
import { type EgressSide, type Way, wayBy } from './ways.ts'

/** How packets of one subnet and family reach one class of destinations. */
export interface EgressPath extends Way {
  subnetId: string
  family: IpFamily
  /** `internet`, `apiServer`, or the prefix or service tag of a route. */
  destination: string
  /** While a change is interrupted: with the other type, the packets have another path, or none. */
  alternative?: 'path' | 'none'
}

/** The current egress of the cluster. While a change is interrupted, nodes may use the former type or the declared type. */
export const currentSide = memoize((snapshot: Snapshot): EgressSide => {
  const declared = declaredEgress(snapshot.cluster).outboundType
  const former = interruptedChange(snapshot)?.former ?? null
  if (former === null) return { snapshot, declared, subnets: snapshot.subnets, profile: null }
  const side = interruptedSide(snapshot, { former })
  return { ...side, other: side.declared === declared ? typeOfKey(former).outboundType : declared }
})

/**
 * Every egress path of the cluster: the IPv4 internet path of each subnet first, then IPv6, then the API server and the
 * destinations with separate routes. All statements about addresses follow from these paths.
 */
export const egressPaths = memoize((side: EgressSide): EgressPath[] => {
  const { other, ...own } = side
  return other === undefined ? pathsOf(side) : eitherPaths(pathsOf(own), pathsOf({ ...own, declared: other }))
})

/** The paths of which each may be that of another type: what the types have in common is certain. */
function eitherPaths(paths: EgressPath[], others: EgressPath[]): EgressPath[] {
  const keyOf = ({ subnetId, family, destination }: EgressPath) => `${subnetId} ${family} ${destination}`
  const byKey = (list: EgressPath[]) => new Map(list.map((path) => [keyOf(path), path]))
  const [own, found] = [byKey(paths), byKey(others)]
  return [...new Map([...own, ...found])].map(([key, path]): EgressPath => {
    const [left = path, right] = [own.get(key), found.get(key)]
    if (right !== undefined && isSameWay(left, right)) return left
    const addresses = distinctAddresses([...left.addresses, ...(right?.addresses ?? [])])
    const open = left.path === 'none' ? (right ?? left) : left
    const alternative = left.path === 'none' || right?.path === 'none' ? 'none' : 'path'
    return { ...open, addresses, certainty: weakest([left.certainty, 'possible']), alternative }
  })
}

function pathsOf(side: EgressSide): EgressPath[] {
  const families = familiesOf(side)
  const all = families.flatMap((family) =>
    side.subnets.flatMap((subnet) => subnetPaths(subnet, family, side)),
  )
  const isDefault = ({ destination }: EgressPath) => destination === INTERNET
  return [...all.filter(isDefault), ...unseenPaths(side), ...all.filter((path) => !isDefault(path))]
}

/** The current source addresses of the cluster: the distinct addresses of all its paths. */
export function egressAddressesOf(snapshot: Snapshot): EgressAddress[] {
  return distinctAddresses(egressPaths(currentSide(snapshot)).flatMap(({ addresses }) => addresses))
}

/**
 * The IPv4 paths to the internet, with the addresses of the resource that carries the packets. The public IPs of nodes are
 * no addresses of the load balancer beside them.
 */
export function carriedInternetPaths(paths: EgressPath[], snapshot: Snapshot): EgressPath[] {
  return paths
    .filter(({ destination, family }) => destination === INTERNET && family === 'IPv4')
    .map((path) => {
      const subnet = snapshot.subnets.find(({ id }) => idKey(id) === idKey(path.subnetId))
      if (path.path !== 'loadBalancer' || subnet === undefined) return path
      const ofNodes = new Set(instanceAddresses(subnet, snapshot).map(addressKey))
      const addresses = path.addresses.filter((address) => !ofNodes.has(addressKey(address)))
      return addresses.length === 0 ? path : { ...path, addresses }
    })
}

/** The paths of one subnet and family, the internet first. */
function subnetPaths(subnet: SubnetFacts, family: IpFamily, side: EgressSide): EgressPath[] {
  const destinations = destinationsOf(subnet, side.snapshot, family)
  if (destinations === 'unread') {
    // A route may override the attachments of the subnet or not, so their addresses may be in use.
    const { addresses } = wayBy(null, subnet, family, side)
    return possiblePaths(subnet.id, addresses, family, side)
  }
  return destinations.map((destination) => pathTo(destination, subnet, family, side))
}

/** The path to a class of destinations; `mixed` if its routes have different paths. */
function pathTo(
  { name, routes, isAmbiguous, isInferred }: Destination,
  subnet: SubnetFacts,
  family: IpFamily,
  side: EgressSide,
): EgressPath {
  const ways = routes.map((route) => wayBy(route, subnet, family, side))
  const [first = ways[0] as Way, ...others] = ways
  const isOne = others.every((way) => isSameWay(way, first))
  const isPossible = isInferred === true || (isAmbiguous === true && !isOne)
  return {
    subnetId: subnet.id,
    family,
    destination: name,
    path: isOne ? first.path : 'mixed',
    via: isOne ? first.via : null,
    addresses: isOne ? first.addresses : distinctAddresses(ways.flatMap((way) => way.addresses)),
    certainty: weakest([...ways.map((way) => way.certainty), ...(isPossible ? ['possible' as const] : [])]),
  }
}

function isSameWay(left: Way, right: Way): boolean {
  return (
    left.path === right.path &&
    left.via === right.via &&
    left.addresses.map(addressKey).join() === right.addresses.map(addressKey).join()
  )
}

const CERTAINTIES: PathCertainty[] = ['unknown', 'possible', 'certain']

function weakest(certainties: PathCertainty[]): PathCertainty {
  return CERTAINTIES.find((certainty) => certainties.includes(certainty)) as PathCertainty
}

/** Paths of subnets whose routes are unknown: a route may override the declared type, unless the type is `block`. */
function unknownPaths(subnetId: string, family: IpFamily, side: EgressSide): EgressPath[] {
  const way: Way =
    side.declared === 'block'
      ? { path: 'none', via: null, addresses: [], certainty: 'certain' }
      : { path: 'unknown', via: null, addresses: [unknownAddress(family)], certainty: 'unknown' }
  const path = { subnetId, family, destination: INTERNET, ...way }
  const isApiServer = family === 'IPv4' && hasPublicApiServer(side.snapshot.cluster)
  return isApiServer ? [path, { ...path, destination: API_SERVER }] : [path]
}

/** Paths of subnets that could not be read, or of a managed VNet without a visible subnet: the path of the declared type is assumed. */
function unseenPaths(side: EgressSide): EgressPath[] {
  const unseen = unseenSubnetIds(side.snapshot.cluster, side.subnets)
  const isHidden = unseen.length === 0 && side.subnets.length === 0
  return familiesOf(side).flatMap((family) => {
    const declared = profileAddressesOf(side, family)
    if (isHidden) return presumedPaths(family, declared, side)
    return unseen.flatMap((id) => possiblePaths(id, declared, family, side))
  })
}

/** Unknown paths on which these addresses may be in use. */
function possiblePaths(
  subnetId: string,
  addresses: EgressAddress[],
  family: IpFamily,
  side: EgressSide,
): EgressPath[] {
  return unknownPaths(subnetId, family, side).map((path) => ({
    ...path,
    addresses: distinctAddresses([...addresses, ...path.addresses]),
  }))
}

function presumedPaths(family: IpFamily, addresses: EgressAddress[], side: EgressSide): EgressPath[] {
  if (family === 'IPv6' && addresses.length === 0) return []
  const path = presumedPath(side.declared)
  const certainty = path === 'unknown' ? 'unknown' : 'possible'
  return unknownPaths('', family, side).map((row) => ({ ...row, path, addresses, certainty }))
}
