import type { CampaignPlanning } from '../../contract/campaign-planning.ts'
import type { Job } from '../../contract/job.ts'
import type { WaveState } from './campaign-state.ts'
import { DEFAULT_MAX_CONCURRENT } from './campaign-state.ts'
import { groupBySharing } from './sharing-members.ts'

/** The durations of each step that finished jobs have measured, in milliseconds. */
export function measureSteps(jobs: readonly Pick<Job, 'steps'>[]): Map<string, number[]> {
  const measured = new Map<string, number[]>()
  for (const { key, status, startedAt, finishedAt } of jobs.flatMap(({ steps }) => steps)) {
    if (status !== 'Succeeded' || startedAt === null || finishedAt === null) continue
    const durations = measured.get(key) ?? []
    durations.push(new Date(finishedAt).getTime() - new Date(startedAt).getTime())
    measured.set(key, durations)
  }
  return measured
}

const NOTE =
  'The estimate uses the step durations of finished jobs, the soak times of waves with changes, and the concurrency of the waves. It does not include the time that the campaign waits for gates, windows, and decisions.'

const NO_ESTIMATE = 'There is no estimate yet: no finished job contains the steps of these members.'

/** The data of an unfinished member that the estimate needs. */
export interface EstimatedMember {
  wave: number
  steps: readonly string[]
  /** Members that share a resource change one after the other. */
  shares: readonly string[]
}

/**
 * The estimated duration of these members over all waves. A wave changes as many members at a time as it allows, each
 * for the sum of the durations of its steps. A soak time lies between two waves that change clusters. Steps without a
 * measurement are named, and count as 0.
 */
export function estimateDuration(
  waves: readonly Pick<WaveState, 'settings' | 'startedAt'>[],
  members: readonly EstimatedMember[],
  jobs: readonly Pick<Job, 'steps'>[],
  hasHadJobs: (wave: number) => boolean = () => false,
): CampaignPlanning['duration'] {
  const measured = measureSteps(jobs)
  const needed = [...new Set(members.flatMap(({ steps }) => steps))].sort()
  const unmeasured = needed
    .filter((key) => !measured.has(key))
    .map((step) => ({ step, members: members.filter(({ steps }) => steps.includes(step)).length }))
  const measuredJobs = jobs.length
  if (needed.length === 0)
    return { total: null, because: 'No member has steps left.', measuredJobs, unmeasured }
  if (unmeasured.length === needed.length)
    return { total: null, because: NO_ESTIMATE, measuredJobs, unmeasured }
  const total = { p50Minutes: minutesOf(0.5), p90Minutes: minutesOf(0.9) }
  const steps = unmeasured.length === 1 ? '1 step' : `${unmeasured.length} steps`
  const because =
    unmeasured.length === 0
      ? NOTE
      : `${NOTE} It does not include ${steps} of \`unmeasured\`, which no finished job contains.`
  return { total, because, measuredJobs, unmeasured }

  function changes(index: number): boolean {
    return hasHadJobs(index) || members.some(({ wave }) => wave === index)
  }

  function minutesOf(share: number): number {
    const quantiles = new Map([...measured].map(([key, durations]) => [key, quantile(durations, share)]))
    const minutes = waves.map(({ settings }, index) => {
      const ofWave = members.filter(({ wave }) => wave === index)
      const durations = ofWave.map(({ steps }) =>
        steps.reduce((total, key) => total + (quantiles.get(key) ?? 0), 0),
      )
      const next = waves.find((_, later) => later > index && changes(later))
      const isSoaking = next?.startedAt === null && changes(index)
      const soak = isSoaking ? (settings.soakMinutes ?? 0) : 0
      const lanes = settings.maxConcurrent ?? DEFAULT_MAX_CONCURRENT
      return makespan(inTurn(durations, groupBySharing(ofWave)), lanes) / 60_000 + soak
    })
    return Math.round(minutes.reduce((total, wave) => total + wave, 0) * 10) / 10
  }
}

/** The durations of whole groups: the members of a group change one after the other. */
function inTurn(durations: readonly number[], groups: readonly number[]): number[] {
  const totals = new Map<number, number>()
  groups.forEach((group, index) => {
    totals.set(group, (totals.get(group) ?? 0) + (durations[index] ?? 0))
  })
  return [...totals.values()]
}

/** The time until the last item ends, if each item starts as soon as a lane is free. */
function makespan(durations: readonly number[], lanes: number): number {
  const ends = Array.from({ length: Math.min(lanes, Math.max(1, durations.length)) }, () => 0)
  for (const duration of durations) {
    const first = ends.indexOf(Math.min(...ends))
    ends[first] = (ends[first] ?? 0) + duration
  }
  return Math.max(0, ...ends)
}

/** The nearest-rank quantile. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
