import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import {
  type AddressChange,
  isChanging,
  isNewFor,
  isOfFamily,
  type MemberOutcome,
  memberAddresses,
  presentFacts,
} from './campaign-addresses.ts'
import { mergeCosts } from './campaign-cost.ts'
import { compareText, mergeAddresses } from './merged-addresses.ts'
import { mergeQuotas } from './merged-quotas.ts'
import type { PlanFacts } from './plan-facts.ts'

type Result = Omit<CampaignPlanning, 'campaignId' | 'duration' | 'emptyWaves'>

/**
 * The plans of all members as one result. Edits, quotas and costs include only members that change. A member that does
 * not change only keeps its addresses.
 */
export function mergePlans(members: readonly MemberOutcome[], acknowledged: readonly string[]): Result {
  const isLeftOut = ({ status }: MemberOutcome) => status === 'Skipped' || status === 'Canceled'
  const counted = members.filter((member) => !isLeftOut(member))
  // The plan is not blocked, but the member is: it could not be planned or started, or another member is in its way.
  const isHindered = ({ facts, status }: MemberOutcome) =>
    status === 'Blocked' && facts?.verdict !== 'blocked'
  const hindered = counted.filter(isHindered)
  const plans = counted.flatMap((member) => (isHindered(member) ? [] : (member.facts ?? [])))
  const present = (list: readonly MemberOutcome[]) =>
    list.flatMap((member) => {
      const facts = presentFacts(member)
      return facts?.verdict === 'applicable' ? [facts] : []
    })
  const changing = present(counted.filter(isChanging))
  const verdicts = { applicable: 0, blocked: hindered.length, noChange: 0 }
  for (const { verdict } of plans) verdicts[verdict]++
  const addresses = mergeAddresses(members)
  const stillUsed = new Set(addresses.filter(({ change }) => change !== 'lost').map(({ address }) => address))
  return {
    members: plans.length + hindered.length,
    leftOut: members.length - counted.length,
    verdicts,
    blockers: histogram(
      [...plans.map(({ blockers }) => blockers), ...hindered.map(({ code }) => code ?? [])].map((codes) =>
        [codes].flat(),
      ),
    ).map(([code, count]) => ({ code, members: count })),
    acknowledgements: histogram(
      plans.flatMap((plan) => (plan.verdict === 'applicable' ? [plan.acknowledgements] : [])),
    ).map(([code, count]) => ({
      code,
      members: count,
      acknowledged: isAcknowledged(code, counted, acknowledged),
    })),
    missingPermissions: histogram(plans.map(({ missingPermissions }) => missingPermissions)).map(
      ([action, count]) => ({ action, members: count }),
    ),
    addresses,
    addressesKnownLater: sum(changing.map(({ addressesKnownLater }) => addressesKnownLater)),
    allowLists: mergeAllowLists(
      members.map((member) => editsOf(member, stillUsed)),
      stillUsed,
    ),
    publicIpQuotas: mergeQuotas(counted.filter(isChanging)),
    cost: mergeCosts(changing),
  }
}

/** Whether the code is acknowledged for the campaign, or for each member with an applicable plan that requires it. */
function isAcknowledged(
  code: string,
  members: readonly MemberOutcome[],
  acknowledged: readonly string[],
): boolean {
  const requiring = members.filter(
    ({ facts }) => facts?.verdict === 'applicable' && facts.acknowledgements.includes(code),
  )
  const isAccepted = ({ acceptedCodes = [] }: MemberOutcome) => acceptedCodes.includes(code)
  return acknowledged.includes(code) || (requiring.length > 0 && requiring.every(isAccepted))
}

/** The number of lists that contain each word, the most frequent word first. */
function histogram(lists: readonly string[][]): [string, number][] {
  const counts = new Map<string, number>()
  for (const word of lists.flatMap((list) => [...new Set(list)]))
    counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || compareText(a, b))
}

/**
 * The edits of one member. A failed or canceled job, or a job before a retry or a rollback, can have changed the addresses
 * too. A list that such a job affected needs the addresses that have replaced those of the job.
 */
function editsOf(member: MemberOutcome, stillUsed: ReadonlySet<string>): PlanFacts['allowLists'] {
  const facts = isChanging(member) || member.actual !== undefined ? presentFacts(member) : null
  const former = (member.former ?? []).flatMap(({ allowLists }) => allowLists)
  const gained = memberAddresses(member).filter(isNewFor)
  return [
    ...(facts?.verdict === 'applicable' ? facts.allowLists : []),
    ...former.map((list) => ({ ...list, add: replacedEntries(list, gained, stillUsed), addLater: 0 })),
  ]
}

function replacedEntries(
  list: PlanFacts['allowLists'][number],
  gained: readonly AddressChange[],
  stillUsed: ReadonlySet<string>,
): string[] {
  const used = list.add.filter((entry) => stillUsed.has(entry))
  if (used.length === list.add.length) return used
  const listed = new Set(list.remove.flatMap(({ covers }) => covers))
  const others = gained.filter(({ address }) => !listed.has(address) && isOfFamily(address, list))
  return [...new Set([...used, ...others.map(({ address }) => address)])]
}

function mergeAllowLists(
  members: readonly PlanFacts['allowLists'][],
  stillUsed: ReadonlySet<string>,
): Result['allowLists'] {
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
  for (const [member, edited] of members.entries())
    for (const { resourceId, type, add, addLater, remove } of edited) {
      const key = resourceId.toLowerCase()
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
    .map(({ resourceId, type, members, add, later, remove, keep }) => ({
      resourceId,
      type,
      members: members.size,
      add: [...add].sort(),
      addLater: sum([...later.values()]),
      removeLater: [...remove].filter((entry) => !keep.has(entry)).sort(),
    }))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
