import {
  DAYS_OF_WEEK,
  type MaintenanceConfiguration,
  type PlannedMaintenance,
} from '../../contract/maintenance.ts'
import { equalsArm } from '../arm/words.ts'
import { listed } from '../lib/text.ts'
import type { ReadResult } from '../snapshot/authorization-facts.ts'
import { type LocalDate, nextOpening, type RecurringWindow, toDateNumber, toLocalDate } from './openings.ts'

/** A configuration as read, before its description is added. */
export type MaintenanceFacts = Omit<MaintenanceConfiguration, 'summary'>

/**
 * The configurations in the order in which one of them applies to a job. Azure does not restrict requested changes to any of
 * them (planned-maintenance), so this service chooses. In the first window, the customer expects changes of the whole
 * cluster. The second one is for its nodes, the last one for releases of AKS.
 */
const ORDER = [
  ['aksManagedAutoUpgradeSchedule', 'cluster upgrades'],
  ['aksManagedNodeOSUpgradeSchedule', 'node OS upgrades'],
  ['default', 'AKS releases'],
] as const

/** The effect of the configurations of a cluster on its jobs. */
export function plannedMaintenance(
  read: ReadResult<MaintenanceConfiguration[]>,
  now: Date,
): PlannedMaintenance {
  if ('unread' in read)
    return {
      configurations: [],
      applies: null,
      nextOpensAt: null,
      because: `The maintenance configurations could not be read (${read.unread.reason}).`,
    }
  const configurations = read.facts
  const [chosen, purpose] = chooseConfiguration(configurations) ?? [null, null]
  if (chosen === null)
    return {
      configurations,
      applies: null,
      nextOpensAt: null,
      because:
        configurations.length === 0
          ? 'The cluster has no maintenance configuration.'
          : 'No maintenance configuration of the cluster allows a time that this service can determine.',
    }
  const opens = nextClusterOpening(chosen, now.getTime())
  return {
    configurations,
    applies: chosen.name,
    nextOpensAt: opens === null ? null : new Date(opens).toISOString(),
    because: `\`${chosen.name}\` is the window for ${purpose}. Azure also performs requested changes outside this window. A job waits for the window only if its request sets \`window\` to \`cluster\`.`,
  }
}

/** The configuration that applies, with its purpose; null if there is none with a known time. */
function chooseConfiguration(
  configurations: readonly MaintenanceConfiguration[],
): [MaintenanceConfiguration, string] | null {
  for (const [name, purpose] of ORDER) {
    const found = configurations.find(
      (configuration) => equalsArm(configuration.name, name) && configuration.recurrence !== null,
    )
    if (found !== undefined) return [found, purpose]
  }
  return null
}

/** The configuration that the window `cluster` of a job stands for; null if there is none. */
export function clusterWindowOf(
  configurations: readonly MaintenanceConfiguration[],
): MaintenanceConfiguration | null {
  return chooseConfiguration(configurations)?.[0] ?? null
}

/** The first moment from `earliest` on that the configuration allows; null if it is unknown or more than a year away. */
export function nextClusterOpening(configuration: MaintenanceFacts, earliest: number): number | null {
  const openings = toRecurringWindows(configuration).flatMap((window) => nextOpening(window, earliest) ?? [])
  return openings.length === 0 ? null : Math.min(...openings)
}

function toRecurringWindows(facts: MaintenanceFacts): RecurringWindow[] {
  const closed = facts.notAllowed.map(({ start, end }) => ({
    start: Date.parse(start),
    end: Date.parse(end),
  }))
  if (facts.recurrence === 'timeInWeek')
    return facts.hourSlots.flatMap(({ day, hours }) =>
      hours.map((hour) => ({
        zone: 'UTC',
        startTime: `${String(hour).padStart(2, '0')}:00`,
        durationHours: 1,
        opensOn: ({ weekday }: LocalDate) => weekday === day,
        closed,
      })),
    )
  const { startTime, durationHours, utcOffset } = facts
  const opensOn = dateRule(facts)
  if (startTime === null || durationHours === null || opensOn === null) return []
  return [{ zone: `UTC${utcOffset}`, startTime, durationHours, opensOn, closed }]
}

