import { idKey } from '../arm/resource-id.ts'
import { memoizePair } from '../lib/memoize.ts'
import { addressKey, type EgressAddress } from './addresses.ts'
import { INTERNET } from './destinations.ts'
import { type EgressPath, egressPaths } from './paths.ts'
import type { EgressSide } from './ways.ts'

/** The paths to one class of destinations before and after the change, and the internet path for comparison (null for the internet path itself). */
export interface JoinedPath {
  before: EgressPath
  after: EgressPath
  internet: { before: EgressPath; after: EgressPath } | null
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
export const joinPaths = memoizePair((pathsBefore: EgressPath[], pathsAfter: EgressPath[]): JoinedPath[] => {
  const [before, after] = [byKey(pathsBefore), byKey(pathsAfter)]
  return [...new Map([...before, ...after])].map(([key, { subnetId, family, destination }]) => {
    const defaultKey = pathKey({ subnetId, family, destination: INTERNET })
    const [was, willBe] = [before.get(defaultKey) ?? NO_PATH, after.get(defaultKey) ?? NO_PATH]
    return {
      before: before.get(key) ?? { ...was, subnetId, family, destination },
      after: after.get(key) ?? { ...willBe, subnetId, family, destination },
      internet: key === defaultKey ? null : { before: was, after: willBe },
    }
  })
})

/** The later paths of these subnets: those that a change of the network moves or, if a path is unknown, may move, and the others. */
export function comparePaths(
  before: EgressSide,
  after: EgressSide,
  subnetIds: string[],
): Record<'moved' | 'kept', EgressPath[]> {
  const keys = new Set(subnetIds.map(idKey))
  const pairs = joinPaths(egressPaths(before), egressPaths(after)).filter((pair) =>
    keys.has(idKey(pair.after.subnetId)),
  )
  const isKept = (pair: JoinedPath) => isSamePath(pair.before, pair.after) && pair.after.path !== 'unknown'
  return {
    moved: pairs.filter((pair) => !isKept(pair)).map((pair) => pair.after),
    kept: pairs.filter(isKept).map((pair) => pair.after),
  }
}

function byKey(paths: EgressPath[]): Map<string, EgressPath> {
  return new Map(paths.map((path) => [pathKey(path), path]))
}

type PathId = Pick<EgressPath, 'subnetId' | 'family' | 'destination'>

function pathKey({ subnetId, family, destination }: PathId): string {
  return `${idKey(subnetId)} ${family} ${destination}`
}

/** Whether two paths use the same resource and the same source addresses. */
export function isSamePath(left: EgressPath, right: EgressPath): boolean {
  if (left.path !== right.path || left.via !== right.via) return false
  return left.addresses === right.addresses || addressesKey(left.addresses) === addressesKey(right.addresses)
}

function addressesKey(addresses: EgressAddress[]): string {
  return addresses
    .map((address) => `${addressKey(address)}${address.isUndecided === true ? '?' : ''}`)
    .sort()
    .join()
}
