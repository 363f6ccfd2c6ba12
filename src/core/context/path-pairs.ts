import { idKey } from '../arm/resource-id.ts'
import { addressKey } from '../egress/addresses.ts'
import { API_SERVER, INTERNET } from '../egress/destinations.ts'
import type { EgressPath } from '../egress/paths.ts'
import { memoize } from '../lib/memoize.ts'
import { listedCode } from '../lib/text.ts'
import type { SubnetFacts } from '../snapshot/network-facts.ts'
import type { PlanningContext } from './planning-context.ts'

/** The paths to one class of destinations before and after the change, and the internet path for comparison (null for the internet path itself). */
interface JoinedPath {
  before: EgressPath
  after: EgressPath
  internet: { before: EgressPath; after: EgressPath } | null
}

/** A pair of paths of a subnet that was read. */
export interface PathPair extends JoinedPath {
  subnet: SubnetFacts
}

/** An IP family without a path before or after the change, because no address of this family exists then. */
const NO_PATH: EgressPath = {
  subnetId: '',
  family: 'IPv6',
  destination: INTERNET,
  path: 'none',
  via: null,
  addresses: [],
  certainty: 'certain',
}

/** Pairs the paths before and after the change. If a route exists only before or only after, the other path of the pair is the internet path. */
const joinedPaths = memoize(({ paths }: PlanningContext): JoinedPath[] => {
  const [before, after] = [byKey(paths.before), byKey(paths.after)]
  return [...new Map([...before, ...after]).entries()].flatMap(([key, { subnetId, family, destination }]) => {
    const defaultKey = pathKey({ subnetId, family, destination: INTERNET })
    const [was, willBe] = [before.get(defaultKey) ?? NO_PATH, after.get(defaultKey) ?? NO_PATH]
    const pair = {
      before: before.get(key) ?? { ...was, subnetId, family, destination },
      after: after.get(key) ?? { ...willBe, subnetId, family, destination },
    }
    return [{ ...pair, internet: key === defaultKey ? null : { before: was, after: willBe } }]
  })
})

export function pathPairs(context: PlanningContext): PathPair[] {
  const subnets = new Map(context.snapshot.subnets.map((subnet) => [idKey(subnet.id), subnet]))
  return joinedPaths(context).flatMap((path) => {
    const subnet = subnets.get(idKey(path.before.subnetId))
    return subnet === undefined ? [] : [{ ...path, subnet }]
  })
}

function byKey(paths: EgressPath[]): Map<string, EgressPath> {
  return new Map(paths.map((path) => [pathKey(path), path]))
}

function pathKey({
  subnetId,
  family,
  destination,
}: Pick<EgressPath, 'subnetId' | 'family' | 'destination'>): string {
  return `${idKey(subnetId)} ${family} ${destination}`
}

/** Whether the path to the destination differs from the internet path, before or after the change. */
export function isException({ before, after, internet }: JoinedPath): boolean {
  return internet === null || !isSamePath(before, internet.before) || !isSamePath(after, internet.after)
}

/** Whether two paths use the same resource and the same source addresses. */
export function isSamePath(left: EgressPath, right: EgressPath): boolean {
  return left.path === right.path && left.via === right.via && addressesKey(left) === addressesKey(right)
}

function addressesKey({ addresses }: EgressPath): string {
  return addresses
    .map((address) => `${addressKey(address)}${address.isUndecided === true ? '?' : ''}`)
    .sort()
    .join()
}

/** Whether any packet has another path, or other source addresses, after the change. */
export function movesTraffic(context: PlanningContext): boolean {
  return joinedPaths(context).some(({ before, after }) => !isSamePath(before, after))
}

/** Whether packets on the internet path move, not only packets to destinations with a separate route. */
export function movesInternetPath(context: PlanningContext): boolean {
  return joinedPaths(context).some(
    ({ before, after, internet }) => internet === null && !isSamePath(before, after),
  )
}

/** The destinations with a separate route whose packets move although packets on the internet path do not. */
export function movedExceptions(context: PlanningContext): string[] {
  const moved = joinedPaths(context).filter(
    ({ before, after, internet }) => internet !== null && !isSamePath(before, after),
  )
  return [...new Set(moved.map(({ before }) => before.destination))]
}

/** These destinations as part of a sentence. */
export function exceptionsLabel(context: PlanningContext): string {
  return listedCode(movedExceptions(context).map((name) => (name === API_SERVER ? 'API server' : name)))
}

/** Whether the API server sees the nodes from other addresses after the change. */
export function movesApiServerPath(context: PlanningContext): boolean {
  return joinedPaths(context).some(
    ({ before, after }) => before.destination === API_SERVER && !isSamePath(before, after),
  )
}
