import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import type { MemberOutcome } from './campaign-addresses.ts'
import type { PlanFacts } from './plan-facts.ts'

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
