import type { EgressIpChange } from '../../contract/egress.ts'
import { addressKey, type EgressAddress, isUnknown } from './addresses.ts'
import type { ProjectedEgress } from './projected-egress.ts'

/**
 * The per-address ledger. It balances: kept and lost together are what the cluster has now, kept and
 * added what it will have; `unknown` stands outside, for what nobody can say before.
 */
export function ipLedger(before: EgressAddress[], after: ProjectedEgress): EgressIpChange[] {
  const afterKeys = new Set([...after.known, ...after.prepared].map(addressKey))
  const undecidedKeys = new Set(after.undecided.map(addressKey))
  const beforeKeys = new Set(before.map(addressKey))
  const fate = before.map((each) => entry(each, fateOf(each, afterKeys, undecidedKeys)))
  const added = after.known
    .filter((each) => !beforeKeys.has(addressKey(each)))
    .map((each) => entry(each, 'added'))
  const prepared = after.prepared.filter((each) => !beforeKeys.has(addressKey(each))).map(preparedEntry)
  const created = (['IPv4', 'IPv6'] as const).flatMap((family) =>
    Array.from({ length: after.created[family] }, () => createdEntry(family)),
  )
  const hasUnknown = fate.some((each) => each.change === 'unknown' && each.address === null)
  const unknown = after.unknowable && !hasUnknown ? [unknownEntry()] : []
  return [...fate, ...added, ...prepared, ...created, ...unknown]
}

function fateOf(
  address: EgressAddress,
  afterKeys: Set<string>,
  undecided: Set<string>,
): EgressIpChange['change'] {
  // In a look at the way back the addresses that the plan makes stand on both sides.
  if (isUnknown(address)) return 'unknown'
  if (undecided.has(addressKey(address))) return 'unknown'
  return afterKeys.has(addressKey(address)) ? 'kept' : 'lost'
}

function entry(address: EgressAddress, change: EgressIpChange['change']): EgressIpChange {
  return {
    address: address.address,
    family: address.family,
    change,
    resourceId: address.resourceId,
    knownAt: change === 'unknown' ? 'apply' : 'plan',
    // AKS releases what it made, and a released address cannot be claimed again (OLD_IP_LOST).
    recoverable: (change !== 'lost' && change !== 'unknown') || address.ownedBy === 'user',
  }
}

/** The plan makes it before the cut-over; a job tells the address as soon as it is there. */
function preparedEntry({ family, resourceId }: EgressAddress): EgressIpChange {
  return { address: null, family, change: 'added', resourceId, knownAt: 'prepare', recoverable: true }
}

function createdEntry(family: 'IPv4' | 'IPv6'): EgressIpChange {
  return { address: null, family, change: 'added', resourceId: null, knownAt: 'apply', recoverable: true }
}

function unknownEntry(): EgressIpChange {
  return {
    address: null,
    family: 'IPv4',
    change: 'unknown',
    resourceId: null,
    knownAt: 'apply',
    recoverable: false,
  }
}
