import type { AddressAdvice, AddressUse, EgressIpChange } from '../../contract/egress.ts'
import { idKey } from '../arm/resource-id.ts'
import { holdsAddress } from '../lib/cidr.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { type AddressMove, gainsTraffic } from './address-moves.ts'
import { addressKey, type EgressAddress, isUnknown, resolveAddress, unknownAddress } from './addresses.ts'
import type { EgressPath } from './paths.ts'
import type { ProjectedEgress } from './projected-egress.ts'

/**
 * The changes of all addresses. The kept and lost addresses are the current addresses; the kept and added addresses are
 * the future addresses. A prefix is kept if the cluster uses any of its addresses before and after the change. `unknown`
 * contains addresses whose change is unknown at plan time.
 */
export function ipLedger(before: EgressAddress[], after: ProjectedEgress): EgressIpChange[] {
  const isUsedAfter = matcher(after.known)
  const isUsedBefore = matcher(before)
  const undecidedKeys = new Set(after.undecided.map(addressKey))
  const beforeKeys = new Set(before.map(addressKey))
  const fate = before.map((address) => entry(address, fateOf(address, isUsedAfter, undecidedKeys)))
  const added = after.known
    .filter((address) => !beforeKeys.has(addressKey(address)))
    .map((address) => entry(address, isUsedBefore(address) ? 'kept' : 'added'))
  const prepared = after.prepared.map(({ family, resourceId }) => newEntry(family, 'prepare', resourceId))
  const created = (['IPv4', 'IPv6'] as const).flatMap((family) =>
    Array.from({ length: after.created[family] }, () => newEntry(family, 'apply')),
  )
  const held = after.undecided
    .filter((address) => !beforeKeys.has(addressKey(address)))
    .map((address) => entry(address, 'unknown'))
  const hasUnknown = fate.some((entry) => entry.address === null)
  const unknown = after.unknowable && !hasUnknown ? [entry(unknownAddress(), 'unknown')] : []
  return [...fate, ...held, ...added, ...prepared, ...created, ...unknown]
}

/** The rows of a plan with which AKS does not change the egress: AKS then releases no address. */
export function withoutRelease(ledger: EgressIpChange[]): EgressIpChange[] {
  return ledger.map((row) => (row.change === 'lost' ? { ...row, recoverable: true } : row))
}

/** The rows with the effect of the deletions of the plan: a deleted public address cannot be recovered. */
export function withDeleted(ledger: EgressIpChange[], deletedIds: string[]): EgressIpChange[] {
  const deleted = new Set(deletedIds.map(idKey))
  return ledger.map((row) =>
    row.resourceId !== null && deleted.has(idKey(row.resourceId)) ? { ...row, recoverable: false } : row,
  )
}

/** The addresses among the deleted resources that no path uses. Others can still allow such an address. */
export function deletedUnused(
  deletedIds: string[],
  ledger: EgressIpChange[],
  snapshot: Snapshot,
): EgressAddress[] {
  const used = new Set(ledger.map(({ resourceId }) => idKey(resourceId ?? '')))
  return deletedIds
    .filter((id) => !used.has(idKey(id)))
    .map((id) => resolveAddress(id, snapshot))
    .filter(({ address }) => address !== null)
}

/**
 * The rows with the paths that use each address before and after the change, and whether a kept address gets further
 * packets. Addresses that AKS releases or the plan deletes although no path uses them have no paths.
 */
export function withUses(
  ledger: EgressIpChange[],
  { released, deletedIds }: { released: EgressAddress[]; deletedIds: string[] },
  paths: { before: EgressPath[]; after: EgressPath[] },
  moves: AddressMove[],
): EgressIpChange[] {
  const unused = withDeleted(
    released.map((address) => entry(address, 'lost')),
    deletedIds,
  )
  return [...ledger, ...unused].map((row) => ({
    ...row,
    usedBefore: usesOf(row, paths.before),
    usedAfter: usesOf(row, paths.after),
    ...(row.change === 'kept' && gainsTraffic(row.address, moves) ? { gainsTraffic: true } : {}),
  }))
}

