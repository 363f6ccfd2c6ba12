import type { CampaignIpChanges } from '../../contract/campaign.ts'
import { addressAdvice } from '../egress/ledger.ts'
import { toCidr } from '../lib/cidr.ts'
import {
  type AddressChange,
  isChanging,
  isNewFor,
  type MemberOutcome,
  memberAddresses,
  presentFacts,
} from './campaign-addresses.ts'

type MergedChange = Omit<CampaignIpChanges['items'][number], 'cidr'>

/** The maximum number of clusters that one address names. */
const MAX_NAMED = 100

/** Without an inventory, no address is known to be in use. */
const NONE: ReadonlySet<string> = new Set()

/** The addresses that members no longer use: the inventory can show that they, or other clusters, use them again. */
export function releasedAddresses(members: readonly MemberOutcome[]): string[] {
  const released = members
    .flatMap(memberAddresses)
    .flatMap(({ address, change, isDone }) => (change === 'lost' && isDone ? [address] : []))
  return [...new Set(released)]
}

/**
 * The changes of all members by address, in the order of the addresses, each with the firewall change that it requires.
 * `inUse`: the released addresses that the inventory shows in use.
 */
export function mergeAddresses(
  members: readonly MemberOutcome[],
  inUse: ReadonlySet<string> = NONE,
): MergedChange[] {
  const byAddress = new Map<string, MemberChange[]>()
  for (const member of members)
    for (const item of memberAddresses(member)) {
      const changes = byAddress.get(item.address) ?? []
      byAddress.set(item.address, changes)
      changes.push({ ...item, clusterId: member.clusterId })
    }
  const merged = [...byAddress.values()].map((changes) => mergeChanges(changes, inUse))
  return merged.sort((a, b) => compareText(a.address, b.address))
}

type MemberChange = AddressChange & Pick<MemberOutcome, 'clusterId'>

/**
 * What partners must do for one address. Each member can have its own partners, so an address that is new for one member
 * must be allowed although another member keeps or loses it. It can be removed only if no member uses it.
 */
function mergeChanges(changes: readonly MemberChange[], inUse: ReadonlySet<string>): MergedChange {
  const [first] = changes
  if (first === undefined) throw new Error('an address without a change')
  const { address, family } = first
  const newcomers = changes.filter(isNewFor)
  const change = strongest(changes)
  // A member that uses the new address already is urgent. What one member still uses is not removed.
  const isDone = newcomers.length > 0 ? newcomers.some(isMade) : changes.every(isMade)
  const advice = addressAdvice({
    address,
    change,
    gainsTraffic: newcomers.length > 0,
    isOfOthers: inUse.has(address) || changes.some(({ isOfOthers }) => isOfOthers === true),
    isDone,
  })
  return { address, family, change, advice, members: changes.length, ...newFor(newcomers) }
}

function isMade({ isDone }: AddressChange): boolean {
  return isDone
}

function newFor(newcomers: readonly MemberChange[]): Pick<MergedChange, 'newFor'> {
  if (newcomers.length === 0) return {}
  const clusterIds = newcomers.slice(0, MAX_NAMED).map(({ clusterId }) => clusterId)
  return { newFor: { count: newcomers.length, clusterIds } }
}

/** In the order of what partners must do: allow the address, check it, keep it, or remove it. */
function strongest(changes: readonly AddressChange[]): AddressChange['change'] {
  const has = (wanted: AddressChange['change']) => changes.some(({ change }) => change === wanted)
  if (has('added')) return 'added'
  if (changes.some(isNewFor)) return 'kept'
  // A member that did not use the address before may use it now.
  if (changes.some(({ change, isNew }) => change === 'unknown' && isNew === true)) return 'unknown'
  if (has('kept')) return 'kept'
  return has('unknown') ? 'unknown' : 'lost'
}

/** The merged changes of all members. */
export function campaignIpChanges(
  members: readonly MemberOutcome[],
  inUse: ReadonlySet<string> = NONE,
): Omit<CampaignIpChanges, 'campaignId'> {
  const later = members.map((member) =>
    isChanging(member) ? (presentFacts(member)?.addressesKnownLater ?? 0) : 0,
  )
  return {
    items: mergeAddresses(members, inUse).map((item) => ({ cidr: toCidr(item.address), ...item })),
    addressesKnownLater: later.reduce((total, count) => total + count, 0),
  }
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
