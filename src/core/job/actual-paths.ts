import type {
  AddressStage,
  AddressUse,
  AuthorizedRangesPlan,
  EgressIpChange,
  PathChange,
} from '../../contract/egress.ts'
import { idKey } from '../arm/resource-id.ts'
import { INTERNET } from '../egress/destinations.ts'
import { toCidr } from '../lib/cidr.ts'

interface Found {
  stage: AddressStage
  egressIps: EgressIpChange[]
  /** Whether the cluster has the paths from before the change: the job moved no traffic, or reverted the cutover. */
  isRestored: boolean
}

/** The egress paths of a plan with the addresses that its job has created, discovered, or left in use. */
export function actualPaths(paths: PathChange[], { stage, egressIps, isRestored }: Found): PathChange[] {
  if (isRestored) return paths.map((row) => ({ ...row, after: row.before }))
  if (stage === 'planned') return paths
  return paths.map((row) => ({ ...row, after: actualSide(row, egressIps) }))
}

/** Addresses in plans of earlier versions have no uses, so the paths stay as planned. */
function actualSide(row: PathChange, egressIps: EgressIpChange[]): PathChange['after'] {
  const { before, after } = row
  const used = egressIps.filter(({ usedAfter = [] }) => usedAfter.some((use) => isUseOf(use, row)))
  if (used.length === 0) return after
  // Pools with public IPs of their own are other rows of the same subnet.
  const found = used.flatMap(({ address, change }) => {
    if (address === null) return []
    const isAdded = change === 'added' && after.toCome > 0
    const isKept = change === 'kept' && !after.isComplete && before.addresses.includes(address)
    return isAdded || isKept ? [address] : []
  })
  const later = used.filter(({ address, change }) => address === null && change === 'added').length
  return {
    ...after,
    addresses: [...new Set([...after.addresses, ...found])],
    toCome: Math.min(after.toCome, later),
    isComplete: after.isComplete || !used.some(({ change }) => change === 'unknown'),
  }
}

function isUseOf(
  use: AddressUse,
  { subnetId, family = 'IPv4', destination = INTERNET }: PathChange,
): boolean {
  return (
    use.family === family && use.destination === destination && idKey(use.subnetId ?? '') === idKey(subnetId)
  )
}

/** The authorized IP ranges of a plan with the addresses that its job has created. */
export function actualRanges(
  ranges: AuthorizedRangesPlan,
  egressIps: EgressIpChange[],
): AuthorizedRangesPlan {
  const addressOf = (id: string) =>
    egressIps.find(({ resourceId }) => resourceId !== null && idKey(resourceId) === idKey(id))?.address ??
    null
  const created = ranges.addPrepared.flatMap((id) => addressOf(id) ?? [])
  return {
    ...ranges,
    missing: ranges.missing.map((entry) => {
      const address = entry.startsWith('/') ? addressOf(entry) : null
      return address === null ? entry : toCidr(address)
    }),
    add: [...ranges.add, ...created.map(toCidr)],
    addPrepared: ranges.addPrepared.filter((id) => addressOf(id) === null),
  }
}