/** The paths of an address. A new address without a resource has all paths that get new addresses. */
function usesOf(row: EgressIpChange, paths: EgressPath[]): AddressUse[] {
  return paths
    .filter(({ addresses }) => addresses.some((address) => isRow(address, row)))
    .map(({ subnetId, family, destination }) => ({ subnetId: subnetId || null, family, destination }))
}

function isRow(
  address: EgressAddress,
  { family, address: text, resourceId, change }: EgressIpChange,
): boolean {
  if (address.family !== family) return false
  if (text !== null) return address.address !== null && overlaps(address.address, text)
  if (change === 'unknown') return isUnknown(address)
  return resourceId === null ? address.created !== undefined : address.resourceId === resourceId
}

function fateOf(
  address: EgressAddress,
  isUsedAfter: (address: EgressAddress) => boolean,
  undecided: Set<string>,
): EgressIpChange['change'] {
  if (isUnknown(address)) return 'unknown'
  if (undecided.has(addressKey(address))) return 'unknown'
  return isUsedAfter(address) ? 'kept' : 'lost'
}

/** Tests whether an address or prefix is one of these, contains one, or is inside one. */
function matcher(addresses: EgressAddress[]): (address: EgressAddress) => boolean {
  const keys = new Set(addresses.map(addressKey))
  const texts = addresses.flatMap(({ address }) => address ?? [])
  return (address) =>
    keys.has(addressKey(address)) ||
    (address.address !== null && texts.some((text) => overlaps(text, address.address ?? '')))
}

/** Whether two addresses or prefixes have an address in common. Only a prefix can contain another text. */
function overlaps(left: string, right: string): boolean {
  if (left === right) return true
  if (!left.includes('/') && !right.includes('/')) return false
  return holdsAddress(left, right) || holdsAddress(right, left)
}

function entry(address: EgressAddress, change: EgressIpChange['change']): EgressIpChange {
  return {
    address: address.address,
    family: address.family,
    change,
    resourceId: address.resourceId,
    knownAt: change === 'unknown' ? 'apply' : 'plan',
    // AKS releases the addresses that it created, and a released address cannot be recovered (OLD_IP_LOST).
    recoverable: (change !== 'lost' && change !== 'unknown') || address.ownedBy === 'user',
  }
}

/** An address that does not exist yet: the plan creates it before the cutover, or AKS during the change. */
function newEntry(
  family: 'IPv4' | 'IPv6',
  knownAt: 'prepare' | 'apply',
  resourceId: string | null = null,
): EgressIpChange {
  return { address: null, family, change: 'added', resourceId, knownAt, recoverable: true }
}

/**
 * Whether other resources may use an address that the cluster no longer uses. It is shared, or it existed before the plan, and
 * the cluster used it only until a rollback.
 */
export function isOfOthers({ change, knownAt, usedBefore, recoverable, isShared }: EgressIpChange): boolean {
  if (change !== 'lost') return false
  return isShared === true || (knownAt === 'plan' && usedBefore?.length === 0 && recoverable)
}

/** The data of an address change that decides about firewalls. */
interface Advised extends Pick<EgressIpChange, 'change' | 'address' | 'gainsTraffic'> {
  isOfOthers: boolean
  /** Whether the change has been made. */
  isDone: boolean
}

/** The firewall change that an address change requires. */
export function addressAdvice({ change, address, gainsTraffic, isOfOthers, isDone }: Advised): AddressAdvice {
  switch (change) {
    case 'kept':
      if (gainsTraffic !== true) return 'keep'
      return isDone ? 'allowNow' : 'allowBefore'
    case 'added':
      if (address === null) return 'allowWhenKnown'
      return isDone ? 'allowNow' : 'allowBefore'
    case 'lost':
      if (isOfOthers) return 'checkAfter'
      return isDone ? 'removeNow' : 'removeAfter'
    case 'unknown':
      return 'checkAfter'
  }
}
