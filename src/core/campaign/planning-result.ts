import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import type { ConsumerRequest } from '../../contract/plan-request.ts'
import { isChanging, type MemberOutcome, presentFacts } from './campaign-addresses.ts'
import { mergeCosts } from './campaign-cost.ts'
import { compareText, mergeAddresses } from './merged-addresses.ts'
import { mergeAllowLists, mergeConsumers } from './merged-edits.ts'
import { mergeUnread } from './plan-coverage.ts'
import type { PlanFacts } from './plan-facts.ts'

type Result = Omit<CampaignPlanning, 'campaignId' | 'duration' | 'emptyWaves'>

/** What the request and the inventory add to the plans. */
interface MergeContext {
  consumers?: readonly ConsumerRequest[] | undefined
  /** Released addresses that the inventory shows in use. */
  inUse?: ReadonlySet<string>
}

/**
 * The plans of all members as one result. Edits, quotas and costs include only members that change. A member that does
 * not change only keeps its addresses.
 */
export function mergePlans(
  members: readonly MemberOutcome[],
  acknowledged: readonly string[],
  { consumers = [], inUse = new Set() }: MergeContext = {},
): Result {
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
  const addresses = mergeAddresses(members, inUse)
  const isUsed = ({ change, advice }: (typeof addresses)[number]) =>
    change !== 'lost' || advice === 'checkAfter'
  const stillUsed = new Set(addresses.filter(isUsed).map(({ address }) => address))
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
    ...mergeUnread(plans),
    addresses,
    addressesKnownLater: sum(changing.map(({ addressesKnownLater }) => addressesKnownLater)),
    allowLists: mergeAllowLists(members, stillUsed),
    ...(consumers.length === 0 ? {} : { consumers: mergeConsumers(members, stillUsed, consumers) }),
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

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

type MergedQuota = CampaignPlanning['publicIpQuotas'][number]

/** What the plan of a member read about one quota, and needs of it. */
interface Reading extends NonNullable<PlanFacts['quota']> {
  subscriptionId: string
  location: string
  /** Empty in plans of earlier versions. */
  readAt: string
  /** When the job of the member succeeded; null if it has not. */
  changedAt: string | null
}

/**
 * The public IP quotas of the members that change. Members can be planned again during the campaign: the newest usage counts,
 * and it includes the addresses of the jobs that had succeeded before.
 */
export function mergeQuotas(members: readonly MemberOutcome[]): MergedQuota[] {
  const quotas = new Map<string, Reading[]>()
  for (const reading of members.flatMap(toReading)) {
    const { subscriptionId, location, name } = reading
    const key = [subscriptionId.toLowerCase(), location, name].join(' ')
    const readings = quotas.get(key) ?? []
    quotas.set(key, readings)
    readings.push(reading)
  }
  return [...quotas.values()].flatMap(mergeReadings)
}

function toReading({ status, facts, changedAt = null }: MemberOutcome): Reading[] {
  if (facts === null || facts.verdict !== 'applicable' || facts.quota === null) return []
  const { subscriptionId, location, quota, plannedAt = '' } = facts
  return [
    {
      ...quota,
      subscriptionId,
      location,
      readAt: plannedAt,
      changedAt: status === 'Succeeded' ? changedAt : null,
    },
  ]
}

function mergeReadings(readings: readonly Reading[]): MergedQuota[] {
  const [newest] = readings.toSorted(
    (a, b) => Date.parse(b.readAt || OLDEST) - Date.parse(a.readAt || OLDEST) || b.current - a.current,
  )
  if (newest === undefined) return []
  const { subscriptionId, location, name, current, limit, readAt } = newest
  const isIncluded = ({ changedAt }: Reading) =>
    changedAt !== null && readAt !== '' && Date.parse(changedAt) < Date.parse(readAt)
  const needed = readings.filter((reading) => !isIncluded(reading)).map((reading) => reading.needed)
  const atPeak = needed.reduce((total, count) => total + count, current)
  const read = readAt === '' ? {} : { readAt }
  return [{ subscriptionId, location, name, current, limit, atPeak, ...read, exceeded: atPeak > limit }]
}

const OLDEST = '1970-01-01T00:00:00Z'
