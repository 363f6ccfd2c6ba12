import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import type { ConsumerRequest } from '../../contract/plan-request.ts'
import { overlaps, rangeOf } from '../allow-lists/address-range.ts'
import {
  type AddressChange,
  isChanging,
  isNewFor,
  isOfFamily,
  type MemberOutcome,
  memberAddresses,
  presentFacts,
} from './campaign-addresses.ts'
import { compareText } from './merged-addresses.ts'
import type { EditedList } from './plan-facts.ts'

/** The lists of a plan that are merged: of Azure resources, or of consumers. */
type Kind = 'allowLists' | 'consumers'

interface MergedEdits extends Pick<EditedList, 'resourceId' | 'type' | 'add' | 'addLater'> {
  members: number
  removeLater: string[]
}

/** One list of edits for each Azure resource, over all members. */
export function mergeAllowLists(
  members: readonly MemberOutcome[],
  stillUsed: ReadonlySet<string>,
): CampaignPlanning['allowLists'] {
  return mergeEdits(members, 'allowLists', stillUsed)
}

/**
 * One list of edits for each requested consumer, over all members, in the order of the request. A consumer whose list has
 * addresses of some members is not concerned by members whose addresses it does not have.
 */
export function mergeConsumers(
  members: readonly MemberOutcome[],
  stillUsed: ReadonlySet<string>,
  requested: readonly ConsumerRequest[],
): NonNullable<CampaignPlanning['consumers']> {
  return requested.map(({ name, contact = null, addresses = [] }) => {
    const isListed = isIn(addresses)
    const known = new Set(members.filter((member) => currentAddresses(member).some(isListed)))
    const concerned =
      known.size === 0 ? members : members.filter((member) => known.has(member) || !isCompletelyKnown(member))
    const merged = mergeEdits(concerned, 'consumers', stillUsed)
    const edits = merged.find(({ resourceId }) => resourceId === name)
    const { members: count = 0, add = [], addLater = 0, removeLater = [] } = edits ?? {}
    return { name, contact, members: count, add, addLater, removeLater }
  })
}

/** The addresses that the cluster used before the campaign. */
function currentAddresses({ facts }: MemberOutcome): string[] {
  return (facts?.addresses ?? []).flatMap(({ address, change }) => (change === 'added' ? [] : [address]))
}

/** Whether the plan shows from which addresses the cluster sends its packets. */
function isCompletelyKnown(member: MemberOutcome): boolean {
  const isUnread = member.facts?.unread?.some(({ part }) => part === 'network') ?? false
  return currentAddresses(member).length > 0 && !isUnread
}

/** Whether an address is in a list of addresses and ranges. */
function isIn(entries: readonly string[]): (address: string) => boolean {
  const ranges = entries.flatMap((cidr) => rangeOf({ cidr }) ?? [])
  return (address) => {
    const range = rangeOf({ cidr: address })
    return range !== null && ranges.some((entry) => overlaps(entry, range))
  }
}

/**
 * The edits of one member. A failed or canceled job, or a job before a retry or a rollback, can have changed the addresses
 * too. A list that such a job affected needs the addresses that have replaced those of the job.
 */
function editsOf(member: MemberOutcome, kind: Kind, stillUsed: ReadonlySet<string>): EditedList[] {
  const facts = isChanging(member) || member.actual !== undefined ? presentFacts(member) : null
  const former = (member.former ?? []).flatMap((earlier) => earlier[kind] ?? [])
  const gained = memberAddresses(member).filter(isNewFor)
  return [
    ...(facts?.verdict === 'applicable' ? (facts[kind] ?? []) : []),
    ...former.map((list) => ({ ...list, add: replacedEntries(list, gained, stillUsed), addLater: 0 })),
  ]
}

function replacedEntries(
  list: EditedList,
  gained: readonly AddressChange[],
  stillUsed: ReadonlySet<string>,
): string[] {
  const used = list.add.filter((entry) => stillUsed.has(entry))
  if (used.length === list.add.length) return used
  const listed = new Set(list.remove.flatMap(({ covers }) => covers))
  const others = gained.filter(({ address }) => !listed.has(address) && isOfFamily(address, list))
  return [...new Set([...used, ...others.map(({ address }) => address)])]
}

function mergeEdits(
  members: readonly MemberOutcome[],
  kind: Kind,
  stillUsed: ReadonlySet<string>,
): MergedEdits[] {
  interface Edits {
    resourceId: string
    type: string
    members: Set<number>
    add: Set<string>
    later: Map<number, number>
    remove: Set<string>
    keep: Set<string>
  }
  const lists = new Map<string, Edits>()
  for (const [member, outcome] of members.entries())
    for (const { resourceId, type, add, addLater, remove } of editsOf(outcome, kind, stillUsed)) {
      const key = kind === 'consumers' ? resourceId : resourceId.toLowerCase()
      const edits: Edits = lists.get(key) ?? {
        resourceId,
        type,
        members: new Set(),
        add: new Set(),
        later: new Map(),
        remove: new Set(),
        keep: new Set(),
      }
      lists.set(key, edits)
      edits.members.add(member)
      for (const entry of add) edits.add.add(entry)
      // Several rules of one list wait for the same addresses.
      edits.later.set(member, Math.max(addLater, edits.later.get(member) ?? 0))
      for (const { entry, covers } of remove)
        if (covers.some((address) => stillUsed.has(address))) edits.keep.add(entry)
        else edits.remove.add(entry)
    }
  return [...lists.values()]
    .sort((a, b) => compareText(a.resourceId, b.resourceId))
    .map(({ resourceId, type, members: own, add, later, remove, keep }) => ({
      resourceId,
      type,
      members: own.size,
      add: [...add].sort(),
      addLater: [...later.values()].reduce((total, count) => total + count, 0),
      removeLater: [...remove].filter((entry) => !keep.has(entry)).sort(),
    }))
}