/**
 * The dates on which a window opens; null if ARM does not show them. An interval of more than one counts from the first
 * date on or after `startDate` (inferred). Without one, it is unknown which weeks or months are meant.
 */
function dateRule(facts: MaintenanceFacts): ((date: LocalDate) => boolean) | null {
  const { interval, daysOfWeek, dayOfMonth, weekIndex } = facts
  const first = facts.startDate === null ? null : toDateNumber(facts.startDate)
  if (interval < 1 || (interval > 1 && first === null)) return null
  const hasBegun = ({ number }: LocalDate) => first === null || number >= first
  const since = first ?? 0
  switch (facts.recurrence) {
    case 'daily':
      return (date) => hasBegun(date) && (date.number - since) % interval === 0
    case 'weekly':
      return (date) =>
        hasBegun(date) &&
        daysOfWeek.includes(date.weekday) &&
        Math.floor((date.number - since) / 7) % interval === 0
    case 'absoluteMonthly':
      return everyMonths(interval, first, ({ day }) => day === dayOfMonth)
    case 'relativeMonthly':
      return everyMonths(
        interval,
        first,
        (date) => daysOfWeek.includes(date.weekday) && isInWeek(date, weekIndex),
      )
    default:
      return null
  }
}

/** Two months contain every day of a month that AKS allows (1 to 31). */
const MAX_DAYS_TO_FIRST = 62

function everyMonths(interval: number, first: number | null, isDay: (date: LocalDate) => boolean) {
  if (first === null) return isDay
  const days = Array.from({ length: MAX_DAYS_TO_FIRST }, (_, index) => toLocalDate(first + index))
  const start = days.find(isDay)
  return (date: LocalDate) =>
    start !== undefined &&
    date.number >= start.number &&
    isDay(date) &&
    ((date.year - start.year) * 12 + date.month - start.month) % interval === 0
}

function isInWeek({ year, month, day }: LocalDate, weekIndex: MaintenanceFacts['weekIndex']): boolean {
  if (weekIndex === 'Last') return day > new Date(Date.UTC(year, month, 0)).getUTCDate() - 7
  const index = weekIndex === null ? -1 : ['First', 'Second', 'Third', 'Fourth'].indexOf(weekIndex)
  return Math.ceil(day / 7) === index + 1
}

/** The openings of the window, as text. */
export function summarize(facts: MaintenanceFacts): string {
  const except =
    facts.notAllowed.length === 0
      ? ''
      : `, except in ${facts.notAllowed.length} blocked period${facts.notAllowed.length === 1 ? '' : 's'}`
  if (facts.recurrence === null) return 'No time that this service knows'
  if (facts.recurrence === 'timeInWeek') {
    const slots = facts.hourSlots.map(
      ({ day, hours }) => `${day} ${hours.map((hour) => `${hour}:00`).join(', ')}`,
    )
    return `Weekly in the hours that begin at ${slots.join('; ')} (UTC)${except}`
  }
  const from = facts.startDate === null ? '' : `, from ${facts.startDate.slice(0, 10)}`
  return `${rhythm(facts)} at ${facts.startTime} (UTC${facts.utcOffset}) for ${facts.durationHours} h${from}${except}`
}

function rhythm({ recurrence, interval, daysOfWeek, weekIndex, dayOfMonth }: MaintenanceFacts): string {
  const every = (unit: string) => (interval === 1 ? `Every ${unit}` : `Every ${interval} ${unit}s`)
  const days = listed(DAYS_OF_WEEK.filter((day) => daysOfWeek.includes(day)))
  if (recurrence === 'daily') return every('day')
  if (recurrence === 'weekly') return `${every('week')} on ${days}`
  return recurrence === 'absoluteMonthly'
    ? `${every('month')} on day ${dayOfMonth}`
    : `${every('month')} on the ${String(weekIndex).toLowerCase()} ${days}`
}
